/// Reads an answer as a form of the exercise's own verb.
struct AnswerReadings {
    private let target: ExerciseTarget
    private let isCompound: Bool

    init(_ target: ExerciseTarget) {
        self.target = target
        isCompound = target.answer.contains(" ")
    }

    /// As it is written.
    func exact() -> AnswerDiagnosis? {
        read { $0.contains(target.answer) }
    }

    /// As it would be with other accents.
    func withoutAccents() -> AnswerDiagnosis? { readWithoutAccents()?.diagnosis }

    /// The form that the answer would be with other accents; nil where it is a form as it stands, or none at all.
    func formWithOtherAccents() -> String? { exact() == nil ? readWithoutAccents()?.form : nil }

    private func readWithoutAccents() -> (diagnosis: AnswerDiagnosis, form: String)? {
        let folded = FoldedText.withoutAccents(target.answer)
        var form = ""
        let diagnosis = read { forms in
            // A letter with an accent takes two bytes: what is much longer need not be looked at.
            let found = forms.first { form in
                (0...2).contains(form.utf8.count - folded.utf8.count) && Orthography.withoutAccents(form) == folded
            }
            if let found { form = found }
            return found != nil
        }
        return diagnosis.map { ($0, form) }
    }

    private func read(_ isAmong: ([String]) -> Bool) -> AnswerDiagnosis? {
        let verb = target.verb
        let persons = GrammaticalPerson.allCases.filter { isAmong(verb.forms(target.tense, $0)) }
        if !persons.isEmpty { return persons.contains(where: target.persons.contains) ? nil : .otherPerson(persons) }
        for tense in SubjunctiveTense.allCases
        where tense != target.tense && (tense.auxiliary != nil) == isCompound {
            if GrammaticalPerson.allCases.contains(where: { isAmong(verb.forms(tense, $0)) }) {
                return .otherTense(tense)
            }
        }
        for tense in indicativeTenses {
            if GrammaticalPerson.allCases.contains(where: { isAmong(verb.forms(tense, $0)) }) {
                return .indicative(tense)
            }
        }
        guard !isCompound else { return nil }
        if isAmong(verb.gerunds) { return .gerund }
        if isAmong(verb.participles) { return target.tense.auxiliary == nil ? .participleAlone : .missingAuxiliary }
        return isAmong(verb.imperatives) ? .imperative : nil
    }

    /// The tenses that the answer could be of. Some forms are of two (hablamos): what is nearer in time to what is asked
    /// for counts.
    private var indicativeTenses: [IndicativeTense] {
        let tenses = IndicativeTense.allCases.filter { $0.isCompound == isCompound }
        switch target.tense {
        case .imperfect, .pluperfect: return [.preterite] + tenses.filter { $0 != .preterite }
        default: return tenses
        }
    }
}
