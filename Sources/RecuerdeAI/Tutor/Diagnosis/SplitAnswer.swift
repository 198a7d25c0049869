/// An answer taken apart: words before the verb, pronouns that belong to it, and the verb's form.
struct SplitAnswer: Sendable, Hashable {
    /// Words before those, such as the subject: `que ella`.
    let before: [String]
    /// Pronouns before the form, in their order: `se lo`.
    let pronouns: [String]
    /// The form: one word, or two of a compound tense.
    let core: String

    private static let leading: Set<String> = [
        "que", "yo", "tú", "él", "ella", "usted", "nosotros", "nosotras", "vosotros", "vosotras", "ellos", "ellas",
        "ustedes", "vos", "no", "ojalá",
    ]

    private static let clitics: Set<String> = ["me", "te", "se", "nos", "os", "lo", "la", "los", "las", "le", "les"]

    init(_ answer: String) {
        // Marks around an answer say nothing about the verb.
        var words = answer.split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "'" }[...]
        var before: [String] = []
        while let first = words.first, words.count > 1, Self.leading.contains(String(first)) {
            before.append(String(first))
            words.removeFirst()
        }
        self.before = before
        var pronouns: [String] = []
        while let first = words.first, words.count > 1, Self.clitics.contains(String(first)) {
            pronouns.append(String(first))
            words.removeFirst()
        }
        self.pronouns = pronouns
        core = words.joined(separator: " ")
    }
}
