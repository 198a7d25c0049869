import Synchronization

/// Which copies in memory are served without asking the remote tier first.
extension Cache {
    /// Whether a copy may be served now, by a cache that asks memory first. What is served unverified is counted and looked after, unless
    /// this is for somebody who counts as no request.
    func mayServe(
        _ entry: MemoryMetadata,
        of key: CacheKey,
        now: MonotonicInstant,
        isRequest: Bool = true
    ) -> Bool {
        guard let gate, configuration.readingOrder != .memoryUnchecked else { return true }
        // What waits in the journal has been settled with before this is asked; what does not is on its way, and the newest that is known here.
        if let lines {
            if entry.isProvisional, gate.overrulesMemory(keySpace.entryName(key)) == nil { return true }
            if lines.isVerified(entry.witness, now: now),
                entry.marks?.standing(lines, now: now) ?? .verified == .verified
            {
                return true
            }
        }
        guard gate.admitsCallers else { return mayServeDetached(entry, now: now) }
        guard let lines else { return false }
        let standing = lines.standing(entry.witness, now: now)
        let tagStanding = entry.marks?.standing(lines, now: now) ?? .verified
        guard standing != .lost, tagStanding != .lost else { return false }
        if isRequest {
            counters.add(.unverifiedServed, for: key)
            if standing == .unverified { lookAfter(key, gate: gate) }
            if tagStanding == .unverified, let tags = entry.marks { lookAfter(tags, gate: gate) }
        }
        return true
    }

    /// Whether copies may not be served for as long as they are fresh while the remote tier does not answer.
    var isBoundWhenDetached: Bool {
        configuration.stalenessBoundWhenDetached != nil && gate != nil && configuration.readingOrder != .memoryUnchecked
    }

    /// Whether a copy may be served where the remote tier does not answer.
    func mayServeDetached(_ entry: MemoryMetadata, now: MonotonicInstant) -> Bool {
        guard let bound = configuration.stalenessBoundWhenDetached, gate != nil else { return true }
        // Good when it was made, and for as long as its line told of changes, and those of its tags.
        let goodAt = max(entry.createdAt, provedAt(entry) ?? entry.createdAt)
        return now < goodAt.advanced(by: max(.zero, bound))
    }

    /// Up to when all changes of an entry and of its tags have been told; nil where that is not known.
    private func provedAt(_ entry: MemoryMetadata) -> MonotonicInstant? {
        guard let lines, var provedAt = lines.provedAt(entry.witness) else { return nil }
        for mark in entry.marks?.marks ?? [] {
            guard let ofTag = lines.provedAt(mark.witness) else { return nil }
            provedAt = min(provedAt, ofTag)
        }
        return provedAt
    }

    /// Checks a copy against the remote tier, soon, and with others at the same time. Nobody waits for it.
    private func lookAfter(_ key: CacheKey, gate: RemoteGate) {
        // A plain entry has no stamp to compare; it is read anew when its time to be served unverified has passed.
        guard configuration.format == .envelope, verifications.withLock({ $0.add(key) }) else { return }
        // Owned by the cache: `VerificationQueue` admits one at a time, and it ends with the queue or the first failure.
        Task { await self.verifyWaiting(gate: gate) }
    }

    private func verifyWaiting(gate: RemoteGate) async {
        while true {
            let keys = verifications.withLock { $0.take() }
            if keys.isEmpty { return }
            guard await verify(keys, gate: gate) else { return verifications.withLock { $0.giveUp() } }
        }
    }

    /// One exchange for several copies; false where the remote tier did not answer.
    private func verify(_ keys: [CacheKey], gate: RemoteGate) async -> Bool {
        let names = keys.map(keySpace.entryName)
        let guards = keys.map(memory.openGuard)
        let witnesses = names.map(witness)
        do {
            let read = try await gate.perform { tier, timeout in
                try await tier.read(names, with: .headsOnly, timeout: timeout)
            }
            for (index, key) in keys.enumerated() {
                let head = index < read.entries.count ? read.entries[index].flatMap(Envelope.head) : nil
                memory.verify(
                    guards[index],
                    key,
                    stamp: head?.stamp,
                    isExpired: head?.isExpired ?? false,
                    witness: line(witnesses[index], of: names[index], reading: key)
                )
            }
            return true
        } catch {
            for (key, `guard`) in zip(keys, guards) { memory.closeGuard(`guard`, of: key) }
            noteRemoteFailure(error, operation: "get", key: keys.first)
            return false
        }
    }

    /// What would tell of the next change of an entry, before it is read or written.
    func witness(of name: String) -> RemoteWitness? { gate?.witness(of: name) }

    /// The same before this node writes the entry; see ``RemoteGate/beginWrite(_:_:)``.
    func beginWrite(_ key: CacheKey, _ name: String) -> RemoteWitness? { gate?.beginWrite(key, name) }

    /// The number of the line over which a write went; see ``RemoteGate/endWrite(_:_:_:_:)``.
    func endWrite(
        _ key: CacheKey,
        _ name: String,
        _ witness: RemoteWitness?,
        _ outcome: OwnWrites.Outcome
    ) -> UInt32 {
        gate?.endWrite(key, name, witness, outcome) ?? 0
    }

    /// The number of the line over which a read went that has been answered; 0 where that is not certain, and while the entry is being written.
    func line(_ before: RemoteWitness?, of name: String, reading key: CacheKey) -> UInt32 {
        guard let before, invalidation?.isWriting(key, on: before.line) != true else { return 0 }
        return line(before, of: name)
    }

    /// The number of the line over which an exchange went that has been answered; 0 where that is not certain.
    func line(_ before: RemoteWitness?, of name: String) -> UInt32 { gate?.line(before, of: name) ?? 0 }
}
