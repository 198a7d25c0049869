/// What a learner did instead of giving the right answer, as far as the tutor can tell.
enum AnswerDiagnosis: Sendable, Hashable {
    case right
    /// Another form of the same verb, tense and person that is right Spanish too: `hablase` for `hablara`.
    case otherRightForm
    /// Only the accents differ.
    case accentOnly
    /// The dots over the ü of güe or güi are missing, or are too much; and perhaps accents differ too.
    case dotsOverU
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
        // Before the accents: vos has hables and hablés.
        if Self.isRightToo(request, conjugator) {
            self = .otherRightForm
            return
        }
        if FoldedText.withoutAccents(answer) == FoldedText.withoutAccents(request.correctAnswer) {
            self = .accentOnly
            return
        }
        if answer.contains("gü") != request.correctAnswer.contains("gü"),
            FoldedText.withoutAccentsAndDots(answer) == FoldedText.withoutAccentsAndDots(request.correctAnswer)
        {
            self = .dotsOverU
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

    /// Whether an answer other than the expected one is as right: where usage has several forms for a verb, tense and
    /// person, and both are among them.
    private static func isRightToo(_ request: FeedbackRequest, _ conjugator: Conjugator) -> Bool {
        guard let exercise = request.exerciseContext, let infinitive = Infinitive(exercise.verb),
            !SubjunctiveTense.namesAnotherMood(exercise.tense)
        else { return false }
        var answer = request.userAnswer
        var right = request.correctAnswer
        if infinitive.isReflexive {
            let bare = (answer: withoutPronoun(answer), right: withoutPronoun(right))
            guard answer.dropLast(bare.answer.count) == right.dropLast(bare.right.count) else { return false }
            (answer, right) = bare
        }
        let asked = SubjunctiveTense(name: exercise.tense)
        let tenses = asked.map { [$0] } ?? SubjunctiveTense.allCases
        // Of a person that is not said, vos is left out: hablés is right for vos only.
        let person = GrammaticalPerson(name: exercise.person)
        let persons = person.map { [$0] } ?? GrammaticalPerson.allCases.filter { $0 != .vos }
        for tense in tenses {
            for person in persons {
                let forms = conjugator.forms(of: infinitive, tense: tense, person: person)
                if forms.contains(answer), forms.contains(right) { return true }
            }
        }
        // The forms in -ra and in -se stand side by side for every verb, also for one that the tutor does not know.
        guard asked == .imperfect || asked == .pluperfect, !conjugator.isKnown(infinitive) else { return false }
        return isOtherImperfect(answer, right)
    }

    /// Whether two answers differ in one word only, which ends in -ra in one and in -se in the other.
    private static func isOtherImperfect(_ answer: String, _ right: String) -> Bool {
        let answer = answer.split(separator: " ")
        let right = right.split(separator: " ")
        guard answer.count == right.count else { return false }
        let differing = zip(answer, right).filter { $0 != $1 }
        guard differing.count == 1, let (one, other) = differing.first else { return false }
        return ["", "s", "mos", "is", "n"].contains { ending in
            for (mark, otherMark) in [("ra", "se"), ("se", "ra")] where one.hasSuffix(mark + ending) {
                let stem = String(one.dropLast(mark.count + ending.count))
                if !stem.isEmpty, "\(stem)\(otherMark)\(ending)" == other { return true }
            }
            return false
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
