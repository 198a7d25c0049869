/// Values that somebody has expired: misses from then on, which may stand in for loads that fail.
///
/// An entry keeps its stamp, for it is the same value. One whose logical expiry is its physical one must not stand in, and goes.
extension MemoryShard {
    /// The entry is stale from now on, and what is loaded or fetched for the key is void; true if it was there and not dead.
    ///
    /// What is on its way to the remote tier stays as it is, until that has said which of the two came first.
    mutating func expire(_ key: CacheKey, now: MonotonicInstant) -> Bool {
        voidGuards(of: key)
        guard let slot = find(key) else { return false }
        let wasLive = isLive(slot, now: now)
        if !wasLive {
            release(slot, .expired)
        } else if !isProvisional(slot) {
            expire(slot, .removed, now: now)
        }
        settleSpare()
        return wasLive
    }

    /// An expiry has come to its end: whatever was put or fetched before it, or while it went on, is stale. Stamps are compared as `told` tells them.
    ///
    /// Where the remote tier has carried it out, what is still on its way there goes: only the remote tier knows which came first.
    mutating func expireUpTo(
        _ stamp: Stamp,
        _ key: CacheKey,
        isAcknowledged: Bool,
        told: (Stamp) -> Stamp = { $0 },
        now: MonotonicInstant
    ) {
        voidGuards(of: key)
        guard let slot = find(key) else { return }
        if isAcknowledged, isProvisional(slot) {
            release(slot, .removed, now: now)
        } else if told(self.stamp(slot)) <= told(stamp) {
            expire(slot, .removed, now: now)
        }
        settleSpare()
    }

    /// Everything is stale from now on, but for what is on its way to the remote tier. Looks at `limit` slots from `cursor` on, and adds to
    /// `count` how many entries were fresh; returns where to go on, nil at the end.
    mutating func expireAll(
        from cursor: UInt32 = 0,
        limit: Int = .max,
        count: inout Int,
        now: MonotonicInstant
    ) -> UInt32? {
        if cursor == 0 { voidAllGuards() }
        return step(from: cursor, limit: limit) { shard, slot in
            let deadline = shard.slots.hot(slot).pointee.logicalExpiry
            if now.nanoseconds < deadline { count += 1 }
            if !shard.isProvisional(slot) { shard.expire(slot, .cleared, now: now) }
        }
    }

    /// A clear that keeps stale values has come to its end: whatever is not stamped later is stale. Where the remote tier has carried it
    /// out, what is on its way there goes, but for what is stamped later: other than the stamp of an expiry, that of a clear was made here.
    mutating func expireAllUpTo(
        _ stamp: Stamp,
        from cursor: UInt32 = 0,
        limit: Int = .max,
        isAcknowledged: Bool,
        told: (Stamp) -> Stamp = { $0 },
        now: MonotonicInstant
    ) -> UInt32? {
        if cursor == 0 { voidAllGuards() }
        return step(from: cursor, limit: limit) { shard, slot in
            guard told(shard.stamp(slot)) <= told(stamp) else { return }
            if isAcknowledged, shard.isProvisional(slot) {
                shard.release(slot, .cleared, now: now)
            } else {
                shard.expire(slot, .cleared, now: now)
            }
        }
    }

    private mutating func expire(_ slot: UInt32, _ reason: RemovalReason.Wrapped, now: MonotonicInstant) {
        let hot = slots.hot(slot)
        if hot.pointee.logicalExpiry < hot.pointee.physicalExpiry {
            makeStale(slot, now: now)
        } else {
            release(slot, reason, now: now)
        }
    }

    /// The entry is fresh no more, and nothing vouches for it: what stands in for a load is asked for once more in the remote tier, if that answers.
    func makeStale(_ slot: UInt32, now: MonotonicInstant) {
        let hot = slots.hot(slot)
        hot.pointee.logicalExpiry = min(hot.pointee.logicalExpiry, now.nanoseconds)
        hot.pointee.witness = 0
    }
}

extension MemoryTier {
    func expire(_ key: CacheKey) -> Bool {
        let now = timeSource.now()
        return locked(key) { $0.expire(key, now: now) }
    }

    func expireUpTo(
        _ stamp: Stamp,
        _ key: CacheKey,
        isAcknowledged: Bool,
        told: (Stamp) -> Stamp = { $0 }
    ) {
        let now = timeSource.now()
        locked(key) { $0.expireUpTo(stamp, key, isAcknowledged: isAcknowledged, told: told, now: now) }
    }

    /// Returns how many entries were fresh.
    func expireAll() -> Int {
        let now = timeSource.now()
        var count = 0
        inSteps { $0.expireAll(from: $1, limit: $2, count: &count, now: now) }
        return count
    }

    func expireAllUpTo(_ stamp: Stamp, isAcknowledged: Bool, told: (Stamp) -> Stamp = { $0 }) {
        let now = timeSource.now()
        inSteps {
            $0.expireAllUpTo(stamp, from: $1, limit: $2, isAcknowledged: isAcknowledged, told: told, now: now)
        }
    }
}
