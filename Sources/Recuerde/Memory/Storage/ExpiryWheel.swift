/// Finds what has expired without looking at what has not: a hierarchical timing wheel over the slots of a shard.
///
/// Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987, scheme 7. Eight levels of 64 buckets; a tick is 2^20 ns,
/// about a millisecond, and the levels together cover all that 64 bits of nanoseconds can tell. An entry lies on the level of the
/// highest group of six bits in which its tick differs from the present one, so it changes level at most seven times in its life,
/// and a bitmap for each level tells the next bucket to look at, however far away that is.
///
/// Buckets are linked lists through the slots themselves. Every step (an entry expired, or moved down a level) counts against the
/// limit of the caller, who holds a lock: a million entries that fall due at once are a million small steps and no pause.
///
/// An entry that gets a later deadline stays where it is, and is sorted in anew when the turn of its bucket has come: entries that are
/// written again and again, each time for an hour, change places once in that hour instead of at each write.
///
/// The wheel is only about giving memory back: whether an entry may be served is decided by its own deadline, exactly.
struct ExpiryWheel: ~Copyable {
    private static let tickBits: UInt64 = 20
    private static let levels = 8
    private static let buckets = 64
    private static let none = SlotStore.none
    /// In a link backwards: the rest is the number of a bucket.
    private static let isBucket: UInt32 = 1 << 31

    /// Owned here alone; made with the first entry, freed in `deinit`. Bucket numbers are below `levels * buckets`.
    private var heads: UnsafeMutablePointer<UInt32>?
    private var occupied: UnsafeMutablePointer<UInt64>?
    private var currentTick: UInt64
    private(set) var count = 0
    /// No bucket has anything to do before this tick; it may be told too early, never too late.
    private var idleBefore: UInt64 = 0

    init(now: MonotonicInstant) {
        currentTick = Self.tick(now.nanoseconds)
    }

    deinit {
        heads?.deallocate()
        occupied?.deallocate()
    }

