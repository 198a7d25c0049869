import Synchronization

/// Stamps, and the writes that are under way or were given up, which they have to heed.
extension RemoteGate {
    /// A stamp for an entry: later than any that was made here, than an intent that waits, and than a write of the entry that is under way, which takes its
    /// stamp only when it is carried out, as a frozen server may do after its caller has gone on.
    ///
    /// So it may lie ahead of the clock, by the deadline at most; what is stamped like that waits in the journal until its time has come.
    func nextStamp(for name: String) -> Stamp {
        let next = clock.next()
        return state.withLock { state in
            guard !state.fences.isEmpty || !state.journal.isEmpty else { return next }
            var stamp = max(next, state.journal.overrules(name)?.next ?? .zero)
            if let fence = state.fences[name] {
                stamp = max(stamp, max(fence.until, fence.latest).next)
                // Of two that were stamped alike, the answer to one would settle the other.
                state.fences[name]?.latest = stamp
            }
            return stamp
        }
    }

    /// A stamp for a clear: later than any that was made here, of another clear too, and than what was given up and may still be carried
    /// out; and whether its time has yet to come, since one of those is stamped ahead of the clock. Costs a walk over what waits.
    func nextClearStamp() -> (stamp: Stamp, isAhead: Bool) {
        let (adrift, latest) = state.withLock { state in
            (state.adriftUntil, max(state.journal.latest, state.fences.values.lazy.map(\.latest).max() ?? .zero))
        }
        let own = clock.next()
        let stamp = max(own, inRedisTime(adrift).next, inRedisTime(latest).next)
        return (stamp, stamp > own)
    }

    /// In Redis' time, should it have been told before that was known; zero for nothing.
    private func inRedisTime(_ stamp: Stamp) -> Stamp {
        stamp > .zero ? clock.told(stamp) : .zero
    }

    /// A value was sent and given up without an answer: until then it may still be written.
    func gaveUp(until stamp: Stamp) {
        state.withLock { $0.adriftUntil = max($0.adriftUntil, stamp) }
    }

    /// Whether an exchange that failed like this may have set out, and so may still be carried out.
    static func mayHaveSetOut(_ error: any Error) -> Bool {
        switch (error as? RemoteTierError)?.code {
        case .leftAlone, .overloaded, .refused, .absent, .unavailable, .authenticationFailed: false
        default: true
        }
    }

    /// Returns when no value is written any more that was given up without an answer, none of the journal is stamped ahead of the clock, and the time of
    /// `stamp` has come, if one is named: after as long as a write is valid, at most. A caller's cancellation does not cut that short, since what is stamped
    /// ahead of the clock would be told before its time.
    func waitForStragglers(before stamp: Stamp?) async {
        var until = inRedisTime(state.withLock { $0.adriftUntil })
        if let stamp { until = max(until, clock.told(stamp)) }
        let ahead = until.microseconds - clock.present.microseconds
        guard until > .zero, ahead >= 0, format == .envelope else { return }
        // Of many that were made while one was under way each is stamped a microsecond later.
        let longest = deadline + .milliseconds(10)
        let end = timeSource.now().advanced(by: min(.microseconds(ahead + 1), longest))
        await Task { [timeSource] in try? await timeSource.sleep(until: end) }.value
    }

    /// What a caller's write must be stamped later than: an intent of its entry that is replayed at this moment.
    func floorOfWrite(_ name: String) -> Stamp {
        overrules(name).map { min(clock.told($0), clock.latest) } ?? .zero
    }

    /// Writes of entries set out, and may be carried out until then. Amortised constant time for each.
    func fence(_ names: some Sequence<String>, until stamp: Stamp) {
        let present = clock.present
        state.withLock { state in
            for name in names {
                var fence = state.fences[name] ?? Fence()
                // What was given up long ago is not under way any more.
                if fence.until < present { fence.count = 0 }
                fence.count += 1
                fence.until = max(fence.until, stamp)
                state.fences[name] = fence
            }
            guard state.fences.count >= state.fencesToSweep else { return }
            state.fences = state.fences.filter { $0.value.until > present }
            state.fencesToSweep = max(1_024, state.fences.count * 2)
        }
    }

    /// One of them was answered. Where it was done, what waits for the entry up to `stamp` is void, in the same step: else that could be replayed after it. By
    /// the stamps of this process, which order what it did: an intent that came later stays.
    func unfence(_ name: String, settling stamp: Stamp? = nil) {
        state.withLock { state in
            if let stamp {
                state.journal.settle(name, upTo: stamp)
                hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
            }
            guard let count = state.fences[name]?.count else { return }
            if count > 1 { state.fences[name]?.count = count - 1 } else { state.fences[name] = nil }
        }
    }
}
