import Synchronization

/// Records of tags, where nobody waits for them.
extension RemoteGate {
    /// How long a record that was raised has to live at least: until whatever is being loaded has been kept. A load may choose its tags at
    /// its end, and one that finds no record then takes it for one that was never raised.
    var raisedTagLife: Duration { tokenLife(defaultLoadTimeout) }

    /// Longer than asked for, so that it has to be prolonged seldom.
    static func tagLife(for life: Duration) -> Duration {
        life + min(max(life / 2, .seconds(60)), .seconds(86_400))
    }

    /// Notes that a tag was invalidated and Redis could not be told.
    func noteTag(_ mark: TagMark, stamp: Stamp, removes: Bool, because error: any Error) {
        let name = keySpace.tagName(mark.text)
        let reason = JournalReason(error)
        let (dropped, change) = state.withLock { state in
            var change = JournalChange(state.journal)
            let adriftUntil = state.adriftUntil
            let reason = reason ?? state.lastReason
            let dropped = state.journal.noteTag(mark, name, stamp: stamp, removes: removes, reason: reason) {
                max(clock.next(), adriftUntil.next)
            }
            hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
            change.became(state.journal, because: reason)
            return (dropped, change)
        }
        giveWay(dropped)
        log.queued(tag: mark.text, because: change.reason, depth: change.depth)
        if change.hasOverflowed { log.overflowed() }
    }

    /// Brings to Redis which tags were invalidated, before any value; false where the values have to wait.
    func replayTags(regardless: Bool) async -> Bool {
        var tried: Set<String> = []
        let values = latestValues()
        while true {
            let now = timeSource.now()
            let due = state.withLock { state in
                state.journal.tags.due(limit: 64 + tried.count, now: now, regardless: regardless) { hasCome($0) }
            }.filter { !tried.contains($0.name) }
            guard !due.isEmpty else { break }
            tried.formUnion(due.lazy.map(\.name))
            let steps = due.flatMap { name, intent in self.steps(name, intent) }
            do {
                try await keepTags(of: due, before: values)
                let outcomes = try await perform { tier, timeout in try await tier.tags(steps, timeout: timeout) }
                guard outcomes.count == steps.count else { return false }
                settle(due, steps, outcomes)
            } catch {
                let names = due.map(\.name)
                state.withLock { state in
                    state.journal.waitTags(names, reason: JournalReason(error) ?? state.lastReason)
                }
                return false
            }
        }
        // What is refused lets values pass, which are void here; what has not come yet is ordered before some of them.
        return state.withLock { state in state.journal.tags.intents.values.allSatisfy { hasCome($0.expired) } }
    }

    /// When the latest value that waits was stamped, of each tag that one carries; nothing where no tag waits.
    private func latestValues() -> [String: Stamp] {
        let values = state.withLock { $0.journal.tags.count == 0 ? [] : $0.journal.values }
        var latest: [String: Stamp] = [:]
        for (name, bytes, stamp) in values {
            guard let tags = try? pipeline.opened(bytes[...], as: name).metadata.tags else { continue }
            for text in tags.compactMap(TagBook.text) {
                latest[text] = max(latest[text] ?? .zero, stamp)
            }
        }
        return latest
    }

    /// To raise a record that is missing makes all void until now, for nobody knows what it said. Where a value of the journal that
    /// carries the tag came after the invalidation, the record is made as of the invalidation first, lest that value is lost. In an exchange of its own, since
    /// steps of one exchange come in any order.
    private func keepTags(
        of due: [(name: String, intent: TagIntents.Intent)],
        before values: [String: Stamp]
    ) async throws {
        let steps = due.compactMap { name, intent -> RemoteTagStep? in
            guard let latest = values[intent.mark.text], intent.expired < latest else { return nil }
            return RemoteTagStep(name: name, operation: .keep(missing: clock.told(intent.expired)), life: raisedTagLife)
        }
        guard !steps.isEmpty else { return }
        _ = try await perform { tier, timeout in try await tier.tags(steps, timeout: timeout) }
    }

