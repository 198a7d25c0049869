/// What a removal and an expiry have in common: memory at once, then one step in the remote tier, or the journal.
extension Cache {
    /// What is to become of a value.
    enum Withdrawal: Sendable {
        /// It goes.
        case removal
        /// It is stale from now on.
        case expiry

        var operation: RemoteWrite.Operation { self == .removal ? .remove : .expire }

        /// What it is called in the log.
        var word: StaticString { self == .removal ? "delete" : "expire" }
    }

    /// True if there was something in either tier.
    func withdraw(_ key: CacheKey, by withdrawal: Withdrawal, budget: inout RemoteBudget) async throws -> Bool {
        let name = keySpace.entryName(key)
        let stamp = nextStamp(for: key)
        let wasInMemory = begin(withdrawal, of: key)
        guard let gate else { return wasInMemory }
        // Behind a write of this key that waits, which would else be taken for the later of the two.
        if withdrawal == .expiry, gate.expireBehind(name, stamp: stamp) {
            end(withdrawal, of: key, upTo: stamp, isAcknowledged: false)
            try rethrowIfAsked(
                RemoteTierError(.leftAlone, "an earlier write of this key still waits for the remote tier")
            )
            return wasInMemory
        }
        let write = RemoteWrite(
            name: name,
            operation: withdrawal.operation,
            condition: .always(floor: .zero, validUntil: .zero),
            format: configuration.format
        )
        let witness = beginWrite(key, name)
        do {
            // An expiry does not stand for what was to be replaced or removed before it.
            let settled = withdrawal == .removal ? stamp : nil
            let outcome = try await send(write, stamp: settled, gate: gate, budget: &budget)
            let isChanged = outcome.applied && outcome.existed && !outcome.isUnchanged
            _ = endWrite(key, name, witness, isChanged ? .changed : .unchanged)
            clock.observe(outcome.stamp)
            // Once more, for what came while it was under way.
            end(withdrawal, of: key, upTo: last(outcome.stamp), isAcknowledged: true)
            if withdrawal == .removal { counters.add(.remoteDeletes, for: key) }
            return wasInMemory || outcome.existed
        } catch {
            _ = endWrite(key, name, witness, .unknown)
            noteRemoteFailure(error, operation: withdrawal.word, key: key)
            gate.note(withdrawal.operation, stamp: stamp, expiry: nil, for: name, because: error)
            end(withdrawal, of: key, upTo: last(stamp), isAcknowledged: false)
            try rethrowIfAsked(error)
            return wasInMemory
        }
    }

    /// Without stamps in the remote tier, those of this process are all there is.
    private func last(_ stamp: Stamp) -> Stamp {
        configuration.format == .envelope ? stamp : clock.next()
    }

    /// Memory at once; true if it held the value. What is loaded at this moment is not kept.
    private func begin(_ withdrawal: Withdrawal, of key: CacheKey) -> Bool {
        defer { flights.detach(key) }
        switch withdrawal {
        case .removal:
            counters.add(.memoryDeletes, for: key)
            return memory.remove(key)
        case .expiry:
            // After guards have become void, so that a load which fails at this moment leaves no pause behind.
            defer { throttles.remove(key) }
            return memory.expire(key)
        }
    }

    private func end(_ withdrawal: Withdrawal, of key: CacheKey, upTo stamp: Stamp, isAcknowledged: Bool) {
        // What the remote tier has stamped is compared as it is.
        func told(_ stamp: Stamp) -> Stamp { isAcknowledged ? stamp : clock.told(stamp) }
        switch withdrawal {
        case .removal: memory.removeUpTo(stamp, key, isAcknowledged: isAcknowledged, told: told)
        case .expiry: memory.expireUpTo(stamp, key, isAcknowledged: isAcknowledged, told: told)
        }
        flights.detach(key)
    }
}
