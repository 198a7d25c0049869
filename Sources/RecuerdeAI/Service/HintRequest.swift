/// Asks for a hint that helps with an exercise without giving its answer away.
///
/// In JSON: `{"exercise","user_history"?,"language"?}`.
public struct HintRequest: Codable, Sendable, Hashable {
    /// The exercise.
    public var exercise: Exercise
    /// What the learner answered before, oldest first; part of the question, so that nobody gets a hint that was made
    /// for another learner's history. At most ``InputLimits/historyItems`` items.
    public var userHistory: [HistoryItem]
    /// The language to answer in.
    public var language: Language

    /// Makes a request.
    public init(exercise: Exercise, userHistory: [HistoryItem] = [], language: Language = .english) {
        self.exercise = exercise
        self.userHistory = userHistory
        self.language = language
    }

    enum CodingKeys: String, CodingKey {
        case exercise
        case userHistory = "user_history"
        case language
    }

    /// Reads the JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        exercise = try container.decode(Exercise.self, forKey: .exercise)
        userHistory = try container.decodeIfPresent([HistoryItem].self, forKey: .userHistory) ?? []
        language = try container.decodeIfPresent(Language.self, forKey: .language) ?? .english
    }
}
