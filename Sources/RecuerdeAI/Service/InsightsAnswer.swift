/// What a learner should do next.
public struct InsightsAnswer: Codable, Sendable, Hashable {
    /// One to ``InputLimits/insights`` pieces of advice, the most helpful first.
    public var insights: [String]
    /// Where they came from.
    public var provenance: AnswerProvenance

    /// Makes an answer.
    public init(insights: [String], provenance: AnswerProvenance) {
        self.insights = insights
        self.provenance = provenance
    }
}
