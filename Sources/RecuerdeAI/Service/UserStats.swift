/// Figures about a learner's practice. Every figure may be missing; one that is there lies between 0 and
/// ``InputLimits/figure``.
///
/// In JSON, one flat object: the four named fields and up to ``InputLimits/furtherStatistics`` further numeric ones.
/// Further fields that are not numbers are ignored.
public struct UserStats: Codable, Sendable, Hashable {
    /// Exercises done.
    public var totalExercises: Double?
    /// Right answers, in percent: 0 to ``InputLimits/accuracy``.
    public var accuracy: Double?
    /// Time spent, in minutes.
    public var totalStudyTimeMinutes: Double?
    /// Sessions held.
    public var totalSessions: Double?
    /// Further figures by their JSON names.
    public var further: [String: Double]

    /// Makes figures; nil stands for "not known".
    public init(
        totalExercises: Double? = nil,
        accuracy: Double? = nil,
        totalStudyTimeMinutes: Double? = nil,
        totalSessions: Double? = nil,
        further: [String: Double] = [:]
    ) {
        self.totalExercises = totalExercises
        self.accuracy = accuracy
        self.totalStudyTimeMinutes = totalStudyTimeMinutes
        self.totalSessions = totalSessions
        self.further = further
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }

        static let totalExercises = Name(stringValue: "total_exercises")
        static let accuracy = Name(stringValue: "accuracy")
        static let totalStudyTimeMinutes = Name(stringValue: "total_study_time_minutes")
        static let totalSessions = Name(stringValue: "total_sessions")
        static let known: Set<String> = ["total_exercises", "accuracy", "total_study_time_minutes", "total_sessions"]
    }

    /// Reads the JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        totalExercises = try container.decodeIfPresent(Double.self, forKey: .totalExercises)
        accuracy = try container.decodeIfPresent(Double.self, forKey: .accuracy)
        totalStudyTimeMinutes = try container.decodeIfPresent(Double.self, forKey: .totalStudyTimeMinutes)
        totalSessions = try container.decodeIfPresent(Double.self, forKey: .totalSessions)
        further = [:]
        for name in container.allKeys where !Name.known.contains(name.stringValue) {
            guard let figure = try? container.decode(Double.self, forKey: name) else { continue }
            further[name.stringValue] = figure
        }
    }

    /// Writes the JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        // Further figures first: one that bears a named field's name must not take its place.
        for (name, figure) in further where !Name.known.contains(name) {
            try container.encode(figure, forKey: Name(stringValue: name))
        }
        try container.encodeIfPresent(totalExercises, forKey: .totalExercises)
        try container.encodeIfPresent(accuracy, forKey: .accuracy)
        try container.encodeIfPresent(totalStudyTimeMinutes, forKey: .totalStudyTimeMinutes)
        try container.encodeIfPresent(totalSessions, forKey: .totalSessions)
    }
}
