/// Keys of a cache, for operators.
public struct CacheKeyPage: Sendable, Hashable {
    /// Texts of keys, without the prefix, in no order.
    public var keys: [String]
    /// Whether there are more than were asked for.
    public var isTruncated: Bool
    /// Where they were read: `redis` or `memory`.
    public var source: String
}

/// What a cache knows about one key, and why a read of it would hit or miss.
public struct KeyExplanation: Sendable, Hashable {
    /// What one tier holds.
    public struct Holding: Sendable, Hashable {
        /// `fresh`, `stale`, `unreadable`, `unencrypted` where encryption is required, `overruled` by a write that waits for Redis, or `invalidated` by one of its
        /// tags; one that has expired by its tags and may stand in for a load is `stale`.
        public var state: String
        /// The entry's version; nil where the format does not say.
        public var stamp: Stamp?
        /// Time since the value was made.
        public var age: Duration?
        /// Time until its logical expiry.
        public var remaining: Duration?
        /// Bytes: the weight in memory, or the length in Redis.
        public var bytes: Int
        /// The entry's tags.
        public var tags: [String]
        /// Whether somebody tells of changes of it: `verified`, `unverified` (not for a moment, within ``CacheConfiguration/stalenessBound``)
        /// or `lost`. Nil for what Redis holds, and where nobody goes by it.
        public var standing: String?
    }

    /// The key's text.
    public var key: String
    /// The entry's name in Redis.
    public var name: String
    /// What memory holds; nil for nothing.
    public var memory: Holding?
    /// What Redis holds; nil for nothing, or where it was not to be asked.
    public var redis: Holding?
    /// Whether Redis answered.
    public var redisAnswered: Bool
    /// Whether a write of this key, or a clear, waits for Redis.
    public var hasPendingWrite: Bool
    /// Whether a load is under way.
    public var isLoading: Bool
    /// What a read would find, and by which rule.
    public var verdict: String
}

extension Cache {
    /// Up to `limit` keys of this cache's prefix: from Redis by SCAN, or from memory where Redis does not answer.
    ///
    /// For operators. Costs a walk over the keys of the Redis database, page by page, until enough are found; at most
    /// 200 pages.
    public func keys(limit: Int = 100) async throws -> CacheKeyPage {
        try admit()
        let limit = max(0, min(limit, 10_000))
        if let gate {
            do {
                return try await remoteKeys(limit: limit, gate: gate)
            } catch {
                noteRemoteFailure(error, operation: "scan", key: nil)
                try rethrowIfAsked(error)
            }
        }
        let keys = memory.keys(limit: limit + 1)
        return CacheKeyPage(keys: Array(keys.prefix(limit)), isTruncated: keys.count > limit, source: "memory")
    }

    private func remoteKeys(limit: Int, gate: RemoteGate) async throws -> CacheKeyPage {
        var keys: Set<String> = []
        var cursor: String?
        for _ in 0..<200 {
            let from = cursor
            let page = try await gate.perform { tier, timeout in
                try await tier.scan(pattern: keySpace.pattern, cursor: from, count: 500, timeout: timeout)
            }
            keys.formUnion(page.names.compactMap(keySpace.keyText))
            cursor = page.cursor
            if cursor == nil || keys.count > limit { break }
        }
        return CacheKeyPage(
            keys: Array(keys.prefix(limit)),
            isTruncated: keys.count > limit || cursor != nil,
            source: "redis"
        )
    }

    /// What each tier holds under a key, and what a read would make of it. Disturbs neither statistics nor the order
    /// of use.
    public func explain(_ key: CacheKey) async throws -> KeyExplanation {
        let key = try admitted(key)
        let name = keySpace.entryName(key)
        let overruled = gate?.overrules(name).map(clock.told)
        let ruling = gate?.ruling(name)
        var isExpired = false
        var explanation = KeyExplanation(
            key: key.text,
            name: name,
            redisAnswered: false,
            hasPendingWrite: overruled != nil,
            isLoading: flights.contains(key),
            verdict: ""
        )
        if let gate {
            let read = try? await gate.perform { tier, timeout in
                try await tier.read([name], with: [], timeout: timeout)
            }
            explanation.redisAnswered = read != nil
            if let bytes = read?.entries.first ?? nil {
                var budget = RemoteBudget(configuration.remoteDeadline)
                explanation.redis = await holding(of: bytes, name: name, overruled: overruled, &budget)
                isExpired = configuration.format == .envelope && Envelope.head(bytes)?.isExpired == true
            }
        }
        // What was just learnt of the tags holds here too.
        explanation.memory = memory.peek(key, now: timeSource.now()).map {
            holding(of: $0, isOverruled: !isBelieved($0.metadata, of: key))
        }
        explanation.verdict = verdict(on: explanation, isExpired: isExpired, ruling)
        return explanation
    }

