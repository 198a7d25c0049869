/// What an exercise asks for, where the tutor knows the verb and finds the expected answer among its forms.
///
/// Where it does not, the exercise and the tutor disagree about the grammar, and the tutor explains nothing.
struct ExerciseTarget: Sendable {
    let verb: Verb
    let tense: SubjunctiveTense
    /// The persons for which the expected form is right, of those that the exercise allows.
    let persons: [GrammaticalPerson]
    /// The learner's form and the right one, without pronouns and subjects.
    let answer: String
    let right: String

    /// Every form that is right: of one tense and person, usage may have several.
    var rightForms: [String] { persons.flatMap { verb.forms(tense, $0) }.unique }

    /// The right form that the answer is but for its accents; nil where it is none, or where its accents are right.
    var rightFormWithOtherAccents: String? {
        let forms = rightForms
        guard !forms.contains(answer) else { return nil }
        let folded = Orthography.withoutAccents(answer)
        return forms.first { Orthography.withoutAccents($0) == folded }
    }

    /// Of a normalised request.
    init?(_ request: FeedbackRequest) {
        guard let exercise = request.exerciseContext, !SubjunctiveTense.namesAnotherMood(exercise.tense),
            let verb = Infinitive(exercise.verb).flatMap(Verb.init(known:))
        else { return nil }
        let right = SplitAnswer(request.correctAnswer).core
        let stated = GrammaticalPerson(name: exercise.person)
        let possible = stated.map { [$0] } ?? GrammaticalPerson.allCases.filter { $0 != .vos }
        for tense in SubjunctiveTense(name: exercise.tense).map({ [$0] }) ?? SubjunctiveTense.allCases {
            let persons = possible.filter { verb.forms(tense, $0).contains(right) }
            guard !persons.isEmpty else { continue }
            self.verb = verb
            self.tense = tense
            self.persons = persons
            self.answer = SplitAnswer(request.userAnswer).core
            self.right = right
            return
        }
        return nil
    }
}
