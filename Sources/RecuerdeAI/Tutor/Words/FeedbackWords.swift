/// What is said of an answer: for each diagnosis several wordings, of which one is chosen by the question.
struct FeedbackWords {
    /// The learner's answer and the right one, in quotes.
    let given: String
    let right: String
    /// The infinitive of the exercise, where it is one.
    let infinitive: String?
    /// The subject asked for.
    let person: GrammaticalPerson?
    /// Whether the exercise certainly asks for the present, or for a tense that is formed from the preterite.
    let isPresent: Bool
    let isPast: Bool

    /// Of a normalised request.
    init(_ request: FeedbackRequest) {
        given = "«\(request.userAnswer)»"
        right = "«\(request.correctAnswer)»"
        let exercise = request.exerciseContext
        infinitive = exercise.flatMap { Infinitive($0.verb)?.text }
        person = exercise.flatMap { GrammaticalPerson(name: $0.person) }
        let tense = ExerciseTarget(request)?.tense
        isPresent = tense == .present
        isPast = tense == .imperfect || tense == .future
    }

    func wordings(_ diagnosis: AnswerDiagnosis, in language: Language) -> [String] {
        language == .english ? english(diagnosis) : spanish(diagnosis)
    }
}
