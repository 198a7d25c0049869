extension Cache {
    /// Makes a value a miss from now on, in both tiers and for every node; true if there was one.
    ///
    /// It is no longer fresh, and may stand in for a load that fails, on every node, until its physical expiry: for as long as it would have lived if
    /// nobody had expired it. A value without stale life (``EntryOptions/maximumStaleness`` of zero) is removed. What is loaded at this moment is
    /// handed to those who wait for it, and not kept. A source that was left alone after a failure is asked again.
    ///
    /// Memory at once, then one exchange; if Redis is away, the journal notes it. With Redis and the format `plain`, which cannot say that an entry
    /// is stale, the value is removed from both tiers.
    ///
    /// - Throws: ``CacheError`` for an invalid key.
    @discardableResult
    public func expire(_ key: CacheKey) async throws -> Bool {
        let key = try admitted(key)
        counters.add(.expires, for: key)
        log.expire(key, backend: backend)
        var budget = RemoteBudget(configuration.remoteDeadline)
        if gate == nil || configuration.format == .envelope {
            return try await withdraw(key, by: .expiry, budget: &budget)
        }
        throttles.remove(key)
        return try await withdraw(key, by: .removal, budget: &budget)
    }
}
