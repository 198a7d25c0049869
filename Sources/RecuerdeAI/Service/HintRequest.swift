/// Asks for a hint that helps with an exercise without giving its answer away.
///
/// In JSON: `{"exercise","user_history"?,"language"?,"level"?,"records"?}`.
public struct HintRequest: Codable, Sendable, Hashable {
    /// The exercise.
    public var exercise: Exercise
    /// What the learner answered before, oldest first; part of the question, so that nobody gets a hint that was made
    /// for another learner's history. At most ``InputLimits/historyItems`` items.
    public var userHistory: [HistoryItem]
    /// The language to answer in.
    public var language: Language
    /// How much help: 1, what asks for the mood; 2, how the form comes about too; 3, a form to start from too. At most
    /// ``InputLimits/hintLevels``. nil stands for 2.
    public var level: Int?
    /// Records of the application that the answer is made of, each as `type:id`: when one of them changes, the answer is
    /// void. No part of the question: who asks the same gets the same answer, which carries the records of whoever asked
    /// first. At most ``InputLimits/records``, of at most ``InputLimits/record`` characters; identifiers, and nothing that
    /// a learner wrote.
    public var records: [String]?

    /// What a request without a level gets.
    static let defaultLevel = 2

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - exercise: The exercise.
    ///   - userHistory: What the learner answered before, oldest first.
    ///   - language: The language to answer in.
    ///   - level: How much help, from 1 to 3; nil stands for 2.
    ///   - records: Records of the application that the answer is made of.
    public init(
        exercise: Exercise,
        userHistory: [HistoryItem] = [],
        language: Language = .english,
        level: Int? = nil,
        records: [String]? = nil
    ) {
        self.exercise = exercise
        self.userHistory = userHistory
        self.language = language
        self.level = level
        self.records = records
    }

    enum CodingKeys: String, CodingKey {
        case exercise
        case userHistory = "user_history"
        case language
        case level, records
    }

    /// Reads the JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        exercise = try container.decode(Exercise.self, forKey: .exercise)
        userHistory = try container.decodeIfPresent([HistoryItem].self, forKey: .userHistory) ?? []
        language = try container.decodeIfPresent(Language.self, forKey: .language) ?? .english
        level = try container.decodeIfPresent(Int.self, forKey: .level)
        records = try container.decodeIfPresent([String].self, forKey: .records)
    }
}
