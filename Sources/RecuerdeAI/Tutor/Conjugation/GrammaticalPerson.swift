/// The grammatical persons of Spanish, in the order of a paradigm.
enum GrammaticalPerson: Int, Sendable, Hashable, CaseIterable {
    case yo, tu, el, nosotros, vosotros, ellos, vos

    private static let names: [GrammaticalPerson: [String]] = [
        .yo: ["yo", "1s", "first person singular", "primera persona del singular"],
        .tu: ["tu", "2s", "second person singular", "segunda persona del singular"],
        .el: [
            "el", "ella", "usted", "ud", "uno", "3s", "third person singular", "tercera persona del singular",
        ],
        .nosotros: ["nosotros", "nosotras", "1p", "first person plural", "primera persona del plural"],
        .vosotros: ["vosotros", "vosotras", "2p", "second person plural", "segunda persona del plural"],
        .ellos: ["ellos", "ellas", "ustedes", "uds", "3p", "third person plural", "tercera persona del plural"],
        .vos: ["vos"],
    ]

    /// Words beside a pronoun that name no other person: `nosotros/as`, `usted (formal)`, `él o ella`.
    private static let fillers: Set<String> = ["as", "o", "or", "formal", "informal"]

    /// Reads a person's name: a pronoun, several of one person (`él/ella/usted`), a number (`3s`), or the words; nil
    /// for anything else, since `Juan y yo` is not `yo` and `tu hermano` not `tú`.
    init?(name: String) {
        if let person = Self.named(FoldedText.words(name)) {
            self = person
            return
        }
        var found: Set<GrammaticalPerson> = []
        for part in name.split(whereSeparator: { "/,;|()".contains($0) }) {
            let words = FoldedText.words(String(part)).filter { !Self.fillers.contains($0) }
            if let person = Self.named(words) {
                found.insert(person)
                continue
            }
            for word in words {
                guard let person = Self.named([word]) else { return nil }
                found.insert(person)
            }
        }
        guard found.count == 1, let person = found.first else { return nil }
        self = person
    }

    private static func named(_ words: [String]) -> GrammaticalPerson? {
        let text = words.joined(separator: " ")
        return names.first { $0.value.contains(text) }?.key
    }

    var pronoun: String {
        switch self {
        case .yo: "yo"
        case .tu: "tú"
        case .el: "él/ella/usted"
        case .nosotros: "nosotros"
        case .vosotros: "vosotros"
        case .ellos: "ellos/ellas/ustedes"
        case .vos: "vos"
        }
    }

    /// Whether the stress lies on the stem in the present, where a stem vowel changes.
    var isStemStressed: Bool {
        switch self {
        case .yo, .tu, .el, .ellos: true
        case .nosotros, .vosotros, .vos: false
        }
    }
}
