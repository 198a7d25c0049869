/// Asks what a learner should do next, given figures about the practice so far.
///
/// In JSON: `{"user_stats","weak_areas"?,"language"?}`.
public struct InsightsRequest: Codable, Sendable, Hashable {
    /// The figures.
    public var userStats: UserStats
    /// Where the learner is weak. At most ``InputLimits/weakAreas`` areas.
    public var weakAreas: [WeakArea]
    /// The language to answer in.
    public var language: Language

    /// Makes a request.
    public init(userStats: UserStats, weakAreas: [WeakArea] = [], language: Language = .english) {
        self.userStats = userStats
        self.weakAreas = weakAreas
        self.language = language
    }

    enum CodingKeys: String, CodingKey {
        case userStats = "user_stats"
        case weakAreas = "weak_areas"
        case language
    }

    /// Reads the JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        userStats = try container.decode(UserStats.self, forKey: .userStats)
        weakAreas = try container.decodeIfPresent([WeakArea].self, forKey: .weakAreas) ?? []
        language = try container.decodeIfPresent(Language.self, forKey: .language) ?? .english
    }
}
