extension Conjugator {
    /// Forms of the present indicative that the tutor is sure of, for recognising what a learner wrote instead.
    ///
    /// Verbs that are irregular there (`estar`, `ir`, those with a first person of their own) are left out as a whole.
    func presentIndicative(_ infinitive: Infinitive) -> Set<String> {
        let text = infinitive.text
        guard VerbLexicon.irregularPresent[text] == nil, VerbLexicon.presentStems[text] == nil,
            VerbLexicon.derived[text] == nil, VerbLexicon.accentedStems[text] == nil,
            VerbLexicon.stemChanges[text] != nil || VerbLexicon.regular.contains(text), text.last == "r",
            !infinitive.stem.hasSuffix("u")
        else { return [] }
        let stressed = VerbLexicon.stemChanges[text].map { changed(infinitive.stem, $0) } ?? infinitive.stem
        var forms: Set<String> = []
        switch infinitive.conjugation {
        case .ar:
            forms = [stressed + "o", stressed + "as", stressed + "a", stressed + "an"]
            forms.formUnion([infinitive.stem + "amos", infinitive.stem + "áis", infinitive.stem + "ás"])
        case .er:
            forms = [stressed + "es", stressed + "e", stressed + "en"]
            forms.formUnion([infinitive.stem + "emos", infinitive.stem + "éis", infinitive.stem + "és"])
        case .ir:
            forms = [stressed + "es", stressed + "e", stressed + "en"]
            forms.formUnion([infinitive.stem + "imos", infinitive.stem + "ís"])
        }
        return forms
    }

    /// What the present subjunctive would be if the verb were regular in stem and spelling.
    func unchangedPresent(_ infinitive: Infinitive, _ person: GrammaticalPerson) -> String {
        infinitive.stem + ending(infinitive, person)
    }
}
