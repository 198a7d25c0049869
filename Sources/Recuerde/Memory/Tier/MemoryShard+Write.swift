extension MemoryShard {
    /// Puts what a caller has set. Voids all fills of the key.
    ///
    /// Of two that are both on their way to the remote tier, the one stamped later stays, whichever comes here first.
    mutating func put(_ key: CacheKey, _ entry: MemoryEntry, now: MonotonicInstant) {
        voidGuards(of: key)
        if let slot = find(key), isLive(slot, now: now), isProvisional(slot), stamp(slot) > entry.stamp { return }
        _ = insert(key, entry, now: now)
    }

    /// The same without a remote tier: nothing is on its way there.
    mutating func put(_ key: CacheKey, _ source: MemorySource, now: MonotonicInstant) {
        voidGuards(of: key)
        _ = insert(key, source, now: now)
    }

    /// Puts what a caller has set, and lays a guard that stands until somebody else writes or removes the key.
    mutating func putGuarded(_ key: CacheKey, _ entry: MemoryEntry, now: MonotonicInstant) -> Guard {
        put(key, entry, now: now)
        // What comes again in a moment lays its guard then.
        return isWaiting ? Guard.none : openGuard(key)
    }

    /// Removes the entry and voids all fills of the key; true if it was there and not dead.
    mutating func remove(_ key: CacheKey, now: MonotonicInstant) -> Bool {
        voidGuards(of: key)
        guard let slot = find(key) else { return false }
        let wasLive = isLive(slot, now: now)
        release(slot, wasLive ? .removed : .expired)
        settleSpare()
        return wasLive
    }

    /// Removes the entry if it is this very one; says nothing about the key's other fills.
    mutating func removeIfSame(_ key: CacheKey, as entry: MemoryEntry, now: MonotonicInstant) {
        guard let slot = find(key), holds(slot, entry) else { return }
        release(slot, .removed, now: now)
        settleSpare()
    }

    /// The remote tier has stamped an entry that was put here under a guard, which is taken away.
    ///
    /// What stands here by then gives way only if it was stamped earlier; nothing comes back that was removed. An entry
    /// that the remote tier stamped earlier than another write of the key goes, for the other one stands there.
    ///
    /// With `voidsFills`, reads that are under way keep nothing: where the remote tier has no stamps, what they have read
    /// cannot be told from what was written.
    mutating func acknowledge(
        _ guard: Guard,
        _ key: CacheKey,
        _ entry: MemoryEntry,
        stamp: Stamp,
        witness: UInt32 = 0,
        voidsFills: Bool = false,
        now: MonotonicInstant
    ) {
        let latest = guards[key]?.acknowledged ?? .zero
        // If it does not stand any more, another's write may have been told of that came after this one.
        let witness = isValid(`guard`, of: key) ? witness : 0
        if voidsFills { voidGuards(of: key) }
        guards[key]?.acknowledged = max(latest, stamp)
        _ = closeGuard(`guard`, of: key, filling: nil, now: now)
        guard let slot = find(key) else { return }
        if holds(slot, entry) {
            if latest > stamp {
                release(slot, .removed, now: now)
                settleSpare()
            } else {
                acknowledge(slot, stamp: stamp, witness: witness)
            }
        } else if voidsFills, !isProvisional(slot) {
            // Read while this was being written, before it or after it; without stamps in the remote tier nobody can tell.
            release(slot, .removed, now: now)
            settleSpare()
        } else if !isProvisional(slot), self.stamp(slot) < stamp {
            if insert(key, entry, now: now), let slot = find(key) {
                acknowledge(slot, stamp: stamp, witness: witness)
            }
        }
    }

    /// What stands in a slot is what the remote tier has, under this stamp; it is in nobody's hand any more.
    private func acknowledge(_ slot: UInt32, stamp: Stamp, witness: UInt32 = 0) {
        slots.cold(slot).pointee.stamp = stamp.microseconds
        slots.cold(slot).pointee.identity = 0
        slots.hot(slot).pointee.witness = witness
        slots.hot(slot).pointee.isProvisional = false
    }

    /// A removal has come to its end: whatever was put or fetched before it, or while it went on, goes. Stamps are compared as `told` tells them.
    mutating func removeUpTo(
        _ stamp: Stamp,
        _ key: CacheKey,
        isAcknowledged: Bool,
        told: (Stamp) -> Stamp = { $0 },
        now: MonotonicInstant
    ) {
        voidGuards(of: key)
        guard let slot = find(key) else { return }
        // Two stamps compare only if the same clock made them: a provisional one against that of an intent.
        if told(self.stamp(slot)) <= told(stamp) || (isAcknowledged && isProvisional(slot)) {
            release(slot, .removed, now: now)
            settleSpare()
        }
    }

    /// A clear has come to its end: whatever is not stamped later goes. Looks at `limit` slots from `cursor` on; returns where to go
    /// on, nil at the end.
    mutating func removeAllUpTo(
        _ stamp: Stamp,
        from cursor: UInt32 = 0,
        limit: Int = .max,
        told: (Stamp) -> Stamp = { $0 },
        now: MonotonicInstant
    ) -> UInt32? {
        if cursor == 0 { voidAllGuards() }
        return step(from: cursor, limit: limit) { shard, slot in
            if told(shard.stamp(slot)) <= told(stamp) { shard.release(slot, .cleared, now: now) }
        }
    }

    /// What is stamped up to here is no longer on its way to the remote tier: it gives way to whatever that says, however that is stamped. In
    /// steps, likewise.
    mutating func acknowledgeAllUpTo(_ stamp: Stamp, from cursor: UInt32 = 0, limit: Int = .max) -> UInt32? {
        step(from: cursor, limit: limit) { shard, slot in
            if shard.isProvisional(slot), shard.stamp(slot) <= stamp {
                shard.acknowledge(slot, stamp: .zero)
            }
        }
    }

    mutating func step(
        from cursor: UInt32,
        limit: Int,
        _ body: (inout MemoryShard, UInt32) -> Void
    ) -> UInt32? {
        let end = Int(cursor).addingReportingOverflow(limit)
        let stop = end.overflow ? slots.used : UInt32(min(Int(slots.used), end.partialValue))
        var slot = cursor
        while slot < stop {
            if slots.hot(slot).pointee.isOccupied { body(&self, slot) }
            slot += 1
        }
        settleSpare()
        return stop < slots.used ? stop : nil
    }

    /// An entry that was put here while the remote tier was away has been brought there, or found something newer.
    ///
    /// `final` is the stamp that the remote tier has given it: another one where this machine's clock was far ahead.
    mutating func settle(_ key: CacheKey, stamp: Stamp, final: Stamp, survives: Bool, now: MonotonicInstant) {
        guard let slot = find(key), self.stamp(slot) == stamp else { return }
        if survives {
            acknowledge(slot, stamp: final)
        } else {
            release(slot, .removed, now: now)
            settleSpare()
        }
    }

    /// Nothing brings the value of this load to the remote tier any more. It is served while that does not answer, and gives way to whatever
    /// it says, however that is stamped.
    mutating func giveWay(_ key: CacheKey, stamp: Stamp) {
        guard let slot = find(key), self.stamp(slot) == stamp, !isProvisional(slot) else { return }
        slots.cold(slot).pointee.stamp = 0
    }

    /// The remote tier does not have the key: drops the entry, unless it is on its way there. Fills that are under way
    /// go on.
    mutating func removeUnlessProvisional(_ key: CacheKey, now: MonotonicInstant) {
        guard let slot = find(key), !isProvisional(slot) else { return }
        release(slot, .removed, now: now)
        settleSpare()
    }

    /// Other lifetimes for the entry, if it is there and not dead; one that has passed already removes it.
    mutating func setLifetime(
        _ key: CacheKey,
        logicalExpiry: MonotonicInstant,
        physicalExpiry: MonotonicInstant,
        now: MonotonicInstant
    ) -> Bool {
        guard let slot = find(key), isLive(slot, now: now) else { return false }
        guard now < physicalExpiry else {
            release(slot, .expired)
            settleSpare()
            return true
        }
        let deadline = slots.hot(slot).pointee.physicalExpiry
        slots.hot(slot).pointee.logicalExpiry = min(logicalExpiry, physicalExpiry).nanoseconds
        slots.hot(slot).pointee.physicalExpiry = physicalExpiry.nanoseconds
        wheel.reschedule(slot, from: deadline, in: slots)
        return true
    }

    /// Removes everything and voids all fills; what was there is handed over, to be let go of without the lock.
    mutating func takeAll() -> ClearedSlots {
        voidAllGuards()
        let cleared = count
        removals[RemovalReason.Wrapped.cleared.rawValue] += cleared
        ledger.release(entries: cleared, bytes: bytes)
        bytes = 0
        var old = SlotStore(arena: arena)
        swap(&old, &slots)
        var oldTable = SlotTable(arena: arena)
        swap(&oldTable, &table)
        wheel.removeAll()
        return ClearedSlots(slots: old, table: oldTable, order: policy.takeAll())
    }

    /// Of what was cleared, so many were dead already.
    mutating func noteExpired(ofCleared dead: Int) {
        removals[RemovalReason.Wrapped.cleared.rawValue] -= dead
        removals[RemovalReason.Wrapped.expired.rawValue] += dead
    }

    /// Removes everything and voids all fills; returns how many live entries there were.
    mutating func removeAll(now: MonotonicInstant) -> Int {
        let counted = takeAll().count(now: now, tells: nil)
        noteExpired(ofCleared: counted.dead)
        return counted.live
    }
}

