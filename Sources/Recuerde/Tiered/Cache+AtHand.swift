/// For the products of this package that answer with what is kept, and make what is not by themselves.
extension Cache {
    /// A fresh value that memory may serve at this moment, and where it came from: counted as a hit. Nil where anything else has to be
    /// asked, or loaded; nothing is counted then, since that is the next step. Does not suspend.
    ///
    /// - Throws: ``CacheError`` for an invalid key, or a cache that is closed.
    package func atHand<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type = Value.self
    ) throws -> CacheResult<Value>? {
        let key = try admitted(key)
        let now = timeSource.now()
        guard asksMemoryFirst, let found = held(key, as: type, now: now), found.isFresh(at: now, maximumAge: nil),
            mayServe(found.entry, of: key, now: now)
        else { return nil }
        counters.add(.memoryHits, for: key)
        counters.add(.hits, for: key)
        log.hit(key, backend: found.source.rawValue)
        return found.result(at: now)
    }

    /// Civil time, as this cache reads it.
    package var unixTime: UnixTime { timeSource.unixTime() }
}
