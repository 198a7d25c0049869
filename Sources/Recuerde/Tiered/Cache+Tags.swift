import Synchronization

/// What tags make of entries, and how it becomes known.
extension Cache {
    /// Throws for what is no tag.
    func admit(tags: [String]) throws {
        guard !tags.isEmpty else { return }
        for tag in tags where TagBook.text(of: tag) == nil {
            throw CacheError(
                .invalidTag,
                "a tag is empty or longer than \(CacheKey.maximumLength) bytes; leave it out, or hash the long one"
            )
        }
    }

    /// The tags that a call's entry is to carry; nil for none, and under `plain` with a remote tier, whose entries have no room for them.
    func tagSet(_ tags: [String]) throws -> TagSet? {
        guard !tags.isEmpty, carriesTags else { return nil }
        if keySpace.hides {
            try admit(tags: tags)
            return self.tags.set(of: hidden(tags))
        }
        if let known = self.tags.known(tags) { return known }
        try admit(tags: tags)
        return self.tags.set(of: tags)
    }

    /// Tags as this cache calls them, which are hidden where the configuration says so. What has been admitted.
    func hidden(_ tags: [String]) -> [String] {
        keySpace.hasher.map { tags.map($0.hidden(tag:)) } ?? tags
    }

    /// Whether its entries can carry tags, and can be expired instead of removed: not with a remote tier and the format `plain`, in which an entry is
    /// the value alone.
    public var carriesTags: Bool { gate == nil || configuration.format == .envelope }

    // MARK: Judging

    /// What is left of an entry once its tags are considered: nil where it is gone, or where nobody knows; one that has expired by a tag is stale from
    /// then on, and stands in for as long as it could have done after its usual end.
    ///
    /// - Parameter heedsDoubt: False right after the records have been read: a notice that has come since then is of a change that need not have been
    ///   seen.
    func judged(_ entry: MemoryMetadata, now: MonotonicInstant, heedsDoubt: Bool = true) -> MemoryMetadata? {
        guard let tags = entry.marks else { return entry }
        let stamp = clock.told(tags.since ?? entry.stamp)
        let floors = tags.floors(clock)
        guard stamp > floors.removed, !heedsDoubt || !tags.isInDoubt(stamp, clock) else { return nil }
        guard stamp <= floors.expired else { return entry }
        let past = min(0, floors.expired.microseconds.subtractingSaturated(clock.present.microseconds))
        let expiry = now.advanced(by: .microseconds(past))
        var entry = entry
        let staleness = entry.logicalExpiry.duration(to: entry.physicalExpiry)
        entry.physicalExpiry = min(entry.physicalExpiry, expiry.advanced(by: max(.zero, staleness)))
        entry.logicalExpiry = min(entry.logicalExpiry, expiry)
        return now < entry.physicalExpiry ? entry : nil
    }

    func judged<Value: Sendable>(
        _ found: Found<Value>,
        now: MonotonicInstant,
        heedsDoubt: Bool = true
    ) -> Found<Value>? {
        guard found.entry.marks != nil else { return found }
        return judged(found.entry, now: now, heedsDoubt: heedsDoubt).map { entry in
            var found = found
            found.entry = entry
            return found
        }
    }

    /// Whether a tag is known to have made an entry void, at least as something fresh.
    func isVoid(_ entry: MemoryMetadata) -> Bool {
        entry.marks.map { clock.told($0.since ?? entry.stamp) <= $0.floors(clock).expired } ?? false
    }

    /// Counts a look that found an entry which is not fresh any more because of its tags, and of nothing else. Where it is
    /// not known what became of them, nothing is counted.
    func countIfVoid(_ entry: MemoryMetadata, of key: CacheKey, as counter: Counter, now: MonotonicInstant) {
        guard now < entry.logicalExpiry, isVoid(entry) else { return }
        counters.add(counter, for: key)
    }

    // MARK: Learning

