extension Cache {
    /// Removes a value from both tiers; true if it was in either.
    ///
    /// Whoever loads it at this moment still gets what they load, and it is not kept.
    ///
    /// - Throws: ``CacheError`` for an invalid key.
    public func delete(_ key: CacheKey) async throws -> Bool {
        try admit(key)
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
    public func clear() async throws -> Int {
        try admit()
        var removed = memory.removeAll()
        if removed > Self.greatRemoval { AllocatedMemory.giveBack() }
        flights.detachAll()
        counters.add(.memoryDeletes, for: "clear", count: removed)
        if let gate {
            var stamp = gate.nextClearStamp()
            gate.beginClear()
            defer { gate.endClear() }
            // Noted before it is carried out: until then no read believes what either tier still holds.
            gate.noteClear(stamp, whateverStamp: true)
            do {
                let asked = timeSource.now()
                let time = try await gate.perform { tier, timeout in try await tier.time(timeout: timeout) }
                gate.clock.calibrate(remoteTime: time, since: asked)
                try await gate.waitForStragglers()
                stamp = max(stamp, clock.next())
                gate.noteClear(stamp)
                removed = max(removed, try await gate.sweep(upTo: stamp))
                gate.settleClear(upTo: stamp)
                flights.detachAll()
            } catch {
                gate.clearFailed(error)
                noteRemoteFailure(error, operation: "clear", key: nil)
                memory.removeAllUpTo(stamp, told: clock.told)
                flights.detachAll()
                try rethrowIfAsked(error)
            }
        }
        log.cleared(count: removed, backend: backend)
        return removed
    }

    /// So many entries are worth asking the allocator to give their memory back.
    static let greatRemoval = 10_000

    func removeEverywhere(_ key: CacheKey, budget: inout RemoteBudget) async throws -> Bool {
        let name = keySpace.entryName(key)
        let stamp = nextStamp(for: key)
        let wasInMemory = memory.remove(key)
        flights.detach(key)
        counters.add(.memoryDeletes, for: key)
        guard let gate else { return wasInMemory }
        let write = RemoteWrite(
            name: name,
            operation: .remove,
            condition: .always(floor: .zero, validUntil: .zero),
            format: configuration.format
        )
        let witness = beginWrite(key, name)
        do {
            let outcome = try await send(write, gate: gate, budget: &budget)
            _ = endWrite(key, name, witness, outcome.applied && outcome.existed ? .changed : .unchanged)
            clock.observe(outcome.stamp)
            gate.settle(name, upTo: stamp)
            // Once more, for who came while the removal was under way.
            let last = configuration.format == .envelope ? outcome.stamp : clock.next()
            memory.removeUpTo(last, key, isAcknowledged: true)
            flights.detach(key)
            counters.add(.remoteDeletes, for: key)
            return wasInMemory || outcome.existed
        } catch {
            _ = endWrite(key, name, witness, .unknown)
            noteRemoteFailure(error, operation: "delete", key: key)
            gate.note(.remove, stamp: stamp, expiry: nil, for: name, because: error)
            let last = configuration.format == .envelope ? stamp : clock.next()
            memory.removeUpTo(last, key, isAcknowledged: false, told: clock.told)
            flights.detach(key)
            try rethrowIfAsked(error)
            return wasInMemory
        }
    }
}
