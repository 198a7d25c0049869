/// What becomes of entries whose tag is invalidated.
public enum TagInvalidation: Sendable, Hashable, CaseIterable {
    /// They expire: nobody gets them as fresh, and where the new load fails, or takes too long, they may stand in, as long as they could have done
    /// after their usual end (``EntryOptions/maximumStaleness``). That counts from the latest invalidation of their tags, and never goes
    /// past the end that they would have had without any.
    case expire
    /// They are gone, and stand in for nothing.
    case remove
}

extension Cache {
    /// Makes every entry void that carries one of these tags and was set, or began to be loaded, before this call: on this node, on all
    /// others, and on those that start later. What is set or loaded from now on is valid.
    ///
    /// Costs one step in Redis for each tag, all at once, however many entries there are; they stay where they are until their time is over, and
    /// are misses. Other nodes hear of it as of any change. Loads that are under way go on: who waits for them gets what they bring, and it
    /// is not kept; who comes from now on begins anew. While Redis is away, the call holds here at once, and for the others as soon as
    /// Redis is back. Waits for Redis up to ``CacheConfiguration/remoteDeadline``, and as long again where this node has just given up a
    /// value without an answer; more than 1 000 tags go in parts, each of which may wait as long. No tags: nothing is done.
    ///
    /// Left open: a load that may take longer than ``CacheConfiguration/defaultLoadTimeout`` by its own options, and chooses its tags at
    /// its end, on another node, may be kept where all other entries with the tag have died meanwhile.
    ///
    /// - Parameters:
    ///   - tags: The tags; an entry is concerned that carries any of them.
    ///   - invalidation: Whether what is void may stand in for a load that fails. Who has expired stays so; who was removed stays so too.
    /// - Throws: ``CacheError``: ``CacheError/Code/invalidTag``; ``CacheError/Code/unsupported`` with a remote tier and the format `plain`, whose
    ///   entries carry no tags; ``CacheError/Code/closed``; `remoteFailed` if asked for. `CancellationError`, and then it holds all the same.
    public func invalidate(tags: [String], by invalidation: TagInvalidation = .expire) async throws {
        try admit()
        try admit(tags: tags)
        guard !tags.isEmpty else { return }
        guard carriesTags else {
            throw CacheError(
                .unsupported,
                "entries of the format plain carry no tags, so that none can be invalidated by them; remove the keys, or use the "
                    + "format envelope"
            )
        }
        counters.add(.tagInvalidations)
        let marks = self.tags.marks(of: hidden(tags))
        let removes = invalidation == .remove
        let (latest, isAhead) = gate?.nextClearStamp() ?? (clock.next(), false)
        // Where that is ahead of the clock, what is set from now on must not be stamped after it, or it would be ahead as well.
        var stamp = isAhead ? clock.next() : latest
        func raise() {
            // What is set from now on is stamped later.
            clock.observe(stamp)
            for mark in marks { mark.raise(expired: stamp, removed: removes ? stamp : .zero, clock) }
        }
        // Here at once, whatever Redis says.
        raise()
        log.invalidated(tags: marks.count, backend: backend)
        guard let gate else { return }
        // What was given up without an answer may yet be written, and would be stamped later.
        await gate.waitForStragglers(before: isAhead ? latest : nil)
        stamp = max(latest, clock.next())
        raise()
        var failure: (any Error)?
        for start in stride(from: 0, to: marks.count, by: Self.tagPart) {
            let part = Array(marks[start..<min(start + Self.tagPart, marks.count)])
            let partFailure = await tell(part, stamp, removes: removes, gate)
            failure = failure ?? partFailure
        }
        if let failure {
            noteRemoteFailure(failure, operation: "invalidate", key: nil)
            try rethrowIfAsked(failure)
        }
    }

    /// As many tags as go in one exchange without harm to the commands of others.
    private static let tagPart = 1_000

    /// Tells Redis of floors, in one exchange; what fails is noted in the journal. Returns the first failure.
    private func tell(_ marks: [TagMark], _ stamp: Stamp, removes: Bool, _ gate: RemoteGate) async -> (any Error)? {
        var failure: (any Error)?
        do {
            var budget = RemoteBudget(configuration.remoteDeadline)
            // Until when it is valid is told in Redis' time.
            if !clock.isCalibrated { try await gate.probe(&budget) }
            let until = clock.present.microseconds.addingSaturated(budget.remaining.saturatedMicroseconds)
            let outcomes = try await step(
                marks,
                .invalidate(
                    atLeast: clock.told(stamp),
                    removes: removes,
                    validUntil: Stamp(microseconds: until)
                ),
                life: gate.raisedTagLife,
                &budget
            )
            for (index, mark) in marks.enumerated() {
                let error: RemoteTierError
                switch index < outcomes.count ? outcomes[index] : .failure(Self.noOutcome) {
                case .success(let tag) where tag.isLate: error = Self.late
                case .success: continue
                case .failure(let failed): error = failed
                }
                failure = failure ?? error
                gate.noteTag(mark, stamp: stamp, removes: removes, because: error)
            }
        } catch {
            failure = error
            for mark in marks { gate.noteTag(mark, stamp: stamp, removes: removes, because: error) }
        }
        return failure
    }

    private static let late = RemoteTierError(.timedOut, "the invalidation reached the remote tier too late")
    private static let noOutcome = RemoteTierError(.refused, "the remote tier gave no outcome for a tag")
}
