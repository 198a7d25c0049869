/// Asks what a learner should do next, given figures about the practice so far.
///
/// In JSON: `{"user_stats","weak_areas"?,"language"?,"records"?}`.
public struct InsightsRequest: Codable, Sendable, Hashable {
    /// The figures.
    public var userStats: UserStats
    /// Where the learner is weak. At most ``InputLimits/weakAreas`` areas.
    public var weakAreas: [WeakArea]
    /// The language to answer in.
    public var language: Language
    /// Records of the application that the answer is made of, each as `type:id`: when one of them changes, the answer is
    /// void. No part of the question: who asks the same gets the same answer, which carries the records of whoever asked
    /// first. At most ``InputLimits/records``, of at most ``InputLimits/record`` characters; identifiers, and nothing that
    /// a learner wrote.
    public var records: [String]?

    /// Makes a request.
    public init(
        userStats: UserStats,
        weakAreas: [WeakArea] = [],
        language: Language = .english,
        records: [String]? = nil
    ) {
        self.userStats = userStats
        self.weakAreas = weakAreas
        self.language = language
        self.records = records
    }

    enum CodingKeys: String, CodingKey {
        case userStats = "user_stats"
        case weakAreas = "weak_areas"
        case language, records
    }

    /// Reads the JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        userStats = try container.decode(UserStats.self, forKey: .userStats)
        weakAreas = try container.decodeIfPresent([WeakArea].self, forKey: .weakAreas) ?? []
        language = try container.decodeIfPresent(Language.self, forKey: .language) ?? .english
        records = try container.decodeIfPresent([String].self, forKey: .records)
    }
}
