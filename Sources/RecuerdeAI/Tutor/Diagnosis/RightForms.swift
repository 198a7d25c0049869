/// Tells whether an answer other than the expected one is as right: where usage has several forms for a verb, tense and
/// person, and both are among them.
enum RightForms {
    /// Of a normalised request.
    static func isRightToo(_ request: FeedbackRequest) -> Bool {
        guard let exercise = request.exerciseContext, let infinitive = Infinitive(exercise.verb),
            !SubjunctiveTense.namesAnotherMood(exercise.tense)
        else { return false }
        let answer = SplitAnswer(request.userAnswer)
        let right = SplitAnswer(request.correctAnswer)
        // Only what stands before the form may be said in both, and it must be said alike.
        guard request.userAnswer.hasSuffix(answer.core), request.correctAnswer.hasSuffix(right.core),
            request.userAnswer.dropLast(answer.core.count) == request.correctAnswer.dropLast(right.core.count)
        else { return false }
        let asked = SubjunctiveTense(name: exercise.tense)
        let conjugator = Conjugator()
        // Of a person that is not said, vos is left out: hablés is right for vos only.
        let person = GrammaticalPerson(name: exercise.person)
        let persons = person.map { [$0] } ?? GrammaticalPerson.allCases.filter { $0 != .vos }
        for tense in asked.map({ [$0] }) ?? SubjunctiveTense.allCases {
            for person in persons {
                let forms = conjugator.forms(of: infinitive, tense: tense, person: person)
                if forms.contains(answer.core), forms.contains(right.core) { return true }
            }
        }
        // The forms in -ra and in -se stand side by side for every verb, also for one that the tutor does not know.
        guard asked == .imperfect || asked == .pluperfect, !conjugator.isKnown(infinitive) else { return false }
        return isOtherImperfect(answer.core, right.core)
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
                // What stands before is a, e or é, á: hablara, comiéramos.
                if let last = stem.last, "aeáé".contains(last), "\(stem)\(otherMark)\(ending)" == other { return true }
            }
            return false
        }
    }
}
