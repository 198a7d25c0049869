/// A verb whose forms can be made: its infinitive, and what sets it apart from the regular ones.
///
/// Pure: each form costs a few short strings.
struct Verb: Sendable {
    let infinitive: Infinitive
    /// What stands before the irregular verb of which it is made: the `ob` of obtener; empty for that verb itself.
    let prefix: String
    /// What is irregular in it.
    let irregularity: Irregularity?
    /// How its stem changes; several where usage has several ways, nil for no change.
    let changes: [StemChange?]
    let accent: VerbLexicon.StemAccent
    /// Whether the spelling keeps the sound of the stem. False only for making the mistake that a learner makes.
    let keepsSound: Bool

    /// The verb as the lexicon has it; nil for one that neither a list nor a rule covers.
    init?(known infinitive: Infinitive) {
        let text = infinitive.text
        let derived = VerbLexicon.derived[text]
        var irregularity = VerbLexicon.irregular[derived?.base ?? text]
        // conducir, condujeron: all in -ducir, and no others.
        if text.hasSuffix("ducir") { irregularity = Irregularity(past: "\(text.dropLast(3))je") }
        let changes = VerbLexicon.stemChanges(of: text)
        guard
            irregularity != nil || changes != nil || VerbLexicon.isAccented(text) || VerbLexicon.regular.contains(text)
                || VerbLexicon.isRegularByRule(infinitive)
        else { return nil }
        self.init(
            infinitive,
            prefix: derived?.prefix ?? "",
            irregularity: irregularity,
            changes: changes ?? [nil],
            accent: VerbLexicon.stemAccent(of: text)
        )
    }

    /// A verb with what is said of it, right or not.
    init(
        _ infinitive: Infinitive,
        prefix: String = "",
        irregularity: Irregularity? = nil,
        changes: [StemChange?] = [nil],
        accent: VerbLexicon.StemAccent = .none,
        keepsSound: Bool = true
    ) {
        self.infinitive = infinitive
        self.prefix = prefix
        self.irregularity = irregularity
        self.changes = changes
        self.accent = accent
        self.keepsSound = keepsSound
    }

    /// The verb haber, of which the compound tenses are made.
    static let haber: Verb? = Infinitive("haber").flatMap(Verb.init(known:))

    /// What stands before the ending of the infinitive.
    var stem: String { irregularity?.stem.map { prefix + $0 } ?? infinitive.stem }

    /// The forms of a tense of the subjunctive for one person, without pronouns; the first is the one to teach.
    func forms(_ tense: SubjunctiveTense, _ person: GrammaticalPerson) -> [String] {
        if let auxiliary = tense.auxiliary {
            return compound(Verb.haber?.forms(auxiliary, person) ?? [])
        }
        let regular =
            switch tense {
            case .present, .presentPerfect: presentSubjunctive(person)
            case .imperfect, .pluperfect: pastSubjunctive(["ra", "se"], person)
            case .future, .futurePerfect: pastSubjunctive(["re"], person)
            }
        return regular + VerbLexicon.furtherForms(infinitive.text, tense, person)
    }

    /// The same of a tense of the indicative.
    func forms(_ tense: IndicativeTense, _ person: GrammaticalPerson) -> [String] {
        if let auxiliary = tense.auxiliary {
            return compound(Verb.haber?.forms(auxiliary, person) ?? [])
        }
        return switch tense {
        case .present, .perfect: presentIndicative(person)
        case .preterite: preterite(person)
        case .imperfect, .pluperfect: imperfectIndicative(person)
        case .future, .futurePerfect: ofFutureStem(["é", "ás", "á", "emos", "éis", "án", "ás"], person)
        case .conditional, .conditionalPerfect:
            ofFutureStem(["ía", "ías", "ía", "íamos", "íais", "ían", "ías"], person)
        }
    }

    /// The letters, without accents, that simple forms begin with: what begins otherwise is none of them.
    var firstLetters: Set<Character> {
        var forms = [stem, infinitive.text] + yoForms + pastStems + imperfectIndicative(.yo) + participles + gerunds
        for person in [GrammaticalPerson.tu, .nosotros] { forms += presentIndicative(person) }
        for isStressed in [true, false] { forms += presentSubjunctiveStems(isStressed: isStressed) }
        forms += VerbLexicon.furtherForms(infinitive.text, .present, .nosotros)
        return Set((forms + imperatives).compactMap { Orthography.withoutAccents(String($0.prefix(1))).first })
    }

    private func compound(_ auxiliaries: [String]) -> [String] {
        let participles = participles
        return auxiliaries.flatMap { auxiliary in participles.map { "\(auxiliary) \($0)" } }
    }

    /// The participles; several where usage has several.
    var participles: [String] {
        VerbLexicon.irregularParticiples(of: infinitive) ?? [regularParticiple]
    }

    /// The participle that the rule gives.
    var regularParticiple: String {
        if infinitive.conjugation == .ar { return stem + "ado" }
        return stem + (Orthography.needsAccentedI(after: stem) ? "ído" : "ido")
    }
}

extension [String] {
    /// The elements without repetitions, in their order.
    var unique: [String] {
        count < 2 ? self : reduce(into: []) { all, next in if !all.contains(next) { all.append(next) } }
    }
}
