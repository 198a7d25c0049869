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
        // What was stamped before the remote tier's clock had been seen cannot be compared with anything there.
        if !clock.isCalibrated, format == .envelope, (try? await probe()) == nil { return }
        guard await replayClear(regardless: regardless), await replayTags(regardless: regardless) else { return }
        var last: UInt64 = 0
        var limit = 64
        while true {
            let now = timeSource.now()
            // With `regardless`, each intent is tried once in this pass: what is refused now is refused again at once, and
            // must not hold back what comes after it.
            let leases = state.withLock { state in
                state.journal.due(limit: limit, now: now, regardless: regardless, after: regardless ? last : 0) {
                    hasCome($1, of: state.fences[$0]?.until)
                }
            }
            guard let newest = leases.last else { return }
            guard let steps = await steps(for: leases, now: now) else { return }
            let writes = steps.compactMap(\.write)
            guard !writes.isEmpty else {
                last = newest.sequence
                continue
            }
            do {
                let outcomes = try await perform { tier, timeout in try await tier.write(writes, timeout: timeout) }
                for (step, outcome) in zip(steps.lazy.filter { $0.write != nil }, outcomes) { settle(step, outcome) }
                last = newest.sequence
            } catch let error as RemoteTierError where error.code == .interrupted && leases.count > 1 {
                // One of them may be what breaks its connection: each by itself, so that the others are not kept from going.
                held(leases, error)
                limit = 1
            } catch {
                return held(leases, error, now: now)
            }
        }
    }

    /// Whether something that was stamped like this may be brought there now. Nothing is that is stamped ahead of the clock: when such an entry had
    /// been swept away or evicted, what is written next would be stamped earlier. And nothing is while another write of the entry is under
    /// way, or was given up and may still be carried out: that one would be taken for the later of the two, or this one for it.
    func hasCome(_ stamp: Stamp, of fence: Stamp? = nil) -> Bool {
        let isAlone = fence ?? .zero <= clock.present
        return isAlone && (format == .plain || clock.told(stamp) <= clock.latest)
    }

    /// Carries out the clear that waits, if one is due; false where what came after it must wait as well.
    private func replayClear(regardless: Bool) async -> Bool {
        let now = timeSource.now()
        // Without stamps a clear takes whatever is there, so nothing may go before it.
        let isForced = regardless || format == .plain
        let (due, keepsStale) = state.withLock { state in
            (state.journal.dueClear(now: now, regardless: isForced), state.journal.keepsStale)
        }
        guard let stamp = due else { return true }
        let told = clock.told(stamp)
        guard hasCome(stamp) else { return false }
        do {
            _ = try await sweep(upTo: told, keepingStale: keepsStale)
            settleClear(upTo: stamp, keepingStale: keepsStale)
            log.replayed()
            return true
        } catch {
            clearFailed(error)
            // One that is refused says nothing about what came after it, which is stamped later.
            return (error as? RemoteTierError)?.code == .refused && format == .envelope
        }
    }

    /// The exchange that was to bring intents there has failed; they stay where they are.
    ///
    /// One that breaks its connection, going by itself, waits longer each time and lets others pass, as if it had been refused: the breaker stays
    /// closed, so that nothing else keeps it from being sent again and again.
    private func held(_ leases: [RecoveryJournal.Lease], _ error: any Error, now: MonotonicInstant? = nil) {
        state.withLock { state in
            let reason = JournalReason(error) ?? state.lastReason
            if reason == .interrupted, leases.count == 1, let lease = leases.first, let now {
                if lease.intent.hasBeenTried, lease.intent.first?.operation.isStore == true {
                    // What is only to stand in is not worth that its expiry waits for it.
                    state.journal.becomesRemoval(lease)
                } else {
                    state.journal.refused(lease, now: now, reason: reason)
                }
            } else {
                for lease in leases { state.journal.waits(lease, reason: reason) }
            }
        }
    }

    /// What becomes of an intent.
    private struct Step {
        let lease: RecoveryJournal.Lease
        /// Nil where there is nothing to write any more.
        var write: RemoteWrite?
        /// Whether the value that it stands for is given up.
        var isGivenUp = false
    }

    /// Nil where the remote tier does not answer.
    ///
    /// A value is brought there only if its token still stands. The token is planted first, and the marks are read after
    /// that: a clear that they do not tell of yet will make the token void.
    private func steps(for leases: [RecoveryJournal.Lease], now: MonotonicInstant) async -> [Step]? {
        func write(
            _ lease: RecoveryJournal.Lease,
            _ operation: RemoteWrite.Operation,
            _ condition: RemoteWrite.Condition
        ) -> Step {
            Step(
                lease: lease,
                write: RemoteWrite(name: lease.name, operation: operation, condition: condition, format: format)
            )
        }
        let operations = leases.map {
            $0.intent.operation(now: now).aligned(to: clock.presentTime, as: $0.name, by: pipeline)
        }
        let values = zip(leases, operations).filter(\.1.isStore).map(\.0)
        guard format == .envelope, !values.isEmpty else {
            return zip(leases, operations).map { lease, operation in
                if format == .envelope, lease.intent.next.isFill { return givenUp(lease) }
                return write(lease, operation, .ifNewer(clock.told(lease.intent.next.stamp)))
            }
        }
        let names = values.map(\.name)
        let tokens: [Result<RemoteToken, RemoteTierError>]
        let marks: RemoteMarks
        do {
            tokens = try await perform { tier, timeout in
                try await tier.plant(names, timeToLive: .seconds(60), timeout: timeout)
            }
            guard tokens.count == names.count else { return nil }
            try await keepTags(of: values, now: now)
            marks = try await self.marks()
        } catch {
            held(leases, error)
            return nil
        }
        let tokenOf = Dictionary(zip(names, tokens), uniquingKeysWith: { $1 })
        return zip(leases, operations).map { lease, operation in
            let stamp = clock.told(lease.intent.next.stamp)
            guard let token = tokenOf[lease.name] else {
                if lease.intent.next.isFill { return givenUp(lease) }
                return write(lease, operation, .ifNewer(stamp))
            }
            // A clear is noted before it is carried out: what the value has replaced may stand there yet, and must not be read once the journal
            // has let go of it. So what the clear makes void is a removal, as is what may have been forgotten.
            if stamp <= marks.cleared || mayHaveForgotten(lease.intent.next, marks) {
                if lease.intent.next.isFill { return givenUp(lease) }
                var step = write(lease, .remove, .ifNewer(stamp))
                step.isGivenUp = true
                return step
            }
            switch token {
            case .success(let token):
                return write(lease, operation, .ifToken(stamp, token: token.text))
            case .failure(let error) where lease.intent.first != nil && error.lacksRoom:
                log.failed("set", error: error.description, now: now)
                var step = write(lease, .remove, .ifNewer(stamp))
                step.isGivenUp = true
                return step
            case .failure(let error):
                log.failed("set", error: error.description, now: now)
                state.withLock { $0.journal.refused(lease, now: now, reason: JournalReason(error) ?? .refused) }
                return Step(lease: lease)
            }
        }
    }

    /// The value of a load is let go of: nobody meant it, so it replaces nothing, and takes nothing away from those for whom that may
    /// stand in.
    private func givenUp(_ lease: RecoveryJournal.Lease) -> Step {
        settle(lease, final: clock.told(lease.intent.next.stamp), survives: false)
        return Step(lease: lease)
    }

    private func settle(_ step: Step, _ outcome: Result<RemoteOutcome, RemoteTierError>) {
        let now = timeSource.now()
        let (lease, stamp) = (step.lease, clock.told(step.lease.intent.next.stamp))
        switch outcome {
        case .success(let outcome):
            clock.observe(outcome.stamp)
            if !outcome.applied, format == .envelope, outcome.stamp < stamp {
                // Nothing newer stands there: the token is gone. Whether that was a clear or an eviction, the marks tell.
                state.withLock { $0.journal.refused(lease, now: now, reason: .tokenLost) }
                return
            }
            if !outcome.applied, outcome.existed, format == .envelope, step.write?.operation.isStore == true,
                !lease.intent.next.isFill
            {
                // What is newer may be an expiry, and what stands there what the value was to replace.
                state.withLock { $0.journal.becomesRemoval(lease) }
                return settleMemory(lease, final: outcome.stamp, survives: false)
            }
            // Where it was refused, the stamp is that of something newer, which has not expired.
            if case .expire = step.write?.operation {
                expireMemory(lease, upTo: outcome.applied ? outcome.stamp : stamp)
            }
            settle(
                lease,
                final: format == .envelope ? outcome.stamp : stamp,
                survives: outcome.applied && !step.isGivenUp && step.write?.operation.isStore == true
            )
        case .failure(let error)
        where lease.intent.first != nil && step.write?.operation.isStore == true && error.lacksRoom:
            // There is no room for what was only to stand in; what it was to replace has gone, and the expiry is not held back.
            log.failed("set", error: error.description, now: now)
            settle(lease, final: stamp, survives: false)
        case .failure(let error):
            log.failed("set", error: error.description, now: now)
            state.withLock { $0.journal.refused(lease, now: now, reason: JournalReason(error) ?? .refused) }
        }
    }

    /// A set that was under way when the expiry was noted may have come into memory since.
    private func expireMemory(_ lease: RecoveryJournal.Lease, upTo stamp: Stamp) {
        guard let text = keySpace.keyText(ofEntry: lease.name) else { return }
        memory.expireUpTo(stamp, CacheKey(escapedText: text), isAcknowledged: false, told: clock.told)
    }

    private func settle(_ lease: RecoveryJournal.Lease, final: Stamp, survives: Bool) {
        state.withLock { state in
            if lease.intent.first == nil { state.journal.settled(lease) } else { state.journal.settledFirst(lease) }
        }
        log.replayed(key(ofEntry: lease.name))
        settleMemory(lease, final: final, survives: survives)
    }

    private func settleMemory(_ lease: RecoveryJournal.Lease, final: Stamp, survives: Bool) {
        guard let text = keySpace.keyText(ofEntry: lease.name) else { return }
        memory.settle(CacheKey(escapedText: text), stamp: lease.intent.next.stamp, final: final, survives: survives)
    }
}

extension RecoveryJournal.Intent {
    /// What is to be done at `now`, when some of the value's time has gone by.
    func operation(now: MonotonicInstant) -> RemoteWrite.Operation {
        let (operation, expiry) = (next.operation, next.expiry)
        guard case .store(let bytes, let timeToLive) = operation else { return operation }
        guard let expiry else { return .store(bytes: bytes, timeToLive: timeToLive) }
        let remaining = now.duration(to: expiry)
        return remaining > .zero ? .store(bytes: bytes, timeToLive: remaining) : .remove
    }
}
