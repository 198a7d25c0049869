/// Keys of a cache, for operators.
public struct CacheKeyPage: Sendable, Hashable {
    /// Texts of keys, without the prefix, in no order.
    public var keys: [String]
    /// Whether there are more than were asked for.
    public var isTruncated: Bool
    /// Where they were read: `redis` or `memory`.
    public var source: String
}

extension Cache {
    /// Up to `limit` keys of this cache's prefix: from Redis by SCAN, or from memory where Redis does not answer.
    ///
    /// For operators. Costs a walk over the keys of the Redis database, page by page, until enough are found; at most
    /// 200 pages.
    public func keys(limit: Int = 100) async throws -> CacheKeyPage {
        try admit()
        let limit = max(0, min(limit, 10_000))
        if let gate {
            do {
                return try await remoteKeys(limit: limit, gate: gate)
            } catch {
                noteRemoteFailure(error, operation: "scan", key: nil)
                try rethrowIfAsked(error)
            }
        }
        let keys = memory.keys(limit: limit + 1)
        return CacheKeyPage(keys: Array(keys.prefix(limit)), isTruncated: keys.count > limit, source: "memory")
    }

    private func remoteKeys(limit: Int, gate: RemoteGate) async throws -> CacheKeyPage {
        var keys: Set<String> = []
        var cursor: String?
        for _ in 0..<200 {
            let from = cursor
            let page = try await gate.perform { tier, timeout in
                try await tier.scan(pattern: keySpace.pattern, cursor: from, count: 500, timeout: timeout)
            }
            keys.formUnion(page.names.compactMap(keySpace.keyText))
            cursor = page.cursor
            if cursor == nil || keys.count > limit { break }
        }
        return CacheKeyPage(
            keys: Array(keys.prefix(limit)),
            isTruncated: keys.count > limit || cursor != nil,
            source: "redis"
        )
    }
}
