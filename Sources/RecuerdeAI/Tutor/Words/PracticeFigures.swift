/// The figures about a learner that can be true; what cannot counts as not known.
struct PracticeFigures: Sendable {
    let exercises: Double?
    let accuracy: Double?
    let minutesPerSession: Double?
    /// Areas that are not mastered, the weakest first.
    let weakAreas: [WeakArea]
    let hasBegun: Bool

    /// From this accuracy on an area is no longer weak.
    private static let mastered = 90.0

    init(_ request: InsightsRequest) {
        let stats = request.userStats
        let exercises = Self.sensible(stats.totalExercises, most: InputLimits.figure)
        self.exercises = exercises
        var names: Set<String> = []
        weakAreas = request.weakAreas
            .filter { area in
                // As it is shown: 89.6 is 90 %.
                area.accuracy.isFinite && (0..<Self.mastered).contains(area.accuracy.rounded())
                    && area.accuracy >= 0 && !area.area.isEmpty
            }
            .sorted { ($0.accuracy, $0.area) < ($1.accuracy, $1.area) }
            // Of two of one name the weaker counts.
            .filter { names.insert(FoldedText.fold($0.area)).inserted }
        let accuracy = Self.sensible(stats.accuracy, most: InputLimits.accuracy)
        // Of nothing, no share is right.
        self.accuracy = (exercises ?? 1) > 0 ? accuracy : nil
        minutesPerSession = Self.minutes(stats)
        // Whoever has done nothing has no weak areas, whatever the list says.
        let hasFigures = self.accuracy != nil || minutesPerSession != nil || !request.weakAreas.isEmpty
        hasBegun = exercises.map { $0 > 0 } ?? hasFigures
    }

    private static func minutes(_ stats: UserStats) -> Double? {
        guard let sessions = sensible(stats.totalSessions, most: InputLimits.figure), sessions >= 1,
            let minutes = sensible(stats.totalStudyTimeMinutes, most: InputLimits.figure), minutes > 0
        else { return nil }
        let average = minutes / sessions
        // No session is longer than a day.
        return average <= 24 * 60 ? average : nil
    }

    /// A figure that can be true; nil for one that cannot.
    private static func sensible(_ figure: Double?, most: Double) -> Double? {
        guard let figure, figure.isFinite, figure >= 0, figure <= most else { return nil }
        return figure
    }
}
