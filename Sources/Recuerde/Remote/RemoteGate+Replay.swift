import Synchronization

/// Brings what waits in the journal to the remote tier.
extension RemoteGate {
    func replay(regardless: Bool = false) async {
        defer {
            let next = timeSource.now().advanced(by: .milliseconds(500))
            state.withLock { state in
                state.isReplaying = false
                state.nextReplay = next
                hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
            }
        }
        if let stamp = state.withLock({ $0.journal.pendingClear }) {
            guard (try? await sweep(upTo: stamp)) != nil else { return }
            settleClear(upTo: stamp)
        }
        var last: UInt64 = 0
        while true {
            let now = timeSource.now()
            // With `regardless`, each intent is tried once in this pass: what is refused now is refused again at once, and
            // must not hold back what comes after it.
            let leases = state.withLock {
                $0.journal.due(limit: 64, now: now, regardless: regardless, after: regardless ? last : 0)
            }
            guard let newest = leases.last else { return }
            last = newest.sequence
            let writes = leases.map { lease in
                RemoteWrite(
                    name: lease.name,
                    operation: lease.intent.operation(now: now).aligned(to: clock.presentTime),
                    condition: .ifNewer(lease.intent.stamp),
                    format: format
                )
            }
            guard let outcomes = try? await perform({ tier, timeout in try await tier.write(writes, timeout: timeout) })
            else { return }
            for (lease, outcome) in zip(leases, outcomes) { settle(lease, outcome) }
        }
    }

    private func settle(_ lease: RecoveryJournal.Lease, _ outcome: Result<RemoteOutcome, RemoteTierError>) {
        let now = timeSource.now()
        switch outcome {
        case .success(let outcome):
            state.withLock { $0.journal.settled(lease) }
            guard let text = keySpace.keyText(ofEntry: lease.name) else { return }
            memory.settle(
                CacheKey(escapedText: text),
                stamp: lease.intent.stamp,
                final: format == .envelope ? outcome.stamp : lease.intent.stamp,
                survives: outcome.applied
            )
        case .failure(let error):
            log.failed("set", error: error.description, now: now)
            state.withLock { $0.journal.refused(lease, now: now) }
        }
    }

    /// Removes every entry of this cache that is not stamped later than `stamp`; returns how many there were.
    ///
    /// Page by page, each within the deadline: a clear takes as long as there are entries.
    func sweep(upTo stamp: Stamp) async throws -> Int {
        var removed = 0
        var cursor: String?
        repeat {
            let from = cursor
            let page = try await perform { tier, timeout in
                try await tier.scan(pattern: keySpace.pattern, cursor: from, count: 500, timeout: timeout)
            }
            let names = page.names.filter { keySpace.keyText(ofEntry: $0) != nil }
            if !names.isEmpty {
                removed += try await perform { tier, timeout in
                    try await tier.sweep(names, stamp: stamp, format: format, timeout: timeout)
                }
            }
            cursor = page.cursor
        } while cursor != nil
        return removed
    }
}

extension RecoveryJournal.Intent {
    /// What is to be done at `now`, when some of the value's time has gone by.
    func operation(now: MonotonicInstant) -> RemoteWrite.Operation {
        guard case .store(let bytes, let timeToLive) = operation else { return .remove }
        guard let expiry else { return .store(bytes: bytes, timeToLive: timeToLive) }
        let remaining = now.duration(to: expiry)
        return remaining > .zero ? .store(bytes: bytes, timeToLive: remaining) : .remove
    }
}
