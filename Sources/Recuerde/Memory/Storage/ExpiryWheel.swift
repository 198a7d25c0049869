/// Finds what has expired without looking at what has not: a hierarchical timing wheel over the slots of a shard.
///
/// Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987, scheme 7. Six levels of 64 buckets; a tick
/// is about a millisecond, so that the first level covers 69 ms and the last 2.3 years; later deadlines wait in its
/// last bucket and are sorted in again. Buckets are linked lists through arrays indexed by slot: adding, removing and
/// expiring cost constant amortised time and allocate nothing but growth.
///
/// The wheel is only about giving memory back: whether an entry may be served is decided by its own deadline, exactly.
struct ExpiryWheel {
    private static let tickBits: Int64 = 20
    private static let levelBits: Int64 = 6
    private static let levels = 6
    private static let buckets = 1 << 6

    private var heads: [Int32]
    private var next: [Int32] = []
    private var previous: [Int32] = []
    /// Which bucket a slot is in; -1 for none.
    private var bucketOf: [Int32] = []
    private var deadlineTick: [Int64] = []
    private var currentTick: Int64
    private(set) var count = 0

    init(now: MonotonicInstant) {
        heads = Array(repeating: -1, count: Self.levels * Self.buckets)
        currentTick = now.nanoseconds >> Self.tickBits
    }

    /// Makes place for slots up to `slot`.
    mutating func reserve(slot: Int) {
        while bucketOf.count <= slot {
            next.append(-1)
            previous.append(-1)
            bucketOf.append(-1)
            deadlineTick.append(0)
        }
    }

    mutating func schedule(slot: Int, at deadline: MonotonicInstant) {
        // One tick late rather than early, since a bucket is emptied at the start of its tick.
        let tick = (deadline.nanoseconds >> Self.tickBits).addingSaturated(1)
        deadlineTick[slot] = tick
        link(slot: slot, into: bucket(for: tick))
        count += 1
    }

    mutating func cancel(slot: Int) {
        guard bucketOf[slot] >= 0 else { return }
        unlink(slot: slot)
        count -= 1
    }

    /// Hands over up to `limit` slots whose deadline has passed; returns whether there may be more.
    ///
    /// Costs at most one step for each bucket that time has passed over, and those are bounded by `levels * buckets`
    /// however long the pause was.
    mutating func advance(to now: MonotonicInstant, limit: Int, expired: (Int) -> Void) -> Bool {
        let target = now.nanoseconds >> Self.tickBits
        guard target > currentTick else { return false }
        guard count > 0 else {
            currentTick = target
            return false
        }
        var handed = 0
        for level in 0..<Self.levels {
            let shift = Self.levelBits * Int64(level)
            let from = currentTick >> shift
            let to = target >> shift
            // Nothing of this level, and so of none above, has been passed over.
            if level > 0, from == to { break }
            let steps = min(to - from, Int64(Self.buckets))
            for step in 0...steps {
                let bucket = level * Self.buckets + Int((from + step) & Int64(Self.buckets - 1))
                var slot = heads[bucket]
                while slot >= 0 {
                    let following = next[Int(slot)]
                    if deadlineTick[Int(slot)] <= target {
                        if handed == limit { return true }
                        unlink(slot: Int(slot))
                        count -= 1
                        handed += 1
                        expired(Int(slot))
                    }
                    slot = following
                }
            }
        }
        let passed = currentTick
        currentTick = target
        cascade(from: passed)
        return false
    }

    /// Sorts in again what stands in the buckets of higher levels that the present has entered.
    private mutating func cascade(from passed: Int64) {
        for level in 1..<Self.levels {
            let shift = Self.levelBits * Int64(level)
            let from = passed >> shift
            let to = currentTick >> shift
            if from == to { break }
            let steps = min(to - from, Int64(Self.buckets))
            for step in 0...steps {
                let bucket = level * Self.buckets + Int((from + step) & Int64(Self.buckets - 1))
                var slot = heads[bucket]
                while slot >= 0 {
                    let following = next[Int(slot)]
                    let home = self.bucket(for: deadlineTick[Int(slot)])
                    if home != bucket {
                        unlink(slot: Int(slot))
                        link(slot: Int(slot), into: home)
                    }
                    slot = following
                }
            }
        }
    }

    private func bucket(for tick: Int64) -> Int {
        let tick = max(tick, currentTick)
        for level in 0..<Self.levels {
            let shift = Self.levelBits * Int64(level)
            if (tick >> shift) - (currentTick >> shift) < Int64(Self.buckets) {
                return level * Self.buckets + Int((tick >> shift) & Int64(Self.buckets - 1))
            }
        }
        let shift = Self.levelBits * Int64(Self.levels - 1)
        let last = (currentTick >> shift) + Int64(Self.buckets - 1)
        return (Self.levels - 1) * Self.buckets + Int(last & Int64(Self.buckets - 1))
    }

    private mutating func link(slot: Int, into bucket: Int) {
        let head = heads[bucket]
        next[slot] = head
        previous[slot] = -1
        if head >= 0 { previous[Int(head)] = Int32(slot) }
        heads[bucket] = Int32(slot)
        bucketOf[slot] = Int32(bucket)
    }

    private mutating func unlink(slot: Int) {
        let before = previous[slot]
        let after = next[slot]
        if before >= 0 { next[Int(before)] = after } else { heads[Int(bucketOf[slot])] = after }
        if after >= 0 { previous[Int(after)] = before }
        bucketOf[slot] = -1
    }
}
