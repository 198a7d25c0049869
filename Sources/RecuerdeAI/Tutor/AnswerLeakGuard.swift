import Foundation

/// Tells whether a hint gives an exercise's answer away.
///
/// It looks for the right answer where the exercise carries it, and for every form of the verb in the tense asked for
/// that the tutor can think of, without regard to case, accents and Unicode form: as a word, and as the letters of
/// words that follow each other, whatever stands between them (`h-a-b-l-e`, `habl(e)`, `habl- + -e`, `habl<b>e</b>`).
///
/// Forms that are ordinary words of the hint's language (`una` of unir, `use` of usar) count only where they are set
/// apart, in quotes or emphasis: no hint could do without them. The exercise's own answer counts always.
struct AnswerLeakGuard: Sendable {
    /// Folded forms that must not occur, without their spaces.
    private let forms: Set<String>
    /// The same of forms that have several words.
    private let joinedForms: Set<String>
    /// Forms whose accent tells them from an ordinary word (`esté`, `dé`), as they are.
    private let accentedForms: Set<String>
    /// The right answer, as it is, where the exercise carries it.
    private let answer: String?
    /// Bytes of the longest form, folded or not.
    private let longest: Int

    /// Words of hints in Spanish and English that are forms of verbs too; folded.
    private static let ordinary: Set<String> = [
        "una", "unas", "entre", "use", "uses", "quite", "este", "de", "cosa", "cosas", "tema", "temas", "base", "bases",
        "note", "notes", "case", "cases", "cause", "causes", "are", "compare", "compares", "prepare", "prepares",
        "continue", "continues", "complete", "completes", "cite", "cites", "determine", "examine", "imagine", "combine",
        "invite", "observe", "observes", "date", "dates", "done",
    ]

    /// Words that stand side by side in ordinary text although they make a form together: `ve a`, `se a`, `un a`.
    private static let particles: Set<String> = [
        "a", "al", "an", "as", "da", "de", "di", "e", "el", "en", "es", "ha", "i", "is", "la", "le", "lo", "me",
        "mi", "no", "o", "or", "os", "se", "si", "so", "su", "te", "to", "tu", "un", "us", "va", "ve", "y", "ya", "yo",
    ]

    /// What stands around words that are set apart.
    private static let marks: Set<Character> = ["\"", "'", "«", "»", "“", "”", "‘", "’", "„", "‹", "›", "`", "*", "_"]

    private struct Word {
        /// As it is, and folded.
        var plain: String
        var folded: String
        /// Whether only a space parts it from the word before.
        var followsSpace: Bool
        /// Whether it stands alone between marks.
        var isSetApart: Bool
    }

    init(exercise: Exercise, conjugator: Conjugator = Conjugator()) {
        var all: Set<String> = []
        if let infinitive = Infinitive(exercise.verb) {
            let tenses = SubjunctiveTense(name: exercise.tense).map { [$0] } ?? SubjunctiveTense.allCases
            for tense in tenses { all.formUnion(conjugator.possibleForms(of: infinitive, tense: tense)) }
        }
        if let answer = exercise.correctAnswer { all.insert(InputText.answer(answer)) }
        var forms: Set<String> = []
        var joinedForms: Set<String> = []
        var accentedForms: Set<String> = []
        for form in all {
            let words = FoldedText.words(form)
            let folded = words.joined()
            guard !folded.isEmpty else { continue }
            if words.count > 1 { joinedForms.insert(folded) }
            forms.insert(folded)
            if Self.ordinary.contains(folded), form != folded { accentedForms.insert(form) }
        }
        answer = exercise.correctAnswer.map(InputText.answer)
        self.forms = forms
        self.joinedForms = joinedForms
        self.accentedForms = accentedForms
        longest = max(forms.map(\.utf8.count).max() ?? 0, accentedForms.map(\.utf8.count).max() ?? 0)
    }

    func givesAway(_ hint: String) -> Bool {
        let words = Self.words(hint)
        for start in words.indices {
            if isForm(words[start]) { return true }
            // The words from here on, joined, as long as a form can be.
            var plain = words[start].plain
            var folded = words[start].folded
            var isOrdinaryText = Self.particles.contains(folded)
            for word in words[(start + 1)...] {
                plain += word.plain
                folded += word.folded
                guard folded.utf8.count <= longest else { break }
                isOrdinaryText = isOrdinaryText && word.followsSpace && Self.particles.contains(word.folded)
                if joinedForms.contains(folded) { return true }
                if !isOrdinaryText, isForm(plain: plain, folded: folded) { return true }
            }
        }
        return false
    }

    private func isForm(_ word: Word) -> Bool {
        if Self.ordinary.contains(word.folded), !word.isSetApart, word.plain != answer {
            return accentedForms.contains(word.plain)
        }
        return forms.contains(word.folded)
    }

    private func isForm(plain: String, folded: String) -> Bool {
        forms.contains(folded) || accentedForms.contains(plain)
    }

    /// The runs of letters and digits of a text.
    private static func words(_ text: String) -> [Word] {
        // Full width letters and their like as ordinary ones; accents stay.
        let characters = Array(withoutTags(InputText.answer(text.precomposedStringWithCompatibilityMapping)))
        var words: [Word] = []
        var index = 0
        var end = 0
        while index < characters.count {
            guard characters[index].isLetter || characters[index].isNumber else {
                index += 1
                continue
            }
            let start = index
            while index < characters.count, characters[index].isLetter || characters[index].isNumber { index += 1 }
            let plain = String(characters[start..<index])
            let isSetApart =
                start > 0 && marks.contains(characters[start - 1]) && index < characters.count
                && marks.contains(characters[index])
            words.append(
                Word(
                    plain: plain,
                    folded: FoldedText.fold(plain),
                    followsSpace: start == end + 1 && characters[end] == " ",
                    isSetApart: isSetApart
                )
            )
            end = index
        }
        return words
    }

    /// The text without tags such as `<b>` and `</b>`.
    private static func withoutTags(_ text: String) -> String {
        var rest = text[...]
        var kept = ""
        while let open = rest.firstIndex(of: "<") {
            kept += rest[..<open]
            let tag = rest[open...].prefix(64)
            let first = tag.dropFirst().first
            if let close = tag.firstIndex(of: ">"), first == "/" || first?.isLetter == true {
                rest = rest[rest.index(after: close)...]
            } else {
                kept.append("<")
                rest = rest[rest.index(after: open)...]
            }
        }
        return kept + rest
    }
}
