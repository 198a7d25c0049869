extension Cache {
    /// Removes a value from both tiers; true if it was in either.
    ///
    /// Whoever loads it at this moment still gets what they load, and it is not kept.
    ///
    /// - Throws: ``CacheError`` for an invalid key.
    public func delete(_ key: CacheKey) async throws -> Bool {
        let key = try admitted(key)
        counters.add(.deletes, for: key)
        log.delete(key, backend: backend)
        var budget = RemoteBudget(configuration.remoteDeadline)
        return try await removeEverywhere(key, budget: &budget)
    }

    /// Removes every value of this cache's prefix, and nothing else; returns how many there were: in Redis, or in memory
    /// where those are more.
    ///
    /// In Redis by SCAN and UNLINK in batches, so that a clear takes as long as there are entries and blocks nobody.
    /// While Redis is away the clear is noted and carried out on its return.
    ///
    /// - Parameter keepingStale: Whether the values are expired, as by ``expire(_:)``, in place of being removed: then they may stand in for loads that
    ///   fail, on every node, until their physical expiry. Those that Redis has not taken yet do so here alone, and until it is back. Of no effect with Redis and
    ///   the format `plain`. What is counted are those that were fresh in memory, and in Redis those that nobody had expired before.
    public func clear(keepingStale: Bool = false) async throws -> Int {
        try admit()
        let keepsStale = keepingStale && (gate == nil || configuration.format == .envelope)
        var removed = keepsStale ? memory.expireAll() : memory.removeAll()
        if keepsStale {
            throttles.removeAll()
        } else {
            if removed > Self.greatRemoval { AllocatedMemory.giveBack() }
            counters.add(.memoryDeletes, for: "clear", count: removed)
        }
        flights.detachAll()
        if let gate {
            let (first, isAhead) = gate.nextClearStamp()
            var stamp = first
            gate.beginClear()
            defer { gate.endClear() }
            // Noted before it is carried out: until then no read believes what either tier still holds.
            gate.noteClear(stamp, whateverStamp: true, keepingStale: keepsStale)
            do {
                try await gate.probe()
                await gate.waitForStragglers(before: isAhead ? stamp : nil)
                stamp = max(stamp, clock.next())
                let keepsStale = gate.noteClear(stamp, keepingStale: keepsStale)
                removed = max(removed, try await gate.sweep(upTo: stamp, keepingStale: keepsStale))
                gate.settleClear(upTo: stamp, keepingStale: keepsStale)
                flights.detachAll()
            } catch {
                gate.clearFailed(error, isFirst: true)
                noteRemoteFailure(error, operation: "clear", key: nil)
                if keepsStale {
                    memory.expireAllUpTo(stamp, isAcknowledged: false, told: clock.told)
                } else {
                    memory.removeAllUpTo(stamp, told: clock.told)
                }
                flights.detachAll()
                // It holds all the same, and is told.
                do {
                    try rethrowIfAsked(error)
                } catch {
                    log.cleared(count: removed, keepingStale: keepsStale, backend: backend)
                    throw error
                }
            }
        }
        log.cleared(count: removed, keepingStale: keepsStale, backend: backend)
        return removed
    }

    /// So many entries are worth asking the allocator to give their memory back.
    static let greatRemoval = 10_000

    func removeEverywhere(_ key: CacheKey, budget: inout RemoteBudget) async throws -> Bool {
        try await withdraw(key, by: .removal, budget: &budget)
    }
}
