extension Cache {
    /// Gives a fresh value another lifetime, counted from now, in place; true if there was one. Counts as a use of it, and as no request.
    ///
    /// A lifetime of zero or less removes it. With a remote tier both tiers get the new lifetime, in four exchanges: a token is planted there,
    /// the entry is read, then the marks, and it is written again with a stamp one later, on the condition that the token still stands and nobody wrote it in
    /// between. So a touch never brings an older value back, nor one that was removed or cleared.
    ///
    /// - Parameters:
    ///   - key: The value's key.
    ///   - timeToLive: Time from now until its logical expiry.
    ///   - maximumStaleness: How long past that it may stand in when its load fails; nil takes the kind's, else the cache's default.
    /// - Throws: ``CacheError``: for an invalid key; ``CacheError/Code/remoteFailed`` where the remote tier does not answer or a write of the key
    ///   still waits for it, since one tier alone is not touched; ``CacheError/Code/contended`` where others wrote the key again and again
    ///   meanwhile; ``CacheError/Code/unsupported`` with a remote tier and the format `plain`, which has no stamps to compare.
    ///   `CancellationError`.
    @discardableResult
    public func touch(
        _ key: CacheKey,
        timeToLive: Duration,
        maximumStaleness: Duration? = nil
    ) async throws -> Bool {
        let key = try admitted(key)
        var options = EntryOptions.timeToLive(timeToLive)
        options.maximumStaleness = maximumStaleness
        guard let lifetime = lifetime(of: key, options) else {
            var budget = RemoteBudget(configuration.remoteDeadline)
            return try await removeEverywhere(key, budget: &budget)
        }
        guard let gate else {
            let now = timeSource.now()
            if let entry = memory.taggedEntry(key, now: now),
                judged(entry, now: now).map({ now >= $0.logicalExpiry }) ?? true
            {
                return false
            }
            return memory.touch(
                key,
                logicalExpiry: now.advanced(by: lifetime.fresh),
                physicalExpiry: now.advanced(by: lifetime.total)
            )
        }
        guard configuration.format == .envelope else {
            throw CacheError(
                .unsupported,
                "entries of the format plain have no stamps, so that a touch could overwrite what another node has "
                    + "written meanwhile; set the value again, or use the format envelope"
            )
        }
        var budget = RemoteBudget(configuration.remoteDeadline)
        for _ in 0..<Self.touchAttempts {
            if let touched = try await touchRemote(key, lifetime, gate: gate, budget: &budget) { return touched }
        }
        throw CacheError(
            .contended,
            "others wrote the key each time between the look at it and the touch; try again later"
        )
    }

    private static let touchAttempts = 8

    private func writeOnce(
        _ write: RemoteWrite,
        of key: CacheKey,
        gate: RemoteGate,
        budget: inout RemoteBudget
    ) async throws -> (outcome: RemoteOutcome, line: UInt32) {
        let witness = beginWrite(key, write.name)
        do {
            let outcomes = try await gate.perform(&budget) { tier, timeout in
                try await tier.write([write], timeout: timeout)
            }
            guard let outcome = try outcomes.first?.get() else {
                throw RemoteTierError(.refused, "the remote tier gave no outcome for a write")
            }
            let line = endWrite(key, write.name, witness, outcome.applied ? .changed : .unchanged)
            return (outcome, line)
        } catch {
            _ = endWrite(key, write.name, witness, .unknown)
            throw error
        }
    }

    /// One attempt; nil where somebody else wrote the key in between.
    private func touchRemote(
        _ key: CacheKey,
        _ lifetime: Lifetime,
        gate: RemoteGate,
        budget: inout RemoteBudget
    ) async throws -> Bool? {
        let name = keySpace.entryName(key)
        do {
            let token = try await gate.plant(name, loadTimeout: .zero, budget: &budget)
            let read = try await gate.perform(&budget) { tier, timeout in
                try await tier.read([name], with: [], timeout: timeout)
            }
            guard gate.overrules(name) == nil else {
                throw CacheError(
                    .remoteFailed,
                    "a write of this key waits for the remote tier; touch it once that is there"
                )
            }
            let present = clock.presentTime
            guard let bytes = read.entries.first ?? nil,
                var envelope = try? believed(pipeline.opened(bytes[...], as: name)),
                present < envelope.metadata.freshUntil(present)
            else { return false }
            let seen = envelope.metadata.stamp
            // A clear may have taken the tokens away before this one was planted, and have yet to take the entry. One that the marks do not tell of yet
            // will make the token void.
            guard try await seen > gate.marks(&budget).cleared else { return false }
            if let tags = tags.set(of: envelope.metadata.tags) {
                clock.observe(seen)
                try await learn(tags.marks, &budget)
                guard seen > tags.floors(clock).expired else { return false }
                // They have to live as long as the entry from now on. One that has gone since is made anew as of the present, for nobody
                // knows what it said.
                await keepTags(tags.marks, for: lifetime.total, &budget)
                guard seen > tags.floors(clock).expired else { return false }
                if tags.isInDoubt(seen, clock) { return nil }
            }
            // The next stamp is later than what was seen, and than nothing else: a later write or removal stands in its way.
            envelope.metadata.stamp = seen.next
            envelope.metadata.logicalExpiry = present.advanced(by: lifetime.fresh)
            envelope.metadata.physicalExpiry = present.advanced(by: lifetime.total)
            guard let encoded = encoded(envelope, key, as: name) else { return false }
            let write = RemoteWrite(
                name: name,
                operation: .store(bytes: encoded, timeToLive: lifetime.total),
                condition: .ifToken(seen.next, token: token.text),
                format: .envelope
            )
            let now = timeSource.now()
            // Void once another's change has been told of.
            let `guard` = memory.openGuard(key)
            var became: (stamp: Stamp, line: UInt32)?
            defer {
                if let became {
                    memory.verify(`guard`, key, stamp: became.stamp, witness: became.line)
                } else {
                    memory.closeGuard(`guard`, of: key)
                }
            }
            let (outcome, line) = try await writeOnce(write, of: key, gate: gate, budget: &budget)
            guard outcome.applied else { return nil }
            became = (outcome.stamp, line)
            clock.observe(outcome.stamp)
            // The copy here, if it is one of what was touched there.
            _ = memory.touch(
                key,
                logicalExpiry: now.advanced(by: lifetime.fresh),
                physicalExpiry: now.advanced(by: lifetime.total),
                ifStamped: seen,
                becoming: outcome.stamp
            )
            return true
        } catch let error as CacheError {
            throw error
        } catch {
            noteRemoteFailure(error, operation: "touch", key: key)
            if error is CancellationError { throw error }
            throw CacheError(
                .remoteFailed,
                "the lifetime in memory stays as it was, and that in the remote tier may: \(RemoteGate.describe(error))"
            )
        }
    }
}
