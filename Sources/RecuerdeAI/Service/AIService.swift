public import Logging
public import Recuerde

/// Answers learners' questions through the cache: from memory, from Redis, from the provider, or from the tutor.
public final class AIService: Sendable {
    let cache: Cache

    /// Makes a service.
    public init(
        cache: Cache,
        provider: (any AIProvider)?,
        configuration: AIServiceConfiguration = .init(),
        timeSource: any TimeSource = SystemTimeSource(),
        logger: Logger? = nil
    ) {
        self.cache = cache
    }

    /// Says what to think of a learner's answer.
    ///
    /// - Throws: ``AIServiceError`` (`invalid`, `notCached`) or `CancellationError`; never because a provider failed.
    public func generateFeedback(
        _ request: FeedbackRequest,
        policy: RequestPolicy = .init()
    ) async throws -> FeedbackAnswer {
        throw AIServiceError(.notCached, message: "")
    }

    /// Answers many at once, in the order of the requests; a bad one fails alone.
    public func batchGenerateFeedback(
        _ requests: [FeedbackRequest],
        policy: RequestPolicy = .init()
    ) async -> [Result<FeedbackAnswer, any Error>] {
        []
    }

    /// Helps with an exercise without giving its answer away.
    public func generatePersonalizedHint(
        _ request: HintRequest,
        policy: RequestPolicy = .init()
    ) async throws -> HintAnswer {
        throw AIServiceError(.notCached, message: "")
    }

    /// Says what a learner should do next.
    public func generateLearningInsights(
        _ request: InsightsRequest,
        policy: RequestPolicy = .init()
    ) async throws -> InsightsAnswer {
        throw AIServiceError(.notCached, message: "")
    }

    /// How the service is doing.
    public func healthCheck() async -> AIServiceHealth {
        AIServiceHealth(
            status: .disabled,
            configured: false,
            provider: "",
            model: "",
            cache: await cache.health(),
            savings: Savings(),
            usage: UsageSnapshot(),
            breaker: .closed,
            budget: nil
        )
    }

    /// Removes every kept answer under the cache's prefix; returns how many.
    public func clearCache() async throws -> Int {
        try await cache.clear()
    }

    /// What the cache counted.
    public func cacheStatistics() -> CacheStatistics {
        cache.statistics()
    }

    /// What was asked of the provider since the start.
    public var usage: UsageSnapshot { UsageSnapshot() }

    /// What answers from the cache saved since the start.
    public var savings: Savings { Savings() }
}
