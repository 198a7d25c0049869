/// Looks that count against a caller's patience.
extension Cache {
    /// Looks in both tiers until a moment; nil where that has come first, or neither tier has anything for this caller.
    ///
    /// The exchange is given up then, and not cut short beforehand: one that had no time to be answered would count against the remote
    /// tier.
    func find<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        _ options: EntryOptions,
        until end: MonotonicInstant?
    ) async throws -> Found<Value>? {
        guard let end else { return try await find(key, as: type, options) }
        let left = timeSource.now().duration(to: end)
        guard left > .zero else { return nil }
        do {
            return try await LoadRace.run(timeout: left, timeSource: timeSource, watch: deadlines) {
                try await self.find(key, as: type, options)
            }
        } catch let error as CacheError where error.code == .loadTimedOut {
            return nil
        }
    }
}
