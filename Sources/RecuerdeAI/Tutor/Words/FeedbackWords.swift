/// What is said of an answer: for each diagnosis several wordings, of which one is chosen by the question.
struct FeedbackWords {
    /// The learner's answer and the right one, in quotes.
    let given: String
    let right: String
    /// The infinitive of the exercise, where it is one.
    let infinitive: String?
    /// The same as the exercise names it: with the pronoun of acostarse.
    let named: String?
    /// The subject asked for.
    let person: GrammaticalPerson?
    /// Whether the exercise certainly asks for the present, or for a tense that is formed from the preterite.
    let isPresent: Bool
    let isPast: Bool

    /// The form that the answer is meant for, where only its accents keep it from being that form.
    let meant: String?

    /// Of a normalised request and what was found of it.
    init(_ request: FeedbackRequest, _ diagnosis: AnswerDiagnosis) {
        let target = ExerciseTarget(request)
        // Only where it is read as a form; no word that is none may be called one.
        meant = diagnosis.isReading ? target.flatMap { AnswerReadings($0).formWithOtherAccents() } : nil
        given = "«\(request.withoutEdgeMarks.userAnswer)»"
        right = "«\(request.correctAnswer)»"
        let exercise = request.exerciseContext
        infinitive = exercise.flatMap { Infinitive($0.verb)?.text }
        named = infinitive == nil ? nil : exercise?.verb
        person = exercise.flatMap { GrammaticalPerson(name: $0.person) }
        let tense = target?.tense
        isPresent = tense == .present
        isPast = tense == .imperfect || tense == .future
    }

    /// The answer as a form: as it is written rightly, with a word on the accent where the learner's is another.
    func form(in language: Language) -> String {
        guard let meant else { return given }
        let isAccented = Orthography.withoutAccents(meant) != meant
        return switch language {
        case .english: "«\(meant)», \(isAccented ? "with its accent" : "without an accent"),"
        case .spanish: "«\(meant)», \(isAccented ? "con su tilde" : "sin tilde"),"
        }
    }

    /// The infinitives that are named for another verb: ser and ir share their past, of which nobody can tell whose a
    /// form is; but who writes one for estar means ser.
    func name(of verb: String, or: String) -> String {
        let isShared = verb == "ser" && infinitive != "estar" && given.dropFirst().hasPrefix("fu")
        return isShared ? "ser \(or) ir" : verb
    }

    func wordings(_ diagnosis: AnswerDiagnosis, in language: Language) -> [String] {
        language == .english ? english(diagnosis) : spanish(diagnosis)
    }
}

extension AnswerDiagnosis {
    /// Whether the answer is read as a form of the verb.
    fileprivate var isReading: Bool {
        switch self {
        case .otherPerson, .otherTense, .indicative, .gerund, .participleAlone, .missingAuxiliary, .imperative: true
        default: false
        }
    }
}
