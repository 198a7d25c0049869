/// What the remote tier tells of its entries.
extension MemoryShard {
    /// Another has changed the entry: the copy goes, and whatever was read or made of what stood there before is void.
    ///
    /// What is on its way there stays. Whether it comes before that change or after it, its stamp will tell, and until then nothing vouches
    /// for it.
    mutating func invalidate(_ key: CacheKey, now: MonotonicInstant) -> Bool {
        voidGuardsByNotice(of: key)
        guard let slot = find(key), !isProvisional(slot) else { return false }
        release(slot, .removed, now: now)
        settleSpare()
        return true
    }

    /// The copy of an entry stays, and nothing tells of its next change.
    mutating func vouchForNothing(_ key: CacheKey) {
        if let slot = find(key) { slots.hot(slot).pointee.witness = 0 }
    }

    /// The remote tier was asked for the stamp of an entry whose copy nothing vouched for; nil where it has none.
    ///
    /// A copy that is the same has a witness again, and is stale if the remote tier's has been expired. One that is older, or is not there any more, goes; one that is newer stays as it is, since
    /// the remote tier may have lost what it had.
    mutating func verify(
        _ guard: Guard,
        _ key: CacheKey,
        stamp: Stamp?,
        isExpired: Bool = false,
        witness: UInt32,
        now: MonotonicInstant
    ) {
        let isCurrent = isValid(`guard`, of: key)
        _ = closeGuard(`guard`, of: key, filling: nil, now: now)
        guard isCurrent, let slot = find(key), !isProvisional(slot) else { return }
        if let stamp, self.stamp(slot) >= stamp {
            if isExpired, self.stamp(slot) == stamp { makeStale(slot, now: now) }
            if self.stamp(slot) == stamp, witness != 0 { slots.hot(slot).pointee.witness = witness }
        } else {
            release(slot, .removed, now: now)
            settleSpare()
        }
    }
}

extension MemoryTier {
    /// True if a copy was there.
    @discardableResult
    func invalidate(_ key: CacheKey) -> Bool {
        let now = timeSource.now()
        return locked(key) { $0.invalidate(key, now: now) }
    }

    func vouchForNothing(_ key: CacheKey) {
        locked(key) { $0.vouchForNothing(key) }
    }

    /// Whatever is read or made at this moment is void.
    func voidAllGuards() {
        for part in parts { locked(part) { $0.voidAllGuardsByNotice() } }
    }

    func verify(
        _ guard: MemoryShard.Guard,
        _ key: CacheKey,
        stamp: Stamp?,
        isExpired: Bool = false,
        witness: UInt32
    ) {
        let now = timeSource.now()
        locked(key) { $0.verify(`guard`, key, stamp: stamp, isExpired: isExpired, witness: witness, now: now) }
    }
}
