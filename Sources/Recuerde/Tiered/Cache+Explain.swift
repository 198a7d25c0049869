import Synchronization

/// What a cache knows about one key.
extension Cache {
    /// What each tier holds under a key and which rule makes it a hit or a miss, with what is under way and what waits for it; never the value. For operators.
    ///
    /// Disturbs neither statistics nor the order of use, starts no load and takes no lease. Takes the key itself where keys are hidden. Costs up to three exchanges,
    /// all of them within ``CacheConfiguration/remoteDeadline``.
    ///
    /// - Throws: ``CacheError`` for an invalid key, or a cache that was closed. Redis that does not answer is no error, but told.
    public func explain(_ key: CacheKey) async throws -> KeyExplanation {
        let key = try admitted(key)
        let name = keySpace.entryName(key)
        let overruled = gate?.overrules(name).map(clock.told)
        let ruling = gate?.ruling(name)
        let flights = flights.present(key)
        var explanation = KeyExplanation(
            key: key.text,
            name: name,
            verdict: "",
            redisAnswered: false,
            hasPendingWrite: overruled != nil,
            journal: [],
            isLoading: !flights.isEmpty,
            flights: flights.map { KeyExplanation.Flight($0.purpose, waiting: $0.waiting) }
                .sorted { $0.purpose < $1.purpose },
            pause: throttles.pause(of: key, now: timeSource.now())
        )
        var isExpired = false
        if let gate {
            var budget = RemoteBudget(configuration.remoteDeadline)
            do {
                let read = try await gate.perform(&budget) { tier, timeout in
                    try await tier.read([name], with: [], timeout: timeout)
                }
                explanation.redisAnswered = true
                if let bytes = read.entries.first ?? nil {
                    explanation.redis = await holding(of: bytes, name: name, overruled: overruled, &budget)
                    isExpired = configuration.format == .envelope && Envelope.head(bytes)?.isExpired == true
                }
            } catch {
                // Nil where the breaker spared the exchange.
                explanation.redisFailure = JournalReason(error).map { "\($0)" } ?? "left_alone"
            }
            explanation.lease = await lease(of: key, gate: gate, &budget)
        }
        // What was just learnt of the tags holds here too.
        explanation.memory = memory.peek(key, now: timeSource.now()).map {
            holding(of: $0, isOverruled: !isBelieved($0.metadata, of: key))
        }
        explanation.journal = waiting(for: name, tags: [explanation.memory, explanation.redis])
        explanation.verdict = verdict(on: explanation, isExpired: isExpired, ruling)
        return explanation
    }

    // MARK: Memory

    private func holding(of entry: MemoryEntry, isOverruled: Bool) -> KeyExplanation.Holding {
        let now = timeSource.now()
        let judged = judged(entry.metadata, now: now)
        let state = judged.map { now < $0.logicalExpiry ? "fresh" : "stale" } ?? "invalidated"
        var holding = KeyExplanation.Holding(
            state: isOverruled ? "overruled" : state,
            bytes: entry.weight,
            tags: entry.tags
        )
        holding.stamp = entry.stamp
        holding.age = entry.createdAt.duration(to: now)
        holding.remaining = now.duration(to: judged?.logicalExpiry ?? entry.logicalExpiry)
        holding.life = now.duration(to: judged?.physicalExpiry ?? entry.physicalExpiry)
        holding.marks = marks(entry.metadata.marks, of: entry.stamp)
        holding.validators = entry.validators
        holding.cost = entry.cost
        holding.isProvisional = gate != nil && entry.isProvisional
        if let lines {
            let own = lines.standing(entry.metadata.witness, now: now)
            let ofTags = entry.metadata.marks?.standing(lines, now: now) ?? .verified
            // As good as the worse of the two.
            holding.standing = "\(own == .lost || ofTags == .verified ? own : ofTags)"
        }
        return holding
    }

    // MARK: Redis