    private func steps(_ name: String, _ intent: TagIntents.Intent) -> [RemoteTagStep] {
        let expired = RemoteTagStep.Operation.raise(to: clock.told(intent.expired), removes: false)
        var steps = [RemoteTagStep(name: name, operation: expired, life: raisedTagLife)]
        if intent.removed > .zero {
            let removed = RemoteTagStep.Operation.raise(to: clock.told(intent.removed), removes: true)
            steps.append(RemoteTagStep(name: name, operation: removed, life: raisedTagLife))
        }
        return steps
    }

    private func settle(
        _ due: [(name: String, intent: TagIntents.Intent)],
        _ steps: [RemoteTagStep],
        _ outcomes: [Result<RemoteTag, RemoteTierError>]
    ) {
        let now = timeSource.now()
        var refused: [String: RemoteTierError] = [:]
        for (step, outcome) in zip(steps, outcomes) {
            switch outcome {
            case .success(let tag): clock.observe(tag.expired)
            case .failure(let error): refused[step.name] = error
            }
        }
        for (name, intent) in due {
            if let error = refused[name] {
                log.failed("invalidate", error: error.description, now: now)
                state.withLock { state in
                    state.journal.tagRefused(name, now: now, reason: JournalReason(error) ?? .refused)
                }
            } else {
                // In Redis' time, should the stamp have been made before that was known.
                intent.mark.raise(expired: clock.told(intent.expired), removed: .zero, clock)
                state.withLock { $0.journal.tagSettled(name, intent) }
                log.replayed(tag: intent.mark.text)
            }
        }
    }

    /// Before values of the journal are brought there: the records of their tags have to stand, or else nobody believes the values. One that is
    /// missing is made as if it had been there when the first of the values was made: an invalidation that Redis has forgotten since, but
    /// for a loss of all data, is forgotten.
    func keepTags(of leases: [RecoveryJournal.Lease], now: MonotonicInstant) async throws {
        var needs: [String: (missing: Stamp, life: Duration)] = [:]
        for lease in leases {
            guard case .store(let bytes, let timeToLive) = lease.intent.operation(now: now),
                let tags = try? pipeline.opened(bytes[...], as: lease.name).metadata.tags
            else { continue }
            let missing = clock.told(lease.intent.next.stamp).previous
            let life = Self.tagLife(for: timeToLive)
            for text in Set(tags.compactMap(TagBook.text)) {
                let need = needs[text] ?? (missing, life)
                needs[text] = (min(need.missing, missing), max(need.life, life))
            }
        }
        guard !needs.isEmpty else { return }
        let steps = needs.map { text, need in
            RemoteTagStep(name: keySpace.tagName(text), operation: .keep(missing: need.missing), life: need.life)
        }
        _ = try await perform { tier, timeout in try await tier.tags(steps, timeout: timeout) }
    }
}

/// The part of the journal that is about tags.
extension RecoveryJournal {
    /// Notes that a tag was invalidated; not if a clear waits that was stamped later, and stands for it.
    ///
    /// - Returns: Values of loads that were let go of for want of room, as ``note(_:for:collapseStamp:)`` does.
    @discardableResult
    mutating func noteTag(
        _ mark: TagMark,
        _ name: String,
        stamp: Stamp,
        removes: Bool,
        reason: JournalReason,
        collapseStamp: () -> Stamp
    ) -> [(name: String, stamp: Stamp)] {
        // One that keeps stale values does not stand for a removal.
        if let pendingClear, stamp <= pendingClear, !(keepsStale && removes) { return [] }
        tags.note(mark, name, stamp: stamp, removes: removes, reason: reason)
        return makeRoom(collapseStamp)
    }

    mutating func waitTags(_ names: [String], reason: JournalReason) { tags.wait(names, reason: reason) }

    mutating func tagRefused(_ name: String, now: MonotonicInstant, reason: JournalReason) {
        tags.refused(name, now: now, reason: reason)
    }

    mutating func tagSettled(_ name: String, _ intent: TagIntents.Intent) { tags.settled(name, intent) }
}
