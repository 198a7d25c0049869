/// Finds the verb that a form belongs to, among those that the lexicon lists.
///
/// Made once, when the first answer needs it; a search costs a few look-ups, and the forms of the few verbs that
/// begin alike.
struct OtherVerbs: Sendable {
    static let index = OtherVerbs()

    /// Letters of the longest ending: iéramos.
    private static let longestEnding = 7

    /// The verbs that have forms with such a stem.
    private let byStem: [String: [String]]
    private let byParticiple: [String: String]

    private init() {
        var byStem: [String: [String]] = [:]
        var byParticiple: [String: String] = [:]
        // Before ir, ser, with which it shares its past; and pudrir before podrir, which is the same verb, and rarer.
        let later: Set<String> = ["ir", "podrir"]
        let texts = VerbLexicon.listed.sorted()
        for text in texts.filter({ !later.contains($0) }) + texts.filter(later.contains) {
            guard let verb = Infinitive(text).flatMap(Verb.init(known:)) else { continue }
            var stems = [verb.stem]
            for isStressed in [true, false] {
                stems += verb.presentSubjunctiveStems(isStressed: isStressed)
                stems += verb.vowelStems(isStressed: isStressed, closes: false)
            }
            // Without the vowels of the ending, which no stem ends in but those of one letter.
            stems += verb.pastStems.map { stem in
                stem.hasSuffix("ie") ? String(stem.dropLast(2)) : String(stem.dropLast())
            }
            for stem in Set(stems.map(Orthography.withoutAccents)) where !stem.isEmpty {
                byStem[stem, default: []].append(text)
            }
            for participle in verb.participles where byParticiple[participle] == nil { byParticiple[participle] = text }
        }
        self.byStem = byStem
        self.byParticiple = byParticiple
    }

    /// The first verb, in the order of the index, of which a word is a form in a tense of the subjunctive, and the
    /// first of which it is a form of the present or past at all.
    func verbs(
        of form: String,
        besides verb: Verb,
        tense: SubjunctiveTense
    ) -> (sameTense: String?, any: String?) {
        guard form.count <= 24, form.allSatisfy(\.isLetter) else { return (nil, nil) }
        let folded = Orthography.withoutAccents(form)
        var any: String?
        // Longer stems first: they leave fewer verbs.
        for length in stride(from: folded.count, to: max(0, folded.count - Self.longestEnding - 1), by: -1) {
            for text in byStem[String(folded.prefix(length))] ?? [] where text != verb.infinitive.text {
                guard let other = Infinitive(text).flatMap(Verb.init(known:)) else { continue }
                if GrammaticalPerson.allCases.contains(where: { other.forms(tense, $0).contains(form) }) {
                    return (text, text)
                }
                if any == nil, Self.hasForm(form, other) { any = text }
            }
        }
        return (nil, any)
    }

    /// The verb that has this participle.
    func verb(ofParticiple participle: String) -> String? { byParticiple[participle] }

    private static func hasForm(_ form: String, _ verb: Verb) -> Bool {
        GrammaticalPerson.allCases.contains { person in
            verb.forms(SubjunctiveTense.present, person).contains(form)
                || verb.forms(SubjunctiveTense.imperfect, person).contains(form)
                || verb.forms(IndicativeTense.present, person).contains(form)
                || verb.forms(IndicativeTense.preterite, person).contains(form)
        }
    }
}
