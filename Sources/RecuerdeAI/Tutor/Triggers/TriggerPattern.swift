/// The words of a trigger, in a small notation: `(no) {querer} que`.
///
/// - `{querer}`: any finite form of a verb;
/// - `<me>`: an object pronoun;
/// - `~`: one to three words of any kind;
/// - `a|b`: one or the other word;
/// - a part in parentheses may be missing.
///
/// Words stand folded: in lower case and without accents.
struct TriggerPattern: Sendable {
    private enum Element: Sendable {
        case words([String])
        case verb(String)
        case pronoun
        case some
    }

    private let elements: [(element: Element, isOptional: Bool)]

    init(_ notation: String) {
        elements = notation.split(separator: " ").map { part in
            let isOptional = part.hasPrefix("(")
            let part = isOptional ? part.dropFirst().dropLast() : part
            if part.hasPrefix("{") { return (.verb(String(part.dropFirst().dropLast())), isOptional) }
            if part.hasPrefix("<") { return (.pronoun, isOptional) }
            if part == "~" { return (.some, isOptional) }
            return (.words(part.split(separator: "|").map(String.init)), isOptional)
        }
    }

    /// The verbs whose forms it knows.
    var verbs: [String] {
        elements.compactMap { if case .verb(let verb) = $0.element { verb } else { nil } }
    }

    /// What the first word may be, as ``TriggerWord/keys`` have it: with optional parts at the beginning, several.
    var heads: [String] {
        var heads: [String] = []
        for (element, isOptional) in elements {
            switch element {
            case .words(let words): heads += words
            case .verb(let verb): heads.append("{\(verb)}")
            case .pronoun: heads.append("<me>")
            // No trigger begins with a word of any kind.
            case .some: break
            }
            if !isOptional { break }
        }
        return heads
    }

    /// How many words from `start` on it covers, the longest way; nil where it does not occur there.
    func length(in words: [TriggerWord], at start: Int) -> Int? {
        match(elements[...], words, start).map { $0 - start }
    }

    private func match(
        _ rest: ArraySlice<(element: Element, isOptional: Bool)>,
        _ words: [TriggerWord],
        _ place: Int
    ) -> Int? {
        guard let (element, isOptional) = rest.first else { return place }
        let after = rest.dropFirst()
        var end: Int?
        switch element {
        case .some:
            for count in [3, 2, 1] where end == nil && place + count <= words.count {
                end = match(after, words, place + count)
            }
        default:
            if place < words.count, Self.isMatch(element, words[place]) { end = match(after, words, place + 1) }
        }
        return end ?? (isOptional ? match(after, words, place) : nil)
    }

    private static func isMatch(_ element: Element, _ word: TriggerWord) -> Bool {
        switch element {
        case .words(let words): words.contains(word.text)
        case .verb(let verb): word.verbs.contains(verb)
        case .pronoun: pronouns.contains(word.text)
        case .some: true
        }
    }

    fileprivate static let pronouns: Set<String> = [
        "me", "te", "se", "le", "nos", "os", "les", "lo", "la", "los", "las",
    ]
}

/// A word of a trigger or a sentence, folded, and the verbs of triggers that it may be a form of.
struct TriggerWord: Sendable {
    let text: String
    let verbs: [String]

    /// Under which heads patterns that begin with it stand.
    var keys: [String] {
        [text] + verbs.map { "{\($0)}" } + (TriggerPattern.pronouns.contains(text) ? ["<me>"] : [])
    }
}
