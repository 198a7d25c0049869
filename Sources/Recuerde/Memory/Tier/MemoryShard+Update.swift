/// Changes of what is there: its lifetime, and its value as a function of the one before. The function itself runs without the lock.
extension MemoryShard {
    /// What stands under a key, dead entries left out, and a guard that a write or removal of the key makes void. Marks nothing as used.
    mutating func beginUpdate(_ key: CacheKey, now: MonotonicInstant) -> (guard: Guard, seen: MemoryEntry?) {
        (openGuard(key), peek(key, now: now))
    }

    /// Takes the guard away, and puts an entry, or removes what is there for nil, if what stands under the key is still what was seen;
    /// false where it is not, and nothing has changed. True also where the entry was refused for lack of room, as one that was set may be.
    mutating func endUpdate(
        _ guard: Guard,
        of key: CacheKey,
        seen: MemoryEntry?,
        putting entry: MemoryEntry?,
        now: MonotonicInstant
    ) -> Bool {
        // Beside writes there are fills, evictions and other lifetimes, which make no guard void.
        let stands = isValid(`guard`, of: key) && isUnchanged(key, since: seen, now: now)
        if stands, let entry {
            _ = insert(key, entry, now: now)
            // Where room is waited for, the next attempt goes on.
            if isWaiting { return false }
        } else if stands, let slot = find(key) {
            release(slot, .removed, now: now)
            settleSpare()
        }
        _ = closeGuard(`guard`, of: key, filling: nil, now: now)
        if stands { voidGuards(of: key) }
        return stands
    }

    private func isUnchanged(_ key: CacheKey, since seen: MemoryEntry?, now: MonotonicInstant) -> Bool {
        guard let slot = find(key), isLive(slot, now: now) else { return seen == nil }
        guard let seen else { return false }
        let hot = slots.hot(slot)
        return stamp(slot) == seen.stamp && hot.pointee.logicalExpiry == seen.logicalExpiry.nanoseconds
            && hot.pointee.physicalExpiry == seen.physicalExpiry.nanoseconds
    }

    /// Other lifetimes for an entry that is fresh, and counts as used by it; with a stamp, only for the entry that bears it, which may get another.
    mutating func touch(
        _ key: CacheKey,
        logicalExpiry: MonotonicInstant,
        physicalExpiry: MonotonicInstant,
        ifStamped stamp: Stamp? = nil,
        becoming next: Stamp? = nil,
        now: MonotonicInstant
    ) -> Bool {
        guard let slot = find(key), isLive(slot, now: now), now.nanoseconds < slots.hot(slot).pointee.logicalExpiry,
            stamp == nil || (self.stamp(slot) == stamp && !isProvisional(slot))
        else { return false }
        policy.hit(slot)
        if let next { slots.cold(slot).pointee.stamp = next.microseconds }
        return setLifetime(key, logicalExpiry: logicalExpiry, physicalExpiry: physicalExpiry, now: now)
    }
}

extension MemoryTier {
    func beginUpdate(_ key: CacheKey, now: MonotonicInstant) -> (guard: MemoryShard.Guard, seen: MemoryEntry?) {
        locked(key) { $0.beginUpdate(key, now: now) }
    }

    func endUpdate(
        _ guard: MemoryShard.Guard,
        of key: CacheKey,
        seen: MemoryEntry?,
        putting entry: MemoryEntry?
    ) -> Bool {
        let now = timeSource.now()
        return storing(key, entry?.metadata, now: now) {
            $0.endUpdate(`guard`, of: key, seen: seen, putting: entry, now: now)
        }
    }

    func touch(
        _ key: CacheKey,
        logicalExpiry: MonotonicInstant,
        physicalExpiry: MonotonicInstant,
        ifStamped stamp: Stamp? = nil,
        becoming next: Stamp? = nil
    ) -> Bool {
        let now = timeSource.now()
        return locked(key) {
            $0.touch(
                key,
                logicalExpiry: logicalExpiry,
                physicalExpiry: physicalExpiry,
                ifStamped: stamp,
                becoming: next,
                now: now
            )
        }
    }
}
