import Synchronization

/// What waits in the journal, and how long the tiers are not believed for its sake.
extension RemoteGate {
    /// Up to which stamp neither tier is to be believed about an entry, since a later intent waits. To be compared by ``HybridClock/told(_:)`` with
    /// what the remote tier has stamped.
    func overrules(_ name: String) -> Stamp? {
        guard hasIntents.load(ordering: .acquiring) else { return nil }
        return state.withLock { $0.journal.overrules(name) }
    }

    /// Whether anything waits that could overrule memory.
    var hasWaiting: Bool { hasIntents.load(ordering: .acquiring) }

    /// The same for memory, which reflects already what has collapsed into a clear.
    func overrulesMemory(_ name: String) -> Stamp? {
        guard hasIntents.load(ordering: .acquiring) else { return nil }
        return state.withLock { $0.journal.overrulesMemory(name) }
    }

    /// Notes what could not be brought to the remote tier; without an error, because of what came of the last exchange that failed. False
    /// where something waits that overrules it: then nothing will ever tell memory what has become of it.
    @discardableResult
    func note(
        _ operation: RemoteWrite.Operation,
        stamp: Stamp,
        expiry: MonotonicInstant?,
        isFill: Bool = false,
        for name: String,
        because error: (any Error)?
    ) -> Bool {
        let (dropped, isOverruled, change) = state.withLock { state in
            var change = JournalChange(state.journal)
            let reason = error.flatMap(JournalReason.init) ?? state.lastReason
            let intent = RecoveryJournal.Intent(
                operation: operation,
                stamp: stamp,
                expiry: expiry,
                isFill: isFill,
                wasGone: state.isGone,
                reason: reason
            )
            // Since another write of the entry was under way; what makes it void comes after it, and so does a clear.
            if stamp > clock.latest, operation.isStore { state.adriftUntil = max(state.adriftUntil, stamp) }
            let adriftUntil = state.adriftUntil
            let dropped = state.journal.note(intent, for: name) { max(clock.next(), adriftUntil.next) }
            hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
            change.became(state.journal, because: reason)
            let isOverruled = state.journal.overrulesMemory(name).map { clock.told($0) > clock.told(stamp) } ?? false
            return (dropped, isOverruled, change)
        }
        giveWay(dropped)
        if change.isNoted { log.queued(key(ofEntry: name), because: change.reason, depth: change.depth) }
        if change.hasOverflowed { log.overflowed() }
        return !isOverruled
    }

    /// Nothing brings these values of loads to Redis any more.
    func giveWay(_ dropped: [(name: String, stamp: Stamp)]) {
        for (name, stamp) in dropped {
            guard let text = keySpace.keyText(ofEntry: name) else { continue }
            memory.giveWay(CacheKey(escapedText: text), stamp: stamp)
        }
    }

    /// Returns whether stale values are kept: not if a clear waits that keeps none.
    @discardableResult
    func noteClear(_ stamp: Stamp, whateverStamp: Bool = false, keepingStale: Bool = false) -> Bool {
        state.withLock { state in
            state.journal.noteClear(stamp, whateverStamp: whateverStamp, keepingStale: keepingStale)
            hasIntents.store(true, ordering: .releasing)
            return state.journal.keepsStale
        }
    }

    /// A clear could not be carried out; `isFirst` where it was tried by who has asked for it.
    func clearFailed(_ error: any Error, isFirst: Bool = false) {
        let now = timeSource.now()
        let (reason, depth) = state.withLock { state in
            let reason = JournalReason(error) ?? state.lastReason
            if reason == .refused {
                state.journal.clearRefused(now: now)
            } else {
                state.journal.clearWaits(reason: reason)
            }
            return (reason, state.journal.count)
        }
        if isFirst { log.queued(because: reason, depth: depth) }
    }

    func settle(_ name: String, upTo stamp: Stamp) {
        guard hasIntents.load(ordering: .acquiring) else { return }
        state.withLock { state in
            state.journal.settle(name, upTo: stamp)
            hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
        }
    }

    /// A caller begins to carry out a clear itself.
    func beginClear() {
        state.withLock { $0.clearing += 1 }
    }

    /// That caller has done so, or has given up: then the journal's replay takes over.
    func endClear() {
        state.withLock { $0.clearing -= 1 }
    }

    /// A clear has been carried out in the remote tier; now memory lets go of what it stands for.
    func settleClear(upTo stamp: Stamp, keepingStale: Bool = false) {
        // A clear that stands for intents which were too many leaves memory as it is; only that these entries are on their
        // way to the remote tier is no longer true.
        let isCollapse = state.withLock { $0.journal.isCollapsed && $0.journal.pendingClear == stamp }
        if isCollapse {
            memory.acknowledgeAllUpTo(stamp)
        } else if keepingStale {
            memory.expireAllUpTo(stamp, isAcknowledged: true, told: clock.told)
        } else {
            memory.removeAllUpTo(stamp, told: clock.told)
        }
        state.withLock { state in
            state.journal.cleared(upTo: stamp)
            hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
        }
    }

    /// Brings to Redis what waits for it, if it answers. Safe to call at any time.
    func replayIfNeeded() async {
        let now = timeSource.now()
        let start = state.withLock { state in
            guard !state.journal.isEmpty, !state.isReplaying, state.clearing == 0, now >= state.nextReplay else {
                return false
            }
            state.isReplaying = true
            return true
        }
        if start { await replay() }
    }

    /// Brings what waits to Redis before the process ends, again and again, until nothing is left or the task is
    /// cancelled. Heeds neither the breaker nor the pauses between replays: there is no later.
    func flush() async {
        while !Task.isCancelled, state.withLock({ !$0.journal.isEmpty }) {
            let start = state.withLock { state in
                defer { state.isReplaying = true }
                return !state.isReplaying
            }
            if start {
                // Closes the breaker, if Redis answers.
                await probePastBreaker()
                await replay(regardless: true)
            }
            if state.withLock({ $0.journal.isEmpty }) { return }
            let pause = timeSource.now().advanced(by: .milliseconds(20))
            guard (try? await timeSource.sleep(until: pause)) != nil else { return }
        }
    }
}
