/// Forms Spanish verbs in the subjunctive, by rule where one holds and from ``VerbLexicon`` where none does.
///
/// Pure and fast: no form costs more than a few short strings.
struct Conjugator: Sendable {
    /// The forms of a verb for one person; more than one where usage has several (`hablara`, `hablase`). Empty for a
    /// verb that the tutor does not know. Pronouns of reflexive verbs are left out.
    func forms(of infinitive: Infinitive, tense: SubjunctiveTense, person: GrammaticalPerson) -> [String] {
        if let verb = Verb(known: infinitive) { return verb.forms(tense, person) }
        switch tense {
        case .present:
            return []
        case .imperfect, .future:
            // Verbs in -ar are regular there, whatever their stem does in the present.
            return infinitive.conjugation == .ar ? Verb(infinitive).forms(tense, person) : []
        case .presentPerfect, .pluperfect, .futurePerfect:
            let isCertain =
                infinitive.conjugation == .ar || VerbLexicon.irregularParticiples(of: infinitive) != nil
            return isCertain ? Verb(infinitive).forms(tense, person) : []
        }
    }

    /// Every form of a tense that a verb could have: for keeping hints from giving an answer away, where one form too
    /// many does no harm.
    ///
    /// Of a verb that the tutor knows these are the right ones. Any other is taken for regular, for one whose vowel
    /// changes or has an accent, and for one made of an irregular verb with something before it.
    func possibleForms(of infinitive: Infinitive, tense: SubjunctiveTense) -> Set<String> {
        var forms: Set<String> = []
        if let verb = Verb(known: infinitive) {
            for person in GrammaticalPerson.allCases { forms.formUnion(verb.forms(tense, person)) }
            return forms
        }
        let changes: [StemChange?] = [nil, .eToIe, .oToUe, .eToI, .uToUe]
        let guesses = [
            Verb(infinitive, changes: changes), Verb(infinitive, accent: .optional),
        ]
        for person in GrammaticalPerson.allCases {
            for guess in guesses { forms.formUnion(guess.forms(tense, person)) }
            forms.formUnion(formsAsDerived(infinitive, tense, person))
        }
        return forms
    }

    /// Whether the tutor is sure of the verb's forms.
    func isKnown(_ infinitive: Infinitive) -> Bool {
        Verb(known: infinitive) != nil
    }
}
