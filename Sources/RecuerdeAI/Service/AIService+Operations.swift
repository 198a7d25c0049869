public import Recuerde

extension AIService {
    /// How the service is doing. Costs no call to the provider and at most one short exchange with Redis.
    public func healthCheck() async -> AIServiceHealth {
        let cacheHealth = await cache.health()
        let phase = provider?.phase ?? .closed
        let budget = spending.status
        let isRedisAway = cacheHealth.configured && !cacheHealth.redis.available
        let status: AIServiceHealth.Status =
            if provider == nil {
                .disabled
            } else if isRedisAway, phase != .closed {
                .unhealthy
            } else if isRedisAway || phase != .closed || budget?.isSpent == true {
                .degraded
            } else {
                .healthy
            }
        return AIServiceHealth(
            status: status,
            configured: provider != nil,
            provider: identity.name,
            model: provider == nil ? identity.model : configuration.effective(.feedback).model ?? identity.model,
            cache: cacheHealth,
            savings: savings,
            usage: usage,
            breaker: phase,
            budget: budget
        )
    }

    /// Removes every kept answer under the cache's prefix; returns how many.
    ///
    /// - Throws: What `Cache.clear()` throws.
    public func clearCache() async throws -> Int {
        try await cache.clear()
    }

    /// What the cache counted.
    public func cacheStatistics() -> CacheStatistics {
        cache.statistics()
    }

    /// What was asked of the provider since the start.
    public var usage: UsageSnapshot {
        recorder.usage
    }

    /// What answers from the cache saved since the start.
    public var savings: Savings {
        recorder.savings
    }
}
