/// One question to a model: fixed instructions, and the learner's material as one user message.
public struct ProviderRequest: Sendable, Hashable {
    /// The instructions; never contains anything that a learner wrote.
    public var system: String
    /// The message, in which what a learner wrote stands as escaped data.
    public var user: String
    /// The model.
    public var model: String
    /// Most tokens that the model may write.
    public var maximumTokens: Int
    /// How freely it words its answer.
    public var temperature: Double
    /// Whether a failed attempt may be repeated; a probe of a provider that was down may not.
    public var allowsRetry: Bool

    /// Makes a request.
    public init(
        system: String,
        user: String,
        model: String,
        maximumTokens: Int,
        temperature: Double,
        allowsRetry: Bool = true
    ) {
        self.system = system
        self.user = user
        self.model = model
        self.maximumTokens = maximumTokens
        self.temperature = temperature
        self.allowsRetry = allowsRetry
    }
}
