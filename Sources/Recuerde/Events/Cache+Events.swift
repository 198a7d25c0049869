extension Cache {
    /// What happens in this cache from now on: hits and misses, loads, writes, invalidations and by whom, evictions, the state of Redis, the journal.
    ///
    /// ```swift
    /// for await event in cache.events() where event.kind == .loadFailed {
    ///     report(event.error)
    /// }
    /// ```
    ///
    /// Each sequence has a buffer of its own. Where its reader is too slow, the oldest events are dropped, and it is told how many, in their place, by
    /// an event of kind ``CacheEvent/Kind/missed``. It ends when the cache is closed (``close()``) or let go of, once what is in the buffer was
    /// read, and when the reading task is cancelled. It does not keep the cache alive.
    ///
    /// Events stand where statistics are counted, and agree with them. They carry keys: see ``CacheEvent``.
    ///
    /// Nobody who uses the cache waits for a reader. While nobody listens, nothing is made of what happens, and a hit in memory costs what it costs
    /// without; else an operation costs an event of some 200 bytes and a lock for each who listens.
    ///
    /// - Parameter bufferSize: The most events that wait to be read; at least one.
    public func events(bufferSize: Int = 256) -> CacheEvents {
        CacheEvents(log.events.subscribe(limit: bufferSize))
    }

    // MARK: What is counted and told at once

    /// A load begins.
    func noteLoad(_ key: CacheKey) {
        counters.add(.loads, for: key)
        log.events.emit(.loadBegan, key)
    }

    /// A load has brought something.
    func noteLoaded(_ key: CacheKey, since start: MonotonicInstant) {
        log.events.emit(.loadEnded, key) { $0.duration = start.duration(to: timeSource.now()) }
    }

    /// A load has failed.
    ///
    /// - Parameter isCounted: False for one that was given up because nobody waits, which says nothing about the source.
    func noteLoadFailure(_ key: CacheKey, _ error: any Error, took duration: Duration, isCounted: Bool = true) {
        if isCounted { counters.add(.loadFailures, for: key) }
        log.events.emit(.loadFailed, key) {
            $0.duration = duration
            $0.error = (error as? SourceFailure)?.underlying ?? error
        }
    }

    /// A load of several has ended.
    func noteEnds<Value: Sendable>(
        of answers: [CacheKey: Result<Loaded<Value>, any Error>],
        _ keys: [CacheKey],
        since start: MonotonicInstant
    ) {
        let took = start.duration(to: timeSource.now())
        for key in keys {
            if case .failure(let error) = answers[key] {
                noteLoadFailure(key, error, took: took, isCounted: false)
            } else {
                noteLoaded(key, since: start)
            }
        }
    }

    /// A lookup gets something stale.
    func noteStale(_ key: CacheKey, _ reason: Provenance.StaleReason?) {
        counters.add(.staleServed, for: key)
        log.events.emit(.staleServed, key) { $0.staleReason = reason }
    }

    /// A load begins before its time.
    func noteEarlyRefresh(_ key: CacheKey) {
        counters.add(.earlyRefreshes, for: key)
        log.events.emit(.earlyRefresh, key)
    }
}
