/// What a learner did instead of giving the right answer, as far as the tutor can tell.
enum AnswerDiagnosis: Sendable, Hashable {
    case right
    /// Another form of the same verb, tense and person that is right Spanish too: `hablase` for `hablara`.
    case otherRightForm
    /// Only the accents differ. Carries the tense of the indicative that the answer's accents make of it, if any:
    /// `hablará` for `hablara`.
    case accentOnly(IndicativeTense?)
    /// Another form that is right would need another accent. Carries that form: `hablásemos`, where `hablasemos` was
    /// written for `habláramos`.
    case accentOfOtherForm(String)
    /// The dots over the ü of güe or güi are missing, or are too much; and perhaps accents differ too.
    case dotsOverU
    /// The right form with words around it that the exercise does not ask for, such as the subject.
    case extraWords
    /// The right form with a subject that it does not go with in this exercise.
    case otherSubject
    /// The right form without all the words that the exercise expects around it.
    case otherWords
    /// The right form without the pronoun that belongs to it, or with another one.
    case missingPronoun
    case otherPronoun
    /// The verb was left as an infinitive, a gerund or a participle.
    case infinitive
    case gerund
    case participleAlone
    /// An imperative that is no form of the subjunctive.
    case imperative
    /// The right verb and tense in other persons.
    case otherPerson([GrammaticalPerson])
    /// The right verb in another tense of the subjunctive.
    case otherTense(SubjunctiveTense)
    /// The right verb in the indicative.
    case indicative(IndicativeTense)
    /// The stem should have changed its vowel and did not, did and should not, or changed in another way.
    case missedStemChange
    case needlessStemChange
    case otherStemChange
    /// The ending is right, and the spelling before it does not keep the sound.
    case missedSpelling
    /// The form that the verb would have if it were regular.
    case regularised
    /// The right stem with the endings of another conjugation.
    case otherEndingClass
    /// A compound tense with something other than the right form of haber, or the participle alone.
    case otherAuxiliary
    case missingAuxiliary
    /// A compound tense with something other than the participle, or with a participle that was made by the rule where
    /// the verb has another.
    case otherParticiple
    case regularParticiple
    /// A form of another verb, whose infinitive it carries.
    case otherVerb(String)
    /// A letter or two too many, too few or changed.
    case typingError
    case unknown

    /// Diagnoses a normalised question.
    init(_ request: FeedbackRequest, conjugator: Conjugator) {
        let request = request.withoutEdgeMarks
        guard request.userAnswer != request.correctAnswer else {
            self = .right
            return
        }
        let comparison = AnswerComparison(request)
        let target = ExerciseTarget(request)
        // Before the accents: vos has hables and hablés.
        if RightForms.isRightToo(request) {
            self = .otherRightForm
        } else if let found = comparison.sameLetters() ?? comparison.sameForm(target) {
            self = found
        } else if let found = comparison.leftAsInfinitive() {
            self = found
        } else if let target, let found = Self.grammatical(target, comparison) {
            self = found
        } else {
            // Without the grammar, another ending may be another person or mood.
            let isTyping = comparison.isTypingError && (target != nil || comparison.hasRightEnding)
            self = isTyping ? .typingError : .unknown
        }
    }

    /// What the grammar of the verb tells, from the most certain to the least.
    private static func grammatical(_ target: ExerciseTarget, _ comparison: AnswerComparison) -> AnswerDiagnosis? {
        // Most of what is no form of the verb at all is told by its first letter, and costs no comparing.
        let first = Orthography.withoutAccents(String(target.answer.prefix(1))).first
        let isLikely =
            target.answer.contains(" ") || target.tense.auxiliary != nil
            || first.map(target.verb.firstLetters.contains) ?? false
        if isLikely, let found = ofOwnVerb(target, comparison) { return found }
        let others = OtherVerbs.index.verbs(of: target.answer, besides: target.verb, tense: target.tense)
        if let other = others.sameTense { return .otherVerb(other) }
        if TypingDistance.isSmall(target.answer, target.right) { return .typingError }
        return others.any.map { .otherVerb($0) }
    }

    private static func ofOwnVerb(_ target: ExerciseTarget, _ comparison: AnswerComparison) -> AnswerDiagnosis? {
        let readings = AnswerReadings(target)
        let mistakes = FormMistakes(target)
        // Before the accents: pense for piense is more likely a stem that was not changed than pensé.
        return readings.exact() ?? comparison.otherFormButForAccents(target) ?? mistakes.inStem()
            ?? readings.withoutAccents()
            ?? CompoundMistakes(target).diagnosis() ?? mistakes.diagnosis()
    }
}