    /// Reads in one exchange what is not known of these tags; where nobody tells of changes, of all of them.
    ///
    /// - Throws: What the exchange fails with.
    func learn(_ marks: some Sequence<TagMark>, _ budget: inout RemoteBudget) async throws {
        guard let gate, carriesTags else { return }
        let asked = timeSource.now()
        let unknown = marks.filter { lines?.isVerified($0.witness, now: asked) != true }
        guard !unknown.isEmpty else { return }
        let names = unknown.map { keySpace.tagName($0.text) }
        let witnesses = names.map(witness)
        let notices = unknown.map(\.notices)
        // Later than any entry that is judged by what is read, for those were seen before.
        let before = clock.latest
        let read = try await gate.perform(&budget) { tier, timeout in
            try await tier.read(names, with: clock.isCalibrated ? [] : .time, timeout: timeout)
        }
        if let time = read.time { clock.calibrate(remoteTime: time, since: asked) }
        for (index, mark) in unknown.enumerated() {
            let bytes = index < read.entries.count ? read.entries[index] : nil
            var floors = bytes.flatMap(RemoteTag.floors)
            if let told = floors, told.expired.microseconds > clock.present.microseconds + Stamp.maximumLead {
                floors = nil
            }
            if floors == nil { mark.lapsed() }
            // Where the record is missing, nobody knows what it said.
            let (expired, removed) = floors ?? (clock.told(before), clock.told(before))
            clock.observe(expired)
            mark.learn(
                expired: expired,
                removed: removed,
                witness: tagLine(witnesses[index], mark, names[index]),
                since: notices[index],
                clock
            )
        }
    }

    /// Reads what is not known of the tags of a copy in memory that they alone keep from being served; true if it may be served now.
    func learnTags(of key: CacheKey, _ budget: inout RemoteBudget) async -> Bool {
        await !learnTags(of: CollectionOfOne(key), &budget).isEmpty
    }

    /// The same for several keys, in one exchange for all of their tags; those whose copies may be served now.
    func learnTags(of keys: some Sequence<CacheKey>, _ budget: inout RemoteBudget) async -> [CacheKey] {
        guard let gate, let lines else { return [] }
        let now = timeSource.now()
        var (known, marks): ([CacheKey], [String: TagMark]) = ([], [:])
        for key in keys {
            guard let entry = memory.taggedEntry(key, now: now), let tags = entry.marks, now < entry.logicalExpiry,
                entry.isProvisional || lines.standing(entry.witness, now: now) != .lost,
                tags.standing(lines, now: now) == .lost, gate.admitsCallers
            else { continue }
            known.append(key)
            for mark in tags.marks { marks[mark.text] = mark }
        }
        guard let first = known.first else { return [] }
        do {
            try await learn(marks.values, &budget)
            return known
        } catch {
            noteRemoteFailure(error, operation: "get", key: first)
            return []
        }
    }

    /// Finds out whether a flight that is under way is void, where a record of its tags was changed: mostly by a longer life alone, and
    /// then who comes may join it. Costs an exchange there, and none elsewhere.
    func resolveDoubt<Value: Sendable>(
        _ key: CacheKey,
        _ purpose: FlightTable.Purpose,
        as type: Value.Type,
        _ budget: inout RemoteBudget
    ) async {
        guard gate != nil else { return }
        let marks = flights.doubtfulTags(key, purpose: purpose, as: type)
        guard !marks.isEmpty else { return }
        do {
            try await learn(marks, &budget)
        } catch {
            noteRemoteFailure(error, operation: "get", key: key)
        }
    }

    /// The number of the line over which a record was read; 0 where that is not certain, and while this node is writing it.
    private func tagLine(_ before: RemoteWitness?, _ mark: TagMark, _ name: String) -> UInt32 {
        guard let before, invalidation?.isWriting(tag: mark.text, on: before.line) != true else { return 0 }
        return line(before, of: name)
    }

