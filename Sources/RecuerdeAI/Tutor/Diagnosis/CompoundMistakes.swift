/// Finds out what went wrong in a compound tense: the form of haber, or the participle.
struct CompoundMistakes {
    private let target: ExerciseTarget

    init(_ target: ExerciseTarget) {
        self.target = target
    }

    func diagnosis() -> AnswerDiagnosis? {
        guard let auxiliary = target.tense.auxiliary, let haber = Verb.haber else { return nil }
        let words = target.answer.split(separator: " ").map(String.init)
        guard words.count == 2, let first = words.first, let last = words.last else {
            // A form of haber alone.
            let isHaber = target.persons.contains { haber.forms(auxiliary, $0).contains(target.answer) }
            return isHaber ? .otherParticiple : nil
        }
        if target.verb.participles.contains(last) {
            return .otherAuxiliary
        }
        let isSubjunctive = SubjunctiveTense.allCases.contains { tense in
            tense.auxiliary == nil && GrammaticalPerson.allCases.contains { haber.forms(tense, $0).contains(first) }
        }
        if isSubjunctive {
            if last == target.verb.regularParticiple { return .regularParticiple }
            if let other = OtherVerbs.index.verb(ofParticiple: last), isOfRightPerson(first, haber, auxiliary) {
                return .otherVerb(other)
            }
            let isNear = target.verb.participles.contains { TypingDistance.isSmall(last, $0) }
            // An o that agrees with somebody is no slip of the pen, nor is another form of the verb.
            return isNear && !agrees(last) && !isOtherForm(last) ? .typingError : .otherParticiple
        }
        // he escribido: what stands after a form of haber in the indicative is no participle of this verb, or the answer
        // would have been read as it stands.
        let isIndicative = IndicativeTense.allCases.contains { tense in
            guard let of = tense.auxiliary else { return false }
            return GrammaticalPerson.allCases.contains { haber.forms(of, $0).contains(first) }
        }
        guard isIndicative else { return nil }
        if last == target.verb.regularParticiple { return .regularParticiple }
        if let other = OtherVerbs.index.verb(ofParticiple: last) { return .otherVerb(other) }
        return agrees(last) || isOtherForm(last) ? .otherParticiple : .unknown
    }

    private func isOfRightPerson(_ word: String, _ haber: Verb, _ auxiliary: SubjunctiveTense) -> Bool {
        target.persons.contains { haber.forms(auxiliary, $0).contains(word) }
    }

    private func isOtherForm(_ word: String) -> Bool {
        word == target.verb.infinitive.text || target.verb.gerunds.contains(word)
    }

    /// Whether a word is the participle with an ending that agrees with a noun: hablada, hablados.
    private func agrees(_ word: String) -> Bool {
        target.verb.participles.contains { participle in
            ["a", "os", "as"].contains { participle.dropLast() + $0 == word }
        }
    }
}
