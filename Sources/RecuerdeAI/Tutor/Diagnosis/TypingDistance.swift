/// How many slips of the pen lie between two words: letters too many, too few, changed, or swapped with their neighbour.
enum TypingDistance {
    /// Whether two answers are so near that the difference is likely one of typing: one slip in three letters or more, two
    /// in seven or more; or none to the ear. Accents and case do not count.
    static func isSmall(_ answer: String, _ right: String) -> Bool {
        guard answer.count <= right.count + 8 else { return false }
        if right.count >= 3, sound(answer) == sound(right) { return true }
        let answer = Array(FoldedText.withoutAccents(answer))
        let right = Array(FoldedText.withoutAccents(right))
        let limit = right.count >= 7 ? 2 : 1
        // What is much longer costs time and cannot be near.
        guard right.count >= 3, abs(answer.count - right.count) <= limit else { return false }
        return between(answer, right) <= limit
    }

    /// A word as it sounds to most speakers of Spanish: v as b, ll as y, z and soft c as s, no h.
    static func sound(_ word: String) -> String {
        var sound = ""
        let letters = Array(FoldedText.withoutAccents(word))
        for (index, letter) in letters.enumerated() {
            let next = letters.indices.contains(index + 1) ? letters[index + 1] : " "
            let isSoft = next == "e" || next == "i"
            switch letter {
            case "h": continue
            case "v": sound.append("b")
            case "z": sound.append("s")
            case "c" where isSoft: sound.append("s")
            case "g" where isSoft: sound.append("j")
            case "l" where next == "l": continue
            case "l" where index > 0 && letters[index - 1] == "l": sound.append("y")
            default: sound.append(letter)
            }
        }
        return sound
    }

    /// The distance of Damerau and Levenshtein, for words in which no letters are swapped twice.
    static func between(_ one: [Character], _ other: [Character]) -> Int {
        var before: [Int] = []
        var last = Array(0...other.count)
        for (row, letter) in one.enumerated() {
            var next = [row + 1]
            for (column, otherLetter) in other.enumerated() {
                var least = min(last[column + 1] + 1, next[column] + 1, last[column] + (letter == otherLetter ? 0 : 1))
                if row > 0, column > 0, letter == other[column - 1], one[row - 1] == otherLetter {
                    least = min(least, before[column - 1] + 1)
                }
                next.append(least)
            }
            (before, last) = (last, next)
        }
        return last.last ?? 0
    }
}