    /// Checks tags against the remote tier, soon. Nobody waits for it.
    func lookAfter(_ tags: TagSet, gate: RemoteGate) {
        guard isLookingAfterTags.exchange(true, ordering: .acquiringAndReleasing) == false else { return }
        // Owned by the cache: one at a time, and it ends with its one exchange.
        Task {
            var budget = RemoteBudget(self.configuration.remoteDeadline)
            do {
                try await self.learn(tags.marks, &budget)
            } catch {
                self.noteRemoteFailure(error, operation: "get", key: nil)
            }
            self.isLookingAfterTags.store(false, ordering: .releasing)
        }
    }

    // MARK: Keeping records

    /// Sees to it that the records of these tags stand, before a value with them is stamped, and live as long as it may. Costs an exchange where that
    /// is not known. Where it fails, the value is kept all the same; nobody will believe it without the records.
    ///
    /// - Parameter missing: Up to which stamp a record that is missing makes void, for a value that has its stamp already.
    func keepTags(_ tags: [TagMark], for life: Duration, missing: Stamp? = nil, _ budget: inout RemoteBudget) async {
        guard gate != nil else { return }
        let now = timeSource.now()
        let end = now.advanced(by: life)
        let unknown = tags.filter { mark in
            // A record that somebody tells of is known to be there; else it was there a while ago, and reading finds out if it is not.
            !mark.isKnownToLive(until: end)
                || (lines?.isUsed == true && lines?.isVerified(mark.witness, now: now) != true)
        }
        guard !unknown.isEmpty else { return }
        do {
            _ = try await step(unknown, .keep(missing: missing), life: RemoteGate.tagLife(for: life), &budget)
        } catch {
            noteRemoteFailure(error, operation: "set", key: nil)
        }
    }

    /// One exchange about the records of several tags, from which is learnt what they say.
    func step(
        _ marks: [TagMark],
        _ operation: RemoteTagStep.Operation,
        life: Duration,
        _ budget: inout RemoteBudget
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        guard let gate else { return [] }
        let steps = marks.map { RemoteTagStep(name: keySpace.tagName($0.text), operation: operation, life: life) }
        let notices = marks.map(\.notices)
        let begun = zip(marks, steps).map { beginWrite($0, $1.name) }
        let asked = timeSource.now()
        let outcomes: [Result<RemoteTag, RemoteTierError>]
        do {
            outcomes = try await gate.perform(&budget) { tier, timeout in
                try await tier.tags(steps, timeout: timeout)
            }
        } catch {
            for (index, mark) in marks.enumerated() {
                guard let (witness, former) = begun[index] else { continue }
                invalidation?.end(tag: mark.text, on: witness.line, .unknown)
                if !RemoteGate.mayHaveSetOut(error), invalidation?.isWriting(tag: mark.text, on: witness.line) != true {
                    mark.vouch(again: former, since: notices[index])
                }
            }
            throw error
        }
        for (index, mark) in marks.enumerated() {
            let witness = begun[index]?.witness
            guard index < outcomes.count, let tag = try? outcomes[index].get() else {
                if let witness { invalidation?.end(tag: mark.text, on: witness.line, .unknown) }
                continue
            }
            clock.calibrate(remoteTime: tag.time, since: asked)
            clock.observe(tag.expired)
            var line: UInt32 = 0
            if let witness {
                line = self.line(witness, of: steps[index].name)
                let became: OwnWrites.Outcome = tag.isChanged ? .changed : .unchanged
                invalidation?.end(tag: mark.text, on: witness.line, line == 0 ? .unknown : became)
                if invalidation?.isWriting(tag: mark.text, on: witness.line) == true { line = 0 }
            }
            // Nothing was done, nor made where it was missing.
            if tag.isLate { continue }
            mark.learn(expired: tag.expired, removed: tag.removed, witness: line, since: notices[index], clock)
            mark.lives(until: asked.advanced(by: tag.remaining))
        }
        return outcomes
    }

    /// The line that will tell of this write, and that which vouched for what was known before.
    private func beginWrite(_ mark: TagMark, _ name: String) -> (witness: RemoteWitness, former: UInt32)? {
        guard let witness = witness(of: name) else { return nil }
        invalidation?.begin(tag: mark.text, on: witness.line)
        return (witness, mark.vouchForNothing())
    }
}
