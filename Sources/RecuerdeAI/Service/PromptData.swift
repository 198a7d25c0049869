// What of a request a model gets to see; all of it is in the key too.

struct FeedbackData: Encodable, Sendable {
    let request: FeedbackRequest
    let isCorrect: Bool

    enum CodingKeys: String, CodingKey {
        case userAnswer = "user_answer"
        case correctAnswer = "correct_answer"
        case isCorrect = "is_correct"
        case isOtherRightForm = "is_other_right_form"
        case exercise
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(request.userAnswer, forKey: .userAnswer)
        try container.encode(request.correctAnswer, forKey: .correctAnswer)
        try container.encode(isCorrect, forKey: .isCorrect)
        // Whether the answer is another form of the verb, tense and person that is right Spanish too, as far as the
        // tutor can tell; found out here, so that a hit does not pay for it.
        let diagnosis = AnswerDiagnosis(request, conjugator: Conjugator())
        try container.encode(diagnosis == .otherRightForm, forKey: .isOtherRightForm)
        try container.encodeIfPresent(request.exerciseContext, forKey: .exercise)
    }
}

struct HintData: Encodable, Sendable {
    let exercise: Exercise
    let userHistory: [HistoryItem]
    let level: Int?

    /// Leaves the right answer out: a model that does not know it is less likely to say it.
    init(request: HintRequest) {
        var exercise = request.exercise
        exercise.correctAnswer = nil
        self.exercise = exercise
        userHistory = request.userHistory
        level = request.level
    }

    enum CodingKeys: String, CodingKey {
        case exercise
        case userHistory = "user_history"
        case level
    }
}

struct InsightsData: Encodable, Sendable {
    let userStats: UserStats
    let weakAreas: [WeakArea]

    init(request: InsightsRequest) {
        userStats = request.userStats
        weakAreas = request.weakAreas
    }

    enum CodingKeys: String, CodingKey {
        case userStats = "user_stats"
        case weakAreas = "weak_areas"
    }
}
