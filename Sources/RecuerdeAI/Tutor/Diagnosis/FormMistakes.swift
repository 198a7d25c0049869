/// Makes the forms that a learner makes who leaves out one of the things that the right form needs, and looks for the
/// answer among them.
struct FormMistakes {
    let target: ExerciseTarget
    private let answer: String

    init(_ target: ExerciseTarget) {
        self.target = target
        answer = Orthography.withoutAccents(target.answer)
    }

    /// A mistake of any kind, in the person asked for or in another.
    func diagnosis() -> AnswerDiagnosis? {
        let others = GrammaticalPerson.allCases.filter { !target.persons.contains($0) && $0 != .vos }
        return first(in: target.persons + others)
    }

    /// A mistake in the stem, in the person asked for, with the right ending.
    func inStem() -> AnswerDiagnosis? {
        first(in: target.persons).flatMap { $0 == .otherEndingClass ? nil : $0 }
    }

    private func first(in persons: [GrammaticalPerson]) -> AnswerDiagnosis? {
        guard target.tense.auxiliary == nil, !target.answer.contains(" ") else { return nil }
        for person in persons {
            let found = target.tense == .present ? inPresent(person) : inPast(person)
            if let found { return found }
        }
        return nil
    }

    var verb: Verb { target.verb }
    var infinitive: Infinitive { verb.infinitive }

    /// Whether the answer is a form of the verb as it is not.
    func isForm(
        _ person: GrammaticalPerson,
        changes: [StemChange?],
        accent: VerbLexicon.StemAccent = .none,
        keepsSound: Bool = true
    ) -> Bool {
        let mistaken = Verb(infinitive, changes: changes, accent: accent, keepsSound: keepsSound)
        return isAmong(mistaken.forms(target.tense, person))
    }

    func isAmong(_ forms: [String]) -> Bool {
        forms.contains { Orthography.withoutAccents($0) == answer }
    }

    static let everyChange: [StemChange?] = [.eToIe, .oToUe, .eToI, .uToUe, .iToIe]

    private func inPresent(_ person: GrammaticalPerson) -> AnswerDiagnosis? {
        let isIrregular = !(verb.irregularity?.presentStems.isEmpty ?? true)
        let takesZc = !isIrregular && verb.presentSubjunctiveStems(isStressed: true).contains { $0.hasSuffix("zc") }
        if isIrregular || takesZc {
            for changes in [[nil], verb.changes] {
                for keepsSound in [true, false] where isForm(person, changes: changes, keepsSound: keepsSound) {
                    return .regularised
                }
            }
            if isOfPresent(person) { return .regularised }
        } else {
            let changes = verb.changes.compactMap { $0 }
            if isForm(person, changes: verb.changes, keepsSound: false) { return .missedSpelling }
            for keepsSound in [true, false] {
                if !changes.isEmpty, isForm(person, changes: [nil], keepsSound: keepsSound) { return .missedStemChange }
                if !person.isStemStressed, !changes.isEmpty, isStressedStem(person, verb.changes, keepsSound) {
                    return .needlessStemChange
                }
                if isForm(person, changes: Self.everyChange, keepsSound: keepsSound)
                    || isClosedStem(person) || isStressedStem(person, Self.everyChange, keepsSound)
                {
                    return changes.isEmpty ? .needlessStemChange : .otherStemChange
                }
            }
        }
        return isOfOtherClassInPresent(person) ? .otherEndingClass : nil
    }

    /// Whether the answer is made of the stem of él in the indicative (oya, tiena), or has z for zc.
    private func isOfPresent(_ person: GrammaticalPerson) -> Bool {
        let ending = verb.presentSubjunctiveEndings[min(person.rawValue, 5)]
        var stems = verb.presentIndicative(.el).map { String($0.dropLast()) }
        stems += verb.presentSubjunctiveStems(isStressed: true).filter { $0.hasSuffix("zc") }.map {
            String($0.dropLast())
        }
        return isAmong(stems.map { $0 + ending })
    }

    /// Whether the answer has the vowel of the stressed persons in a person that does not stress the stem.
    private func isStressedStem(_ person: GrammaticalPerson, _ changes: [StemChange?], _ keepsSound: Bool) -> Bool {
        guard !person.isStemStressed else { return false }
        let mistaken = Verb(infinitive, changes: changes, keepsSound: keepsSound)
        let ending = verb.presentSubjunctiveEndings[min(person.rawValue, 5)]
        return isAmong(mistaken.presentSubjunctiveStems(isStressed: true).map { $0 + ending })
    }

    /// Whether the answer has the vowel of the other persons in one that stresses the stem: durma.
    private func isClosedStem(_ person: GrammaticalPerson) -> Bool {
        guard person.isStemStressed else { return false }
        let ending = verb.presentSubjunctiveEndings[min(person.rawValue, 5)]
        return isAmong(verb.presentSubjunctiveStems(isStressed: false).map { $0 + ending })
    }

    /// Whether the answer has a stem of the subjunctive, or that of yo, and an ending of the other conjugations.
    private func isOfOtherClassInPresent(_ person: GrammaticalPerson) -> Bool {
        let endings =
            infinitive.conjugation == .ar
            ? ["a", "as", "a", "amos", "ais", "an", "as"] : ["e", "es", "e", "emos", "eis", "en", "es"]
        var stems: [String] = verb.yoForms.filter { $0.hasSuffix("o") }.map { String($0.dropLast()) }
        for isStressed in [true, false] { stems += verb.presentSubjunctiveStems(isStressed: isStressed) }
        if infinitive.conjugation != .ar { stems += stems.map(Orthography.beforeE) }
        return isAmong(stems.map { $0 + endings[person.rawValue] })
    }
}