    mutating func schedule(_ slot: UInt32, in slots: borrowing SlotStore) {
        if heads == nil {
            let heads = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.levels * Self.buckets)
            heads.initialize(repeating: Self.none, count: Self.levels * Self.buckets)
            self.heads = heads
            let occupied = UnsafeMutablePointer<UInt64>.allocate(capacity: Self.levels)
            occupied.initialize(repeating: 0, count: Self.levels)
            self.occupied = occupied
        }
        link(slot, in: slots)
        count += 1
    }

    /// The deadline of an entry that is in the wheel was `old` and is another one now.
    @inline(__always)
    mutating func reschedule(_ slot: UInt32, from old: Int64, in slots: borrowing SlotStore) {
        guard slots.hot(slot).pointee.physicalExpiry < old else { return }
        cancel(slot, in: slots)
        schedule(slot, in: slots)
    }

    mutating func cancel(_ slot: UInt32, in slots: borrowing SlotStore) {
        guard slots.cold(slot).pointee.previous != Self.none else { return }
        unlink(slot, in: slots)
        count -= 1
    }

    /// Takes at most `limit` steps; returns whether there is more to do. What has expired is handed over, and no longer in the wheel.
    mutating func advance(
        to now: MonotonicInstant,
        limit: Int,
        in slots: borrowing SlotStore,
        expired: (UInt32) -> Void
    ) -> Bool {
        let target = Self.tick(now.nanoseconds)
        guard target >= currentTick else { return false }
        guard count > 0, let heads else {
            currentTick = target
            return false
        }
        // The way of nearly every write.
        guard target >= idleBefore else {
            currentTick = target
            return false
        }
        var left = limit
        while true {
            // What lies in the buckets of this very tick: on the lowest level it is due, above it is sorted in anew.
            guard cascade(&left, in: slots) else { return true }
            let index = index(of: currentTick, on: 0)
            while heads[index] != Self.none {
                guard left > 0 else { return true }
                left -= 1
                let slot = heads[index]
                unlink(slot, in: slots)
                if dueTick(slot, in: slots) > currentTick {
                    link(slot, in: slots)
                } else {
                    count -= 1
                    expired(slot)
                }
            }
            let next = nextTick() ?? .max
            guard currentTick < target, next <= target else {
                currentTick = target
                idleBefore = next
                return false
            }
            currentTick = next
        }
    }

    /// Sorts what falls due in the tick after the present one into its bucket on the lowest level, so that ``walkNextTick(after:from:limit:in:due:)``
    /// meets nothing else. Takes at most `limit` steps; true where there is more to do. Nobody needs this to give memory back, only who
    /// counts what has expired within the tick that has not ended yet.
    mutating func sortInNextTick(after now: MonotonicInstant, limit: Int, in slots: borrowing SlotStore) -> Bool {
        guard count > 0, let occupied else { return false }
        let next = Self.tick(now.nanoseconds) + 1
        if currentTick == next - 1 {
            // Whatever is still due by then would be left behind.
            for level in 0..<Self.levels where occupied[level] & 1 << UInt64(index(of: currentTick, on: level)) != 0 {
                return false
            }
            currentTick = next
        }
        guard currentTick == next else { return false }
        var left = limit
        return !cascade(&left, in: slots)
    }

    /// Calls with those entries of the tick after the present one that are due now. Looks at no more than `limit`, from `cursor` on;
    /// returns where to go on, nil at the end, and also where `cursor` is no longer in the wheel. One that stands elsewhere meanwhile leads
    /// through another bucket, which costs time and does no harm.
    func walkNextTick(
        after now: MonotonicInstant,
        from cursor: UInt32,
        limit: Int,
        in slots: borrowing SlotStore,
        due: (UInt32) -> Void
    ) -> UInt32? {
        let tick = Self.tick(now.nanoseconds) + 1
        guard count > 0, let heads, currentTick == tick else { return nil }
        var slot = cursor
        if cursor == Self.none {
            slot = heads[index(of: tick, on: 0)]
        } else if cursor >= slots.used || slots.cold(cursor).pointee.previous == Self.none
            || !slots.hot(cursor).pointee.isOccupied
        {
            return nil
        }
        var left = limit
        while slot != Self.none {
            guard left > 0 else { return slot }
            left -= 1
            if slots.hot(slot).pointee.physicalExpiry <= now.nanoseconds { due(slot) }
            slot = slots.cold(slot).pointee.next
        }
        return nil
    }

    /// Forgets everything; the memory goes back.
    mutating func removeAll() {
        heads?.deallocate()
        occupied?.deallocate()
        (heads, occupied, count, idleBefore) = (nil, nil, 0, 0)
    }

    /// Sorts in anew what lies in the present tick's buckets above the lowest level; false where `left` steps were not enough.
    private mutating func cascade(_ left: inout Int, in slots: borrowing SlotStore) -> Bool {
        guard let heads, let occupied else { return true }
        for level in (1..<Self.levels).reversed() {
            let index = index(of: currentTick, on: level)
            guard occupied[level] & (1 << UInt64(index)) != 0 else { continue }
            while heads[level * Self.buckets + index] != Self.none {
                guard left > 0 else { return false }
                left -= 1
                let slot = heads[level * Self.buckets + index]
                unlink(slot, in: slots)
                link(slot, in: slots)
            }
        }
        return true
    }

    /// The first tick after the present one at which there is something to do.
    private func nextTick() -> UInt64? {
        guard let occupied else { return nil }
        for level in 0..<Self.levels {
            let index = UInt64(index(of: currentTick, on: level))
            let later = index == 63 ? 0 : occupied[level] & ~((2 << index) - 1)
            guard later != 0 else { continue }
            let shift = UInt64(6 * level)
            let above = currentTick & ~((64 << shift) - 1)
            return above | UInt64(later.trailingZeroBitCount) << shift
        }
        return nil
    }

    /// Ticks in an order that holds for negative times too.
    private static func tick(_ nanoseconds: Int64) -> UInt64 {
        UInt64(bitPattern: nanoseconds ^ .min) >> tickBits
    }

    /// One tick late rather than early, since a bucket is emptied at the start of its tick.
    private func dueTick(_ slot: UInt32, in slots: borrowing SlotStore) -> UInt64 {
        Self.tick(slots.hot(slot).pointee.physicalExpiry) + 1
    }

    private func index(of tick: UInt64, on level: Int) -> Int {
        Int((tick >> UInt64(6 * level)) & 63)
    }

    private mutating func link(_ slot: UInt32, in slots: borrowing SlotStore) {
        guard let heads, let occupied else { return }
        let tick = max(currentTick, dueTick(slot, in: slots))
        let difference = tick ^ currentTick
        let level = difference == 0 ? 0 : (63 - difference.leadingZeroBitCount) / 6
        let index = index(of: tick, on: level)
        let bucket = level * Self.buckets + index
        let head = heads[bucket]
        slots.cold(slot).pointee.next = head
        slots.cold(slot).pointee.previous = Self.isBucket | UInt32(bucket)
        if head != Self.none { slots.cold(head).pointee.previous = slot }
        heads[bucket] = slot
        occupied[level] |= 1 << UInt64(index)
        let shift = UInt64(6 * level)
        idleBefore = min(idleBefore, (tick >> shift) << shift)
    }

    private func unlink(_ slot: UInt32, in slots: borrowing SlotStore) {
        guard let heads, let occupied else { return }
        let before = slots.cold(slot).pointee.previous
        let after = slots.cold(slot).pointee.next
        if after != Self.none { slots.cold(after).pointee.previous = before }
        if before & Self.isBucket == 0 {
            slots.cold(before).pointee.next = after
        } else {
            let bucket = Int(before & ~Self.isBucket)
            heads[bucket] = after
            if after == Self.none { occupied[bucket / Self.buckets] &= ~(1 << UInt64(bucket % Self.buckets)) }
        }
        slots.cold(slot).pointee.previous = Self.none
        slots.cold(slot).pointee.next = Self.none
    }
}