    private func holding(of entry: MemoryEntry, isOverruled: Bool) -> KeyExplanation.Holding {
        let now = timeSource.now()
        let judged = judged(entry.metadata, now: now)
        let state = judged.map { now < $0.logicalExpiry ? "fresh" : "stale" } ?? "invalidated"
        return KeyExplanation.Holding(
            state: isOverruled ? "overruled" : state,
            stamp: entry.stamp,
            age: entry.createdAt.duration(to: now),
            remaining: now.duration(to: judged?.logicalExpiry ?? entry.logicalExpiry),
            bytes: entry.weight,
            tags: entry.tags,
            standing: lines.map { "\($0.standing(entry.metadata.witness, now: now))" }
        )
    }

    private func holding(
        of bytes: [UInt8],
        name: String,
        overruled: Stamp?,
        _ budget: inout RemoteBudget
    ) async -> KeyExplanation.Holding {
        guard configuration.format == .envelope else {
            guard pipeline.admits(.plain) else {
                return KeyExplanation.Holding(state: "unencrypted", bytes: bytes.count, tags: [])
            }
            return KeyExplanation.Holding(
                state: overruled == nil ? "fresh" : "overruled",
                bytes: bytes.count,
                tags: []
            )
        }
        let metadata: EntryMetadata
        do {
            metadata = try believed(pipeline.opened(bytes[...], as: name)).metadata
        } catch {
            let state = error == .unencrypted ? "unencrypted" : "unreadable"
            return KeyExplanation.Holding(state: state, bytes: bytes.count, tags: [])
        }
        let isOverruled = overruled.map { metadata.stamp <= $0 } ?? false
        var floors = (expired: Stamp.zero, removed: Stamp.zero)
        if let tags = tags.set(of: metadata.tags) {
            clock.observe(metadata.stamp)
            try? await learn(tags.marks, &budget)
            floors = tags.floors(clock)
        }
        let now = clock.presentTime
        let isFresh = now < metadata.freshUntil(now) && metadata.stamp > floors.expired
        let state = metadata.stamp <= floors.removed ? "invalidated" : isFresh ? "fresh" : "stale"
        return KeyExplanation.Holding(
            state: isOverruled ? "overruled" : state,
            stamp: metadata.stamp,
            age: metadata.createdAt.duration(to: now),
            remaining: now.duration(to: metadata.freshUntil(now)),
            bytes: bytes.count,
            tags: metadata.tags
        )
    }

    /// - Parameters:
    ///   - explanation: What the tiers hold.
    ///   - isExpired: Whether somebody has expired what Redis holds.
    ///   - ruling: What waits for Redis.
    private func verdict(
        on explanation: KeyExplanation,
        isExpired: Bool,
        _ ruling: RecoveryJournal.Ruling?
    ) -> String {
        if asksMemoryFirst, explanation.memory?.state == "fresh" {
            switch explanation.memory?.standing {
            case "lost" where gate?.admitsCallers == true: break
            case "unverified":
                return "hit: memory holds it fresh, and checks it, since nobody tells of changes at present"
            default: return "hit: memory is asked first and holds it fresh"
            }
        }
        if explanation.redisAnswered, !explanation.hasPendingWrite {
            switch explanation.redis?.state {
            case "fresh": return "hit: Redis holds it fresh"
            case "stale" where isExpired: return "miss: it was expired; what Redis holds stands in if the load fails"
            case "stale": return "miss: Redis holds it past its logical expiry; it stands in if the load fails"
            case "invalidated": return "miss: a tag of it was invalidated, or nobody knows whether it was"
            case "unreadable": return "miss: what Redis holds does not decode"
            case "unencrypted": return "miss: what Redis holds is not encrypted, as this cache requires"
            default: return "miss: Redis does not hold it"
            }
        }
        if explanation.hasPendingWrite, explanation.redis?.state == "fresh" { return "hit: Redis holds a later write" }
        switch explanation.memory?.state {
        case "fresh":
            return explanation.hasPendingWrite
                ? "hit: memory holds what still waits to be written to Redis"
                : "hit: Redis does not answer and memory holds it fresh"
        case "stale" where ruling == .expiry:
            return "miss: it was expired, and that waits for Redis; what memory holds stands in if the load fails"
        case "stale": return "miss: memory holds it past its logical expiry; it stands in if the load fails"
        case "overruled", nil:
            switch ruling {
            case .expiry: return "miss: it was expired, and that waits for Redis"
            case .removal: return "miss: it was removed, and the removal waits for Redis"
            case .write where explanation.memory != nil:
                return "miss: it was written anew, and the write waits for Redis"
            case .write, nil: return "miss: memory does not hold it and Redis was not to be asked"
            }
        case "invalidated": return "miss: a tag of it was invalidated"
        default: return "miss: memory does not hold it and Redis was not to be asked"
        }
    }
}