/// What stood in a shard before it was cleared.
struct ClearedSlots: ~Copyable, @unchecked Sendable {
    // Sendable: the only owner of its slots, whose values are Sendable, and nothing changes them any more.
    private let slots: SlotStore
    private let table: SlotTable
    private let order: EvictionOrder

    init(slots: consuming SlotStore, table: consuming SlotTable, order: EvictionOrder) {
        self.slots = slots
        self.table = table
        self.order = order
    }

    /// How many of them were live, and how many dead. The listener is told of each that was there.
    func count(
        now: MonotonicInstant,
        tells listener: (@Sendable (MemoryRemoval) -> Void)?
    ) -> (live: Int, dead: Int) {
        var (live, dead) = (0, 0)
        for slot in 0..<slots.used where slots.hot(slot).pointee.isOccupied {
            let hot = slots.hot(slot)
            let isLive = now.nanoseconds < hot.pointee.physicalExpiry
            if isLive { live += 1 } else { dead += 1 }
            listener?(
                MemoryRemoval(
                    key: hot.pointee.key.text,
                    reason: isLive ? .cleared : .expired,
                    weight: slots.weight(slot)
                )
            )
        }
        return (live, dead)
    }
}

/// Slots that nothing stands in any more, with the table and the order that knew them, on their way to whoever no longer holds the lock.
final class EmptiedSlots: @unchecked Sendable {
    // Sendable: nobody ever gets at the slots again; they only wait for their end.
    private let slots: SlotStore
    private let table: SlotTable
    private let order: EvictionOrder

    init(_ slots: consuming SlotStore, table: consuming SlotTable, order: EvictionOrder) {
        self.slots = slots
        self.table = table
        self.order = order
    }
}
