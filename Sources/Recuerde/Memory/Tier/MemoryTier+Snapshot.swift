import Synchronization

extension MemoryTier {
    /// Calls with each live entry, outside of the locks: some dozens are copied at a time.
    func forEachEntry(_ body: (String, MemoryEntry) -> Void) {
        let now = timeSource.now()
        for part in parts {
            var cursor: UInt32? = 0
            while let from = cursor {
                var copies: [(String, MemoryEntry)] = []
                part.withLock { shard in
                    cursor = shard.walk(from: from, limit: Self.stepLimit, now: now) { slot in
                        if let entry = shard.entry(slot) {
                            copies.append((shard.slots.hot(slot).pointee.key.text, entry))
                        }
                    }
                }
                for (key, entry) in copies { body(key, entry) }
            }
        }
    }

    enum Restoring {
        /// It is in memory now; another stands there; there is no room for it, but there may be for a lighter one; there is none at all.
        case restored, present, skipped, full
    }

    /// Takes in an entry of a snapshot, unless something stands there; never at the cost of another entry.
    func restore(_ key: CacheKey, _ entry: MemoryEntry) -> Restoring {
        let now = timeSource.now()
        return locked(key) { shard in
            if let slot = shard.find(key), shard.isLive(slot, now: now) { return .present }
            guard ledger.hasRoom(entries: 1, bytes: MemoryEntry.overhead) else { return .full }
            guard ledger.hasRoom(entries: 1, bytes: entry.weight) else { return .skipped }
            return shard.insert(key, entry, now: now) ? .restored : .skipped
        }
    }

    /// Removes what turned out not to decode, if it still stands there.
    func removeRestored(_ key: CacheKey, stamp: Stamp) {
        let now = timeSource.now()
        locked(key) { shard in
            guard let slot = shard.find(key), shard.stamp(slot) == stamp,
                shard.slots.kinds.isKind(shard.slots.hot(slot).pointee.kind, ObjectIdentifier(RestoredValue.self))
            else { return }
            shard.release(slot, .removed, now: now)
            shard.settleSpare()
        }
    }

    /// Puts the decoded value in place of its bytes, if those still stand there. Nobody hears of it, since nothing has changed.
    func replaceRestored(_ key: CacheKey, with entry: MemoryEntry) {
        let now = timeSource.now()
        locked(key) { shard in
            guard let slot = shard.find(key), shard.stamp(slot) == entry.stamp,
                shard.slots.kinds.isKind(shard.slots.hot(slot).pointee.kind, ObjectIdentifier(RestoredValue.self))
            else { return }
            // Where the decoded value is so much heavier that there is no room for it, its bytes stay.
            _ = entry.withSource { shard.recast(slot, as: $0, now: now) }
        }
    }
}
