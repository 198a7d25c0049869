import Synchronization

extension MemoryTier {
    /// Gives back the memory of what is dead, in steps, so that no caller waits long for a lock.
    ///
    /// Returns how many there were.
    @discardableResult
    func purge() -> Int {
        let now = timeSource.now()
        var purged = 0
        for part in parts {
            var more = true
            while more {
                more = locked(part) { shard in
                    let before = shard.count
                    defer { purged += before - shard.count }
                    return shard.purge(now: now, limit: Self.stepLimit)
                }
            }
        }
        return purged
    }

    /// How many entries there are and what they weigh. Dead ones are given back first, so that none is counted.
    func size() -> MemorySize {
        purge()
        let now = timeSource.now()
        for part in parts {
            var cursor: UInt32? = SlotStore.none
            while let from = cursor {
                cursor = locked(part) { $0.purgeWithinTick(now: now, from: from, limit: Self.stepLimit) }
            }
        }
        var size = MemorySize(entries: ledger.entries, bytes: ledger.bytes)
        for part in parts {
            part.withLock { shard in
                size.insertions += shard.insertions
                for reason in RemovalReason.Wrapped.allCases {
                    size.removals[reason.rawValue] += shard.removals(reason)
                }
            }
        }
        return size
    }

    func keys(limit: Int) -> [String] {
        let now = timeSource.now()
        var keys: [String] = []
        for part in parts {
            var cursor: UInt32? = 0
            while let from = cursor, keys.count < limit {
                cursor = part.withLock { shard in
                    shard.walk(from: from, limit: Self.stepLimit * 4, now: now) { slot in
                        if keys.count < limit { keys.append(shard.slots.hot(slot).pointee.key.text) }
                    }
                }
            }
        }
        return keys
    }

    // MARK: Bounds

    /// Other bounds from now on; what is too much goes before this returns.
    func setBounds(entries: Int, bytes: Int) {
        // One caller at a time, so that parts and ledger end with the same bounds. Under it no code of a caller runs.
        bounding.withLock { _ in
            ledger.setBounds(entries: entries, bytes: bytes)
            for part in parts where part.withLock({ $0.followBounds() }) {
                var cursor: UInt32? = 0
                while let from = cursor {
                    cursor = part.withLock { $0.reweigh(from: from, limit: Self.stepLimit) }
                }
            }
        }
        trim()
    }

    /// Lets go of entries until the ledger is within its bounds. From all shards in turn, a few from each.
    func trim() {
        let now = timeSource.now()
        var isEmpty = false
        while ledger.isOver, !isEmpty {
            isEmpty = true
            for part in parts where locked(part, { $0.trim(limit: 16, now: now) }) { isEmpty = false }
        }
    }

    /// Lets go of some sixteen entries at most while the ledger is not within its bounds; true where there may be more to do.
    func trimInTurn() -> Bool {
        let now = timeSource.now()
        var more = false
        for part in parts where locked(part, { $0.trim(limit: max(1, 16 / parts.count), now: now) }) { more = true }
        return more
    }

    /// Lets go of entries, the least wanted first, until they weigh no more than this together. The bounds stay as they are.
    func shrink(toBytes bytes: Int) {
        let now = timeSource.now()
        let target = max(0, bytes)
        var isEmpty = false
        while ledger.bytes > target, !isEmpty {
            isEmpty = true
            for part in parts where ledger.bytes > target {
                if locked(part, { $0.giveSome(limit: 16, downTo: target, now: now) }) { isEmpty = false }
            }
        }
        AllocatedMemory.giveBack()
    }

    /// Takes an entry from another shard than `number`, for a shard that needs room. Called under the lock of that shard, so it waits for no
    /// other lock: a shard that is busy is passed over.
    func takeOne(besides number: Int, aboveShare: Bool, into remains: inout MemoryRemains) -> MemoryShard.Giving {
        let now = timeSource.now()
        let start = giver.wrappingAdd(1, ordering: .relaxed).newValue
        var giving = MemoryShard.Giving.nobody
        for offset in 0..<parts.count {
            let candidate = (start &+ offset) & (parts.count - 1)
            guard candidate != number else { continue }
            let answer = parts[candidate].withLockIfAvailable { $0.giveOne(aboveShare: aboveShare, now: now) }
            guard let answer else {
                giving = .busy
                continue
            }
            if let given = answer {
                remains.add(given)
                return .given
            }
        }
        return giving
    }

    /// Takes an entry from another tier of the same budget, from the largest that gives; with `aboveShare` only from one that has more
    /// than its share. True where one gave.
    ///
    /// Called under the lock of a shard. So the references to those that were asked go to what remains, since a last one ends a tier,
    /// and its values with it; and what a tier gave is told to its own listener.
    func takeOneFromOthers(aboveShare: Bool, into remains: inout MemoryRemains) -> MemoryShard.Giving {
        guard let budget = ledger.budget else { return .nobody }
        var giving = MemoryShard.Giving.nobody
        let others = budget.tiers().filter { $0 !== self }
        for tier in others { remains.keep(tier) }
        let share = budget.share
        for tier in others.sorted(by: { $0.ledger.bytes > $1.ledger.bytes }) {
            if aboveShare, tier.ledger.bytes <= share { return giving }
            var given = MemoryRemains()
            switch tier.takeOne(besides: -1, aboveShare: false, into: &given) {
            case .given:
                remains.add(given, of: tier.listener)
                return .given
            case .busy: giving = .busy
            case .nobody: break
            }
        }
        return giving
    }
}

/// What a memory tier holds, and what became of what it held.
struct MemorySize {
    var entries: Int
    var bytes: Int
    var insertions = 0
    var removals = [Int](repeating: 0, count: RemovalReason.Wrapped.allCases.count)

    init(entries: Int, bytes: Int) {
        self.entries = entries
        self.bytes = bytes
    }

    var evictions: Int { self[.size] + self[.weight] }
    var expirations: Int { self[.expired] }

    subscript(reason: RemovalReason.Wrapped) -> Int {
        removals[reason.rawValue]
    }
}
