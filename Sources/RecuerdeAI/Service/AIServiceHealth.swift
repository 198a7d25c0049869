public import Recuerde

/// How the service is doing; taken without a paid call.
public struct AIServiceHealth: Sendable {
    /// The state in one word.
    public enum Status: String, Sendable, Hashable {
        /// Everything that is configured works.
        case healthy
        /// Answers come, but Redis is away, the provider is suspended or on trial, or the day's money is spent.
        case degraded
        /// Redis is away and the provider is suspended or on trial too: only memory and the tutor are left.
        case unhealthy
        /// No provider is configured; the tutor answers.
        case disabled
    }

    /// The state in one word.
    public var status: Status
    /// Whether a provider is configured.
    public var configured: Bool
    /// The provider's name, `tutor` where none is configured.
    public var provider: String
    /// The model asked for feedback, the tutor's version where no provider is configured.
    public var model: String
    /// How the cache is doing.
    public var cache: CacheHealth
    /// What hits saved.
    public var savings: Savings
    /// What was asked of the provider.
    public var usage: UsageSnapshot
    /// What the breaker before the provider is doing.
    public var breaker: ProviderBreaker.Phase
    /// The day's money; nil where no limit is set.
    public var budget: BudgetStatus?
}
