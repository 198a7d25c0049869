public import Recuerde

/// What the HTTP providers have in common besides their address, key and model.
public struct ProviderSettings: Sendable {
    /// How long one attempt may take, from connecting to the last byte.
    public var attemptTimeout: Duration
    /// How long a call may take with all its attempts and pauses.
    public var totalTimeout: Duration
    /// Most bytes read of an answer.
    public var maximumAnswerBytes: Int
    /// When a failed attempt is repeated; nil for the vendor's rules.
    public var retryPolicy: RetryPolicy?
    /// Where time is read and pauses are made.
    public var timeSource: any TimeSource
    /// The number in 0..<1 that spreads pauses.
    public var chance: @Sendable () -> Double

    /// Makes settings.
    public init(
        attemptTimeout: Duration = .seconds(12),
        totalTimeout: Duration = .seconds(20),
        maximumAnswerBytes: Int = 1_048_576,
        retryPolicy: RetryPolicy? = nil,
        timeSource: any TimeSource = SystemTimeSource(),
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.attemptTimeout = attemptTimeout
        self.totalTimeout = totalTimeout
        self.maximumAnswerBytes = maximumAnswerBytes
        self.retryPolicy = retryPolicy
        self.timeSource = timeSource
        self.chance = chance
    }
}
