/// What a learner did instead of giving the right answer, as far as the tutor can tell.
enum AnswerDiagnosis: Sendable, Hashable {
    case right
    /// Only the accents differ.
    case accentOnly
    /// The verb was left as an infinitive.
    case infinitive
    /// The right verb and tense in another person.
    case otherPerson
    /// The right verb in another tense of the subjunctive.
    case otherTense(SubjunctiveTense)
    /// The present indicative of the right verb.
    case indicative
    /// The right ending on a stem that should have changed.
    case regularisedStem
    case unknown

    /// Diagnoses a normalised question.
    init(_ request: FeedbackRequest, conjugator: Conjugator) {
        let answer = request.userAnswer
        guard answer != request.correctAnswer else {
            self = .right
            return
        }
        guard
            FoldedText.fold(answer) != FoldedText.fold(request.correctAnswer)
                || answer.contains("ñ") != request.correctAnswer.contains("ñ")
        else {
            self = .accentOnly
            return
        }
        guard let exercise = request.exerciseContext, let infinitive = Infinitive(exercise.verb) else {
            self = .unknown
            return
        }
        let bare = infinitive.isReflexive ? Self.withoutPronoun(answer) : answer
        if answer == exercise.verb || bare == infinitive.text || answer == infinitive.text + "se" {
            self = .infinitive
            return
        }
        guard conjugator.isKnown(infinitive) else {
            self = .unknown
            return
        }
        let asked = SubjunctiveTense(name: exercise.tense)
        let tensesOfAnswer = SubjunctiveTense.allCases.filter { tense in
            GrammaticalPerson.allCases.contains { person in
                conjugator.forms(of: infinitive, tense: tense, person: person).contains(bare)
            }
        }
        if let asked, let person = GrammaticalPerson(name: exercise.person), tensesOfAnswer.contains(asked) {
            let isOfPerson = conjugator.forms(of: infinitive, tense: asked, person: person).contains(bare)
            self = isOfPerson ? .unknown : .otherPerson
        } else if let asked, let other = tensesOfAnswer.first, !tensesOfAnswer.contains(asked) {
            self = .otherTense(other)
        } else if tensesOfAnswer.isEmpty, !SubjunctiveTense.namesAnotherMood(exercise.tense),
            conjugator.presentIndicative(infinitive).contains(bare)
        {
            self = .indicative
        } else if tensesOfAnswer.isEmpty, asked == .present, let person = GrammaticalPerson(name: exercise.person),
            conjugator.unchangedPresent(infinitive, person) == bare
        {
            self = .regularisedStem
        } else {
            self = .unknown
        }
    }

    /// The answer without the pronoun of a reflexive verb before it.
    private static func withoutPronoun(_ answer: String) -> String {
        for pronoun in ["me ", "te ", "se ", "nos ", "os "] where answer.hasPrefix(pronoun) {
            return String(answer.dropFirst(pronoun.count))
        }
        return answer
    }
}
