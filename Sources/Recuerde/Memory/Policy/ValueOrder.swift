/// The order of entries by what it would cost to have them again, for each unit of weight, times how often they are used:
/// GreedyDual-Size-Frequency with cost, without a heap.
///
/// Sources: Cao and Irani, "Cost-Aware WWW Proxy Caching Algorithms", 1997 (GreedyDual-Size); Cherkasova, 1998 (frequency);
/// Ghandeharizadeh et al., "CAMP: A Cost Adaptive Multi-Queue Eviction Policy for Key-Value Stores", 2014: entries of
/// about the same value share a queue, so within a queue the oldest is the lowest, and the lowest of all is found among
/// the oldest of all queues.
///
/// An entry's rank is the age at which it was last moved plus its value; the age of the cache is the rank of what was
/// evicted last. So a valuable entry that is not used again goes too, in time.
struct ValueOrder {
    /// Half an octave each, from 2^-36 on: a cost of one over 4 GiB at the one end, 2^50 fifteen times over one byte at the other (see
    /// `EvictionPolicy`) lie within, so no value is held to another one's class, whatever came first.
    static let classes = 192
    private static let classesPerOctave: Float = 2
    private static let lowestLogarithm: Float = -36

    let goal: EvictionGoal
    /// One bit a queue: whether anything is in it.
    private var occupied = SIMD4<UInt64>.zero
    /// Made with the first entry.
    private var queues: [SlotQueue] = []
    /// One more than the class; 0 where the slot is not in this order.
    private var classOf = SlotColumn<UInt8>(filler: 0)
    private var ranks = SlotColumn<Float>(filler: 0)
    /// 0 where nothing was told: then the cost is one.
    private var densities = SlotColumn<Float>(filler: 0)
    /// The slots that were ever ranked are below this one.
    private var reach: UInt32 = 0
    private var age: Float = 0
    private var evictions = 0
    /// Ranks are being counted from zero again: those of slots from `rebased` on are still too high by `surplus`, which is zero otherwise.
    private var surplus: Float = 0
    private var rebased = 0
    /// So many ranks are counted anew by one eviction.
    static let rebasingStep = 1_024

    init(goal: EvictionGoal) {
        self.goal = goal
    }

    /// Elements of all columns.
    var room: Int { classOf.room + ranks.room + densities.room }

    func cost(of slot: UInt32, weight: Int) -> Float {
        let density = densities[slot]
        return density > 0 ? density * size(weight) : 1
    }

    /// To spend least, an entry's cost is spread over its whole weight. To answer most, over the root of it only: the
    /// full weight would answer some more, and would do so by letting go of large entries that are asked for all the
    /// time, because no more than fifteen uses are counted for them either.
    private func size(_ weight: Int) -> Float {
        let weight = Float(max(1, weight))
        return goal == .spend ? weight : weight.squareRoot()
    }

    mutating func set(_ slot: UInt32, cost: Float, weight: Int) {
        densities[slot] = cost / size(weight)
    }

    mutating func push(_ slot: UInt32, frequency: UInt8, weight: Int, links: inout SlotLinks) {
        let density = densities[slot]
        let value = (density > 0 ? density : 1 / size(weight)) * Float(max(1, frequency))
        let chosen = Self.number(ofValue: value)
        if queues.isEmpty { queues = Array(repeating: SlotQueue(), count: Self.classes) }
        if slot >= reach { reach = slot &+ 1 }
        ranks[slot] = age + value + surplus(of: slot)
        classOf[slot] = UInt8(truncatingIfNeeded: chosen + 1)
        links.push(slot, weight: weight, into: &queues[chosen])
        occupied[chosen >> 6] |= 1 << UInt64(chosen & 63)
    }

    /// Which class a value is of.
    static func number(ofValue value: Float) -> Int {
        let wanted = (logarithm(value) - lowestLogarithm) * classesPerOctave
        return Int(min(Float(classes - 1), max(0, wanted)))
    }

    /// Takes a slot out, if it is in this order.
    mutating func take(_ slot: UInt32, weight: Int, links: inout SlotLinks) -> Bool {
        let chosen = Int(classOf[slot])
        guard chosen > 0 else { return false }
        links.take(slot, weight: weight, outOf: &queues[chosen - 1])
        if queues[chosen - 1].isEmpty { occupied[(chosen - 1) >> 6] &= ~(1 << UInt64((chosen - 1) & 63)) }
        classOf[slot] = 0
        return true
    }

    /// The slot of the lowest rank.
    func lowest() -> UInt32? {
        var best: UInt32?
        var bestRank = Float.infinity
        for word in 0..<Self.classes / 64 {
            var left = occupied[word]
            while left != 0 {
                let slot = queues[word << 6 | left.trailingZeroBitCount].tail
                left &= left &- 1
                let rank = rank(of: slot)
                if best == nil || rank < bestRank {
                    best = slot
                    bestRank = rank
                }
            }
        }
        return best
    }

    /// The age moves on to the rank of what goes.
    mutating func evicting(_ slot: UInt32) {
        age = max(age, rank(of: slot))
        evictions &+= 1
        if surplus != 0 {
            rebase()
        } else if evictions > 32 &* max(64, Int(reach)) {
            // Now and then all ranks are counted from zero again, before a float could no longer tell them apart; in steps, since a lock is held.
            (evictions, surplus, rebased, age) = (0, age, 0, 0)
        }
    }

    private mutating func rebase() {
        let end = max(rebased, min(Int(reach), rebased + Self.rebasingStep))
        ranks.update(rebased..<end) { $0 -= surplus }
        rebased = end
        if end == Int(reach) { surplus = 0 }
    }

    private func rank(of slot: UInt32) -> Float { ranks[slot] - surplus(of: slot) }

    private func surplus(of slot: UInt32) -> Float { Int(slot) < rebased ? 0 : surplus }

    /// The binary logarithm, near enough to sort into classes: the exponent, and the significand as the fraction.
    private static func logarithm(_ value: Float) -> Float {
        guard value.isNormal, value > 0 else { return value > 1 ? 127 : -126 }
        return Float(value.exponent) + value.significand - 1
    }
}
