/// How answers of one kind are made and kept.
public struct KindConfiguration: Sendable, Hashable {
    /// How long an answer is fresh.
    public var timeToLive: Duration
    /// How long after that it may stand in while the provider fails.
    public var maximumStaleness: Duration
    /// Most tokens that the model may write, above zero.
    public var maximumTokens: Int
    /// How freely the model words its answer: 0 to 2, and at most 1 for Anthropic.
    public var temperature: Double
    /// The model for this kind; nil takes the provider's.
    public var model: String?

    /// Makes a configuration.
    public init(
        timeToLive: Duration,
        maximumStaleness: Duration = .seconds(86_400),
        maximumTokens: Int,
        temperature: Double,
        model: String? = nil
    ) {
        self.timeToLive = timeToLive
        self.maximumStaleness = maximumStaleness
        self.maximumTokens = maximumTokens
        self.temperature = temperature
        self.model = model
    }
}
