/// The forms of the verbs that occur in triggers, made by rule.
enum TriggerVerbs {
    /// The verbs of a folded word.
    static func verbs(of word: String) -> [String] { byForm[word] ?? [] }

    private static let byForm: [String: [String]] = {
        var byForm: [String: [String]] = [:]
        let names = TriggerCatalogue.classes.flatMap { $0.patterns.flatMap(\.verbs) }
        for name in Set(names) {
            guard let verb = Infinitive(name).flatMap(Verb.init(known:)) else { continue }
            var forms: Set<String> = []
            for person in GrammaticalPerson.allCases {
                for tense in [IndicativeTense.present, .preterite, .imperfect, .future, .conditional] {
                    forms.formUnion(verb.forms(tense, person))
                }
                // quisiera que
                forms.formUnion(verb.forms(SubjunctiveTense.imperfect, person))
            }
            for form in Set(forms.map(FoldedText.fold)) { byForm[form, default: []].append(name) }
        }
        return byForm
    }()
}
