/// Who goes when a shard is full. Knows slots, hashes, weights and costs; nothing of keys, values or time. The caller
/// holds the shard's lock, and removes whom `victim()` names.
///
/// Three parts: the entries' order (`EvictionOrder`), the memory of keys that are not held (`FrequencySketch`), and
/// miniatures that find out which order serves best (`EvictionTrials`). A hit writes one byte of the entry's own and one
/// counter. Memory: 13 bytes a slot; 26 where entries differ in weight or cost; 2 to 8 bytes a slot for the sketch; up
/// to 40 KB for the miniatures.
struct EvictionPolicy: ~Copyable {
    /// What `victim()` returns where nothing is held.
    static let none = SlotQueue.none

    private let goal: EvictionGoal
    private let seed: UInt32
    private var bound: Int
    private var order = EvictionOrder()
    private var sketch = FrequencySketch(entries: 64)
    private var trials: EvictionTrials
    private var residents = SampleCounts()
    private var untilAging = EvictionPlan.agingPeriod(entries: 0)
    private var agings = 0
    /// How far an ageing has come that is under way, and whether it is one of the entries that are held too.
    private var agedUpTo = 0
    private var agesOrder = false
    /// So many slots, and words of the sketch, are halved by one request: some microseconds.
    static let agingStep = 4_096
    /// Who was named last, and so goes for lack of room.
    private var named = SlotQueue.none

    /// - Parameters:
    ///   - bound: the most that entries may weigh together, for sizing the queues; the caller keeps it.
    ///   - seed: of the process, so that nobody outside knows which keys share counters.
    init(bound: Int, goal: EvictionGoal, seed: UInt64) {
        self.goal = goal
        self.seed = UInt32(truncatingIfNeeded: seed)
        self.bound = max(0, bound)
        trials = EvictionTrials(goal: goal)
        if goal == .spend { order.enableRanking(for: goal) }
        order.follow(trials.plan, bound: self.bound)
    }

    /// The hash that an entry was inserted with, so that nobody else has to keep it.
    func hash(of slot: UInt32) -> UInt32 { Self.unmix(order.hash(of: slot)) ^ seed }

    /// How many entries there are, and what they weigh.
    var count: Int { order.count }
    var weight: Int { order.weight }

    /// A read found the entry in `slot`.
    @inline(__always)
    mutating func hit(_ slot: UInt32) {
        let sampled = order.hit(slot)
        untilAging &-= 1
        if sampled || untilAging <= 0 { hitSlowly(slot, sampled: sampled) }
    }

    @inline(never)
    private mutating func hitSlowly(_ slot: UInt32, sampled: Bool) {
        if untilAging <= 0 { age() }
        guard sampled, order.holds(slot) else { return }
        let hash = order.hash(of: slot)
        guard trials.samples(hash) else {
            // The sample has become smaller since.
            order.setSampled(slot, false)
            return
        }
        feed(
            SampledRequest(hash: hash, weight: order.weight(of: slot), cost: goal == .spend ? order.cost(of: slot) : 1)
        )
    }

    /// An entry whose key was missed is new in `slot`. It may be the next victim itself, if it is refused.
    ///
    /// In a rehearsal it only competes, is taken out again by ``withdraw(_:)``, and nothing is learned from it.
    mutating func insert(_ slot: UInt32, hash: UInt32, weight: Int, cost: UInt64, isRehearsal: Bool = false) {
        let hash = Self.mix(hash ^ seed)
        let cost = self.cost(cost)
        if !isRehearsal { untilAging &-= 1 }
        if untilAging <= 0 { age() }
        if weight != 1, !order.canRank {
            order.enableRanking(for: goal)
            trials.enableRanking()
        }
        sketch.reserve(entries: order.count)
        let frequency = min(FrequencySketch.maximum, sketch.estimate(hash) &+ 1)
        let sampled = !isRehearsal && trials.samples(hash)
        if sampled { feed(SampledRequest(hash: hash, weight: weight, cost: cost)) }
        order.insert(slot, hash: hash, weight: weight, cost: cost, frequency: frequency)
        residents.add(hash)
        if sampled { order.setSampled(slot, true) }
        named = SlotQueue.none
    }

    /// The entry in `slot` was replaced, which counts as a use.
    mutating func update(_ slot: UInt32, weight: Int, cost: UInt64) {
        guard order.holds(slot) else { return }
        if weight != 1, !order.canRank {
            order.enableRanking(for: goal)
            trials.enableRanking()
        }
        order.update(slot, weight: weight, cost: self.cost(cost))
        hit(slot)
    }

    /// Weights are told in another unit from now on; what is there is told anew, one by one, by ``reweigh(_:weight:)``.
    mutating func changeUnit() {
        trials.forget()
    }

