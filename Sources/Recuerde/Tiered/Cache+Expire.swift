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
        throttles.remove(key)
        var budget = RemoteBudget(configuration.remoteDeadline)
        guard let gate else {
            defer { flights.detach(key) }
            return memory.expire(key)
        }
        guard configuration.format == .envelope else { return try await removeEverywhere(key, budget: &budget) }
        return try await expireEverywhere(key, gate: gate, budget: &budget)
    }

    private func expireEverywhere(
        _ key: CacheKey,
        gate: RemoteGate,
        budget: inout RemoteBudget
    ) async throws -> Bool {
        let name = keySpace.entryName(key)
        let stamp = nextStamp(for: key)
        let wasInMemory = memory.expire(key)
        flights.detach(key)
        // Behind a write of this key that waits, which would else be taken for the later of the two.
        if gate.expireBehind(name, stamp: stamp) {
            memory.expireUpTo(stamp, key, isAcknowledged: false, told: clock.told)
            flights.detach(key)
            try rethrowIfAsked(
                RemoteTierError(.leftAlone, "an earlier write of this key still waits for the remote tier")
            )
            return wasInMemory
        }
        let write = RemoteWrite(
            name: name,
            operation: .expire,
            condition: .always(floor: .zero, validUntil: .zero),
            format: configuration.format
        )
        let witness = beginWrite(key, name)
        do {
            let outcome = try await send(write, stamp: nil, gate: gate, budget: &budget)
            _ = endWrite(key, name, witness, outcome.applied && outcome.existed ? .changed : .unchanged)
            clock.observe(outcome.stamp)
            // Once more, for what came while the expiry was under way.
            memory.expireUpTo(outcome.stamp, key, isAcknowledged: true)
            flights.detach(key)
            return wasInMemory || outcome.existed
        } catch {
            _ = endWrite(key, name, witness, .unknown)
            noteRemoteFailure(error, operation: "expire", key: key)
            gate.note(.expire, stamp: stamp, expiry: nil, for: name, because: error)
            memory.expireUpTo(stamp, key, isAcknowledged: false, told: clock.told)
            flights.detach(key)
            try rethrowIfAsked(error)
            return wasInMemory
        }
    }
}
