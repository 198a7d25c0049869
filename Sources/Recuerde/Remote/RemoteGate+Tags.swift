import Synchronization

/// Records of tags, where nobody waits for them.
extension RemoteGate {
    /// How long a record lives that an invalidation had to make: longer than any load that is under way.
    static let tagLife = Duration.seconds(86_400)

    /// Longer than asked for, so that it has to be prolonged seldom.
    static func tagLife(for life: Duration) -> Duration {
        life + min(max(life / 2, .seconds(60)), .seconds(86_400))
    }

    /// Notes that a tag was invalidated and Redis could not be told.
    func noteTag(_ mark: TagMark, stamp: Stamp, removes: Bool, because error: any Error) {
        let name = keySpace.tagName(mark.text)
        let reason = JournalReason(error)
        state.withLock { state in
            let adriftUntil = state.adriftUntil
            let reason = reason ?? state.lastReason
            state.journal.noteTag(mark, name, stamp: stamp, removes: removes, reason: reason) {
                max(clock.next(), adriftUntil.next)
            }
            hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
        }
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
            let steps = due.flatMap { name, intent in
                let isFollowed = values[intent.mark.text].map { intent.expired < $0 } ?? false
                return Self.steps(name, intent, isFollowed: isFollowed, clock)
            }
            do {
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
        for (bytes, stamp) in values {
            for text in Envelope(decoding: bytes[...])?.metadata.tags.compactMap(TagBook.text) ?? [] {
                latest[text] = max(latest[text] ?? .zero, stamp)
            }
        }
        return latest
    }

    /// - Parameter isFollowed: Whether a value waits that carries the tag and came later. Then a record that is missing is made as of the
    ///   invalidation, or that value would be void as well.
    private static func steps(
        _ name: String,
        _ intent: TagIntents.Intent,
        isFollowed: Bool,
        _ clock: HybridClock
    ) -> [RemoteTagStep] {
        let told = clock.told(intent.expired)
        var steps: [RemoteTagStep] = []
        if isFollowed {
            steps.append(RemoteTagStep(name: name, operation: .keep(missing: told), life: tagLife))
        }
        steps.append(RemoteTagStep(name: name, operation: .raise(to: told, removes: false), life: tagLife))
        if intent.removed > .zero {
            let removed = RemoteTagStep.Operation.raise(to: clock.told(intent.removed), removes: true)
            steps.append(RemoteTagStep(name: name, operation: removed, life: tagLife))
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
            }
        }
    }

    /// Before values of the journal are brought there: the records of their tags have to stand, or else nobody believes the values. One that is
    /// missing is made as if it had been there when the value was made: an invalidation that Redis has forgotten since, but for a loss of all
    /// data, is forgotten.
    func keepTags(of leases: [RecoveryJournal.Lease], now: MonotonicInstant) async throws {
        var steps: [RemoteTagStep] = []
        for lease in leases {
            guard case .store(let bytes, let timeToLive) = lease.intent.operation(now: now),
                let tags = Envelope(decoding: bytes[...])?.metadata.tags
            else { continue }
            let missing = clock.told(lease.intent.stamp).previous
            for text in Set(tags.compactMap(TagBook.text)) {
                steps.append(
                    RemoteTagStep(
                        name: keySpace.tagName(text),
                        operation: .keep(missing: missing),
                        life: Self.tagLife(for: timeToLive)
                    )
                )
            }
        }
        guard !steps.isEmpty else { return }
        let sent = steps
        _ = try await perform { tier, timeout in try await tier.tags(sent, timeout: timeout) }
    }
}

/// The part of the journal that is about tags.
extension RecoveryJournal {
    /// Notes that a tag was invalidated; not if a clear waits that was stamped later, and stands for it.
    mutating func noteTag(
        _ mark: TagMark,
        _ name: String,
        stamp: Stamp,
        removes: Bool,
        reason: JournalReason,
        collapseStamp: () -> Stamp
    ) {
        if let pendingClear, stamp <= pendingClear { return }
        tags.note(mark, name, stamp: stamp, removes: removes, reason: reason)
        if isOverfull { collapse(collapseStamp()) }
    }

    mutating func waitTags(_ names: [String], reason: JournalReason) { tags.wait(names, reason: reason) }

    mutating func tagRefused(_ name: String, now: MonotonicInstant, reason: JournalReason) {
        tags.refused(name, now: now, reason: reason)
    }

    mutating func tagSettled(_ name: String, _ intent: TagIntents.Intent) { tags.settled(name, intent) }
}
