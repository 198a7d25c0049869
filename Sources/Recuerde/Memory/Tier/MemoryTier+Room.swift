import Synchronization

extension MemoryTier {
    /// For what is heavier, more of the lightest entries may have to go than should under one lock.
    private static let heavy = MemoryShard.mostVictims * MemoryEntry.overhead
    /// How often others are waited for.
    private static let attempts = 4

    /// Runs a step that puts an entry in, under the lock of its key's part: after room was made for a heavy one in steps, and again where those
    /// who have room to give were busy. A step that is to come again has changed nothing; ``MemoryShard/isWaiting`` tells it.
    @inline(__always)
    func storing<Result>(
        _ key: CacheKey,
        _ metadata: MemoryMetadata?,
        now: MonotonicInstant,
        _ body: (inout MemoryShard) -> Result
    ) -> Result {
        var room = MemoryRoom()
        if let metadata, metadata.weight > Self.heavy { makeWay(key, metadata, now: now, room: &room) }
        var isWaiting = false
        let result = store(key, room, mayWait: true, isWaiting: &isWaiting, body)
        return isWaiting ? storeAgain(key, body) : result
    }

    @inline(__always)
    private func store<Result>(
        _ key: CacheKey,
        _ room: MemoryRoom,
        mayWait: Bool,
        isWaiting: inout Bool,
        _ body: (inout MemoryShard) -> Result
    ) -> Result {
        locked(key) { shard in
            shard.take(room)
            shard.mayWait = mayWait
            let result = body(&shard)
            isWaiting = shard.isWaiting
            shard.isWaiting = false
            shard.mayWait = false
            shard.settleSpare()
            return result
        }
    }

    @inline(never)
    private func storeAgain<Result>(_ key: CacheKey, _ body: (inout MemoryShard) -> Result) -> Result {
        var isWaiting = false
        for _ in 1..<Self.attempts {
            letOneGo(besides: key)
            let result = store(key, MemoryRoom(), mayWait: true, isWaiting: &isWaiting, body)
            if !isWaiting { return result }
        }
        letOneGo(besides: key)
        return store(key, MemoryRoom(), mayWait: false, isWaiting: &isWaiting, body)
    }

    @inline(never)
    private func makeWay(_ key: CacheKey, _ metadata: MemoryMetadata, now: MonotonicInstant, room: inout MemoryRoom) {
        guard !ledger.hasRoom(entries: 1, bytes: metadata.weight) else { return }
        // As many steps as it takes if all have to go, and a few for what comes in meanwhile.
        for _ in 0..<(16 + ledger.entries / MemoryShard.mostVictims * 2) {
            var isWaiting = false
            let goesOn = locked(key) { shard in
                let goesOn = shard.makeWay(
                    key,
                    weight: metadata.weight,
                    cost: metadata.cost?.microdollars ?? 0,
                    isProvisional: metadata.isProvisional,
                    room: &room,
                    now: now
                )
                isWaiting = shard.isWaiting
                shard.isWaiting = false
                return goesOn
            }
            guard goesOn else { return }
            if isWaiting { letOneGo(besides: key) }
        }
    }

    /// Makes another part let one entry go, or another tier of the same budget. Waits for their locks, one at a time, and holds none meanwhile.
    private func letOneGo(besides key: CacheKey) {
        if letOneGo(where: { $0 != part(of: key) }) { return }
        guard let budget = ledger.budget else { return }
        let others = budget.tiers().filter { $0 !== self }
        for tier in others.sorted(by: { $0.ledger.bytes > $1.ledger.bytes }) where tier.letOneGo(where: { _ in true }) {
            return
        }
    }

    private func letOneGo(where isAsked: (MemoryPart) -> Bool) -> Bool {
        let now = timeSource.now()
        let start = giver.wrappingAdd(1, ordering: .relaxed).newValue
        for offset in parts.indices {
            let part = parts[(start &+ offset) & (parts.count - 1)]
            guard isAsked(part) else { continue }
            var given = MemoryRemains()
            let hasGiven = part.withLock { shard in
                guard let remains = shard.giveOne(aboveShare: false, now: now) else { return false }
                given = remains
                return true
            }
            given.tell(listener)
            if hasGiven { return true }
        }
        return false
    }
}