    private func holding(
        of bytes: [UInt8],
        name: String,
        overruled: Stamp?,
        _ budget: inout RemoteBudget
    ) async -> KeyExplanation.Holding {
        guard configuration.format == .envelope else {
            guard pipeline.admits(.plain) else { return refused(.unencrypted, bytes, nil) }
            return KeyExplanation.Holding(state: overruled == nil ? "fresh" : "overruled", bytes: bytes.count)
        }
        let sealed = Envelope(decoding: bytes[...])
        let metadata: EntryMetadata
        do {
            metadata = try believed(pipeline.opened(bytes[...], as: name)).metadata
        } catch {
            return refused(error, bytes, sealed)
        }
        let isOverruled = overruled.map { metadata.stamp <= $0 } ?? false
        let tags = self.tags.set(of: metadata.tags)
        var floors = (expired: Stamp.zero, removed: Stamp.zero)
        if let tags {
            clock.observe(metadata.stamp)
            try? await learn(tags.marks, &budget)
            floors = tags.floors(clock)
        }
        let now = clock.presentTime
        let isFresh = now < metadata.freshUntil(now) && metadata.stamp > floors.expired
        var state = metadata.stamp <= floors.removed ? "invalidated" : isFresh ? "fresh" : "stale"
        if now >= metadata.physicalExpiry { state = "dead" }
        var holding = KeyExplanation.Holding(
            state: isOverruled ? "overruled" : state,
            bytes: bytes.count,
            tags: metadata.tags
        )
        holding.stamp = metadata.stamp
        holding.age = metadata.createdAt.duration(to: now)
        holding.remaining = now.duration(to: metadata.freshUntil(now))
        holding.life = now.duration(to: metadata.physicalExpiry)
        holding.marks = marks(tags, of: metadata.stamp)
        holding.validators = metadata.validators
        holding.cost = metadata.cost
        holding.payload = sealed.map(KeyExplanation.Payload.init)
        return holding
    }

    private func refused(
        _ refusal: PayloadRefusal,
        _ bytes: [UInt8],
        _ envelope: Envelope?
    ) -> KeyExplanation.Holding {
        var holding = KeyExplanation.Holding(
            state: refusal == .unencrypted ? "unencrypted" : "unreadable",
            bytes: bytes.count
        )
        holding.refusal =
            switch refusal {
            case .damaged, .notInflated: "damaged"
            case .unencrypted: "unencrypted"
            case .unknownKey: "unknown_key"
            case .forged: "forged"
            }
        holding.payload = envelope.map(KeyExplanation.Payload.init)
        return holding
    }

    private func marks(_ tags: TagSet?, of stamp: Stamp) -> [KeyExplanation.Mark] {
        let stamp = clock.told(stamp)
        return (tags?.marks ?? []).map { mark in
            let floors = mark.floors
            let expired = Stamp(microseconds: clock.toldFloor(floors.expired))
            let removed = Stamp(microseconds: clock.toldFloor(floors.removed))
            let isInDoubt = TagSet([mark]).isInDoubt(stamp, clock)
            let effect =
                stamp <= removed ? "removed" : stamp <= expired ? "expired" : isInDoubt ? "unknown" : "valid"
            return KeyExplanation.Mark(
                tag: mark.tag,
                effect: effect,
                expiredUpTo: expired > .zero ? expired : nil,
                removedUpTo: removed > .zero ? removed : nil
            )
        }
    }

    // MARK: What is under way

    /// Who has the lease of the key's load. Redis is asked by a read like any other, so that nothing is taken by it.
    private func lease(
        of key: CacheKey,
        gate: RemoteGate,
        _ budget: inout RemoteBudget
    ) async -> KeyExplanation.Lease? {
        guard gate.tier.leases != nil else { return nil }
        let lease = keySpace.loadLease(key)
        let isHeldHere = leases.holds(lease)
        let read = try? await gate.perform(&budget) { tier, timeout in
            try await tier.read([lease.name], with: .timesToLive, timeout: timeout)
        }
        guard let read, read.entries.first ?? nil != nil else {
            return isHeldHere ? KeyExplanation.Lease(isHeldHere: true) : nil
        }
        return KeyExplanation.Lease(isHeldHere: isHeldHere, remaining: read.timesToLive.first ?? nil)
    }

    private func waiting(for name: String, tags holdings: [KeyExplanation.Holding?]) -> [KeyExplanation.Waiting] {
        guard let gate, gate.hasWaiting else { return [] }
        var records: [String] = []
        for tag in holdings.compactMap(\.self).flatMap(\.tags) {
            guard let text = TagBook.text(of: tag) else { continue }
            let record = keySpace.tagName(text)
            if !records.contains(record) { records.append(record) }
        }
        let now = timeSource.now()
        return gate.state.withLock { $0.journal.waiting(for: name, tags: records, now: now) }
            .map { waiting in
                var waiting = waiting
                waiting.stamp = clock.told(waiting.stamp)
                return waiting
            }
    }
}

extension KeyExplanation.Payload {
    fileprivate init(_ envelope: Envelope) {
        self.init(
            isCompressed: envelope.isCompressed,
            encryptionKeyID: envelope.seal?.keyID,
            schemaVersion: envelope.schemaVersion
        )
    }
}

extension KeyExplanation.Flight {
    fileprivate init(_ purpose: FlightTable.Purpose, waiting: Int) {
        self.init(
            purpose: purpose.isEarly ? "early_refresh" : purpose.refreshes ? "refresh" : "load",
            waiting: waiting
        )
    }
}