    /// The entry in `slot` weighs something else, and nobody has used it. It stays where it stands in its queue.
    mutating func reweigh(_ slot: UInt32, weight: Int) {
        guard order.holds(slot) else { return }
        if weight != 1, !order.canRank {
            order.enableRanking(for: goal)
            trials.enableRanking()
        }
        order.reweigh(slot, weight: weight)
    }

    /// The entry in `slot` is gone, evicted or for another reason; how often it was used is remembered.
    mutating func remove(_ slot: UInt32) {
        guard order.holds(slot) else { return }
        let hash = order.hash(of: slot)
        sketch.raise(hash, to: order.remove(slot))
        residents.remove(hash)
        // What expired or was deleted would have gone from each miniature too.
        if slot != named, trials.remove(hash, bound: sampledBound) { order.follow(trials.plan, bound: bound) }
        named = SlotQueue.none
    }

    /// Takes out an entry that has come by a rehearsal, or comes again in a moment: its request is not counted twice.
    mutating func withdraw(_ slot: UInt32) {
        if order.holds(slot) { residents.remove(order.hash(of: slot)) }
        order.remove(slot)
        named = SlotQueue.none
    }

    /// Whom to evict next; `none` if nothing is held.
    mutating func victim() -> UInt32 {
        named = order.victim() ?? Self.none
        return named
    }

    /// The same, leaving out the entry in `slot`, which has to stay; nil if nothing else is held.
    mutating func victim(besides slot: UInt32) -> UInt32? {
        guard order.holds(slot), let other = order.victim(besides: slot) else { return nil }
        named = other
        return other
    }

    mutating func setBound(_ bound: Int) {
        self.bound = max(0, bound)
        order.follow(trials.plan, bound: self.bound)
    }

    /// Everything is gone; the order is for the caller to let go of, what was learned stays.
    mutating func takeAll() -> EvictionOrder {
        residents.removeAll()
        return order.takeAll()
    }

    /// What the memory of slots and absent keys has room for, in elements; tests see by it how much grows at a time.
    var room: Int { order.room + sketch.bytes / 64 }

    private mutating func feed(_ request: SampledRequest) {
        if trials.request(request, bound: sampledBound) { order.follow(trials.plan, bound: bound) }
    }

    /// The bound as it looks by the sample, of which chance makes more or less than its share of what is held: six in a hundred at 256. A loop that
    /// is a little longer than the bound would fit into a miniature of just its share every other time, and nothing would be learned from it.
    ///
    /// Source: Waldspurger, Park, Garthwaite and Ahmad, "Efficient MRC Construction with SHARDS", 2015, section 4.1 (SHARDS-adj), here by what is
    /// held instead of what is asked for. Of weights a sample differs by more than by its number, and they are left as they are.
    private var sampledBound: Int {
        let bits = trials.sampleBits
        guard bits > 0, order.count > bound / 2, order.weight == order.count else { return bound }
        let held = residents.count(bits: bits) << bits
        return max(1, min(bound &* held / order.count, max(bound, EvictionTrials.largest << bits)))
    }

    private mutating func age() {
        if agedUpTo == 0 {
            agings &+= 1
            agesOrder = trials.plan.ages(at: agings)
        }
        // In steps, one at each of the next requests. What grows meanwhile may be halved once more or not at all, which does no harm.
        var goesOn = sketch.halve(from: agedUpTo, limit: Self.agingStep)
        if agesOrder, order.halve(from: agedUpTo, limit: Self.agingStep) { goesOn = true }
        agedUpTo = goesOn ? agedUpTo + Self.agingStep : 0
        untilAging = goesOn ? 1 : EvictionPlan.agingPeriod(entries: order.count)
    }

    /// Where no cost is known, it counts as one. The limit keeps sums of squares finite.
    private func cost(_ cost: UInt64) -> Float {
        goal == .spend ? Float(min(max(1, cost), 1 << 50)) : 1
    }

    /// Mixes a hash so that each bit depends on all others; each of two different hashes has a result of its own.
    ///
    /// Source: Wellons, "Prospecting for Hash Functions", 2018, `lowbias32` and its inverse.
    private static func mix(_ hash: UInt32) -> UInt32 {
        var mixed = hash
        mixed = (mixed ^ mixed >> 16) &* 0x7FEB_352D
        mixed = (mixed ^ mixed >> 15) &* 0x846C_A68B
        return mixed ^ mixed >> 16
    }

    private static func unmix(_ mixed: UInt32) -> UInt32 {
        var hash = mixed
        hash = (hash ^ hash >> 16) &* 0x4302_1123
        hash = (hash ^ hash >> 15 ^ hash >> 30) &* 0x1D69_E2A5
        return hash ^ hash >> 16
    }
}
