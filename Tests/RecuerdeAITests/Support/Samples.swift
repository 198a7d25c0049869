import RecuerdeAI

/// Requests as learners' applications send them.
enum Samples {
    static let exercise = Exercise(
        verb: "hablar",
        tense: "present subjunctive",
        person: "yo",
        trigger: "espero que",
        sentence: "Espero que yo ___ bien."
    )

    static func feedback(_ answer: String = "hablo", right: String = "hable") -> FeedbackRequest {
        FeedbackRequest(userAnswer: answer, correctAnswer: right, exerciseContext: exercise)
    }

    static func hint(_ history: [HistoryItem] = []) -> HintRequest {
        var exercise = exercise
        exercise.correctAnswer = "hable"
        return HintRequest(exercise: exercise, userHistory: history)
    }

    static let insights = InsightsRequest(
        userStats: UserStats(totalExercises: 120, accuracy: 72, totalStudyTimeMinutes: 300, totalSessions: 12),
        weakAreas: [WeakArea(area: "imperfect subjunctive", accuracy: 40)]
    )
}
