/// Forms Spanish verbs in the subjunctive, by rule where one holds and from ``VerbLexicon`` where none does.
///
/// Pure and fast: no form costs more than a few short strings.
struct Conjugator: Sendable {
    /// The forms of a verb for one person; more than one where usage has several (`hablara`, `hablase`). Empty for a
    /// verb that the tutor does not know. Pronouns of reflexive verbs are left out.
    func forms(of infinitive: Infinitive, tense: SubjunctiveTense, person: GrammaticalPerson) -> [String] {
        switch tense {
        case .present:
            isKnown(infinitive) ? present(infinitive, person, change: VerbLexicon.stemChanges[infinitive.text]) : []
        case .imperfect:
            isKnown(infinitive) || infinitive.conjugation == .ar
                ? imperfect(infinitive, person, change: VerbLexicon.stemChanges[infinitive.text]) : []
        case .presentPerfect, .pluperfect:
            isKnown(infinitive) || infinitive.conjugation == .ar
                || VerbLexicon.irregularParticiples(of: infinitive) != nil
                ? compound(infinitive, tense, person) : []
        }
    }

    /// Every form of a tense that a verb could have: for keeping hints from giving an answer away, where one form too
    /// many does no harm.
    ///
    /// Of a verb that the tutor knows the right ones are certainly among them. Any other is taken for regular, for one
    /// whose vowel changes, and for one made of an irregular verb with something before it.
    func possibleForms(of infinitive: Infinitive, tense: SubjunctiveTense) -> Set<String> {
        var forms: Set<String> = []
        for person in GrammaticalPerson.allCases {
            forms.formUnion(self.forms(of: infinitive, tense: tense, person: person))
            guard !isKnown(infinitive) else { continue }
            for change in [nil, .eToIe, .oToUe, .eToI, .uToUe] as [VerbLexicon.StemChange?] {
                switch tense {
                case .present: forms.formUnion(present(infinitive, person, change: change))
                case .imperfect: forms.formUnion(imperfect(infinitive, person, change: change))
                case .presentPerfect, .pluperfect: forms.formUnion(compound(infinitive, tense, person))
                }
            }
            forms.formUnion(formsAsDerived(infinitive, tense, person))
        }
        return forms
    }

    /// Whether the tutor is sure of the verb's forms.
    func isKnown(_ infinitive: Infinitive) -> Bool {
        let text = infinitive.text
        if VerbLexicon.irregularPresent[text] != nil || VerbLexicon.presentStems[text] != nil
            || VerbLexicon.derived[text] != nil || VerbLexicon.stemChanges[text] != nil
            || VerbLexicon.accentedStems[text] != nil || VerbLexicon.regular.contains(text)
        {
            return true
        }
        // No verb in -ecer but mecer and its kin, and none in -ducir, departs from the rule.
        return (text.hasSuffix("ecer") && !text.hasSuffix("mecer")) || text.hasSuffix("ducir")
    }

    /// A stem with its last vowel changed; a changed vowel at the beginning of a word takes a letter before it.
    func changed(_ stem: String, _ change: VerbLexicon.StemChange) -> String {
        let (from, to): (Character, String) =
            switch change {
            case .eToIe: ("e", "ie")
            case .oToUe: ("o", "ue")
            case .eToI: ("e", "i")
            case .uToUe: ("u", "ue")
            case .iToIe: ("i", "ie")
            }
        // In seguir the u only keeps the g hard; the vowel that changes is the e before it.
        guard let index = stem.lastIndex(of: from) else { return stem }
        let head = stem[..<index]
        let tail = stem[stem.index(after: index)...]
        var vowels = to
        if head.isEmpty {
            if to == "ie" { vowels = "ye" }
            if to == "ue" { vowels = "hue" }
        } else if to == "ue", head.last == "g" {
            vowels = "üe"
        }
        return head + vowels + tail
    }

    private func compound(
        _ infinitive: Infinitive,
        _ tense: SubjunctiveTense,
        _ person: GrammaticalPerson
    ) -> [String] {
        guard let have = Infinitive("haber") else { return [] }
        let auxiliaries = forms(of: have, tense: tense == .presentPerfect ? .present : .imperfect, person: person)
        return auxiliaries.flatMap { auxiliary in participles(of: infinitive).map { "\(auxiliary) \($0)" } }
    }

    func participles(of infinitive: Infinitive) -> [String] {
        if let irregular = VerbLexicon.irregularParticiples(of: infinitive) { return irregular }
        if infinitive.conjugation == .ar { return [infinitive.stem + "ado"] }
        let needsAccent = infinitive.stem.last.map { "aeo".contains($0) } ?? false
        return [infinitive.stem + (needsAccent ? "ído" : "ido")]
    }
}
