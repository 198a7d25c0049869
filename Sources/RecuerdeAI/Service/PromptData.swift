// What of a request a model gets to see; all of it is in the key too.

struct FeedbackData: Encodable, Sendable {
    let userAnswer: String
    let correctAnswer: String
    let isCorrect: Bool
    let exercise: Exercise?

    init(request: FeedbackRequest, isCorrect: Bool) {
        userAnswer = request.userAnswer
        correctAnswer = request.correctAnswer
        self.isCorrect = isCorrect
        exercise = request.exerciseContext
    }

    enum CodingKeys: String, CodingKey {
        case userAnswer = "user_answer"
        case correctAnswer = "correct_answer"
        case isCorrect = "is_correct"
        case exercise
    }
}

struct HintData: Encodable, Sendable {
    let exercise: Exercise
    let userHistory: [HistoryItem]

    /// Leaves the right answer out: a model that does not know it is less likely to say it.
    init(request: HintRequest) {
        var exercise = request.exercise
        exercise.correctAnswer = nil
        self.exercise = exercise
        userHistory = request.userHistory
    }

    enum CodingKeys: String, CodingKey {
        case exercise
        case userHistory = "user_history"
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
