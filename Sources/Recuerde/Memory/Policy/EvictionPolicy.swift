/// The order of eviction of one shard. Knows slots, hashes, weights and costs; nothing of keys, values or time. The
/// caller holds the shard's lock.
struct EvictionPolicy: ~Copyable {
    private let goal: EvictionGoal
    private let seed: UInt64
    private var bound: Int
    private var order: EvictionOrder
    private var sketch: FrequencySketch
    private var trials: EvictionTrials
    private var untilAging: Int

    init(bound: Int, goal: EvictionGoal, seed: UInt64) {
        self.goal = goal
        self.seed = seed
        self.bound = max(0, bound)
        order = EvictionOrder(goal: goal)
        sketch = FrequencySketch(entries: 64)
        trials = EvictionTrials(goal: goal)
        untilAging = 640
        order.follow(trials.plan, bound: self.bound)
    }

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
        ageIfDue()
        guard sampled else { return }
        let hash = order.hash(of: slot)
        guard trials.samples(hash) else {
            order.setSampled(slot, false)
            return
        }
        let cost = order.cost(of: slot)
        feed(hash, weight: order.weight(of: slot), cost: UInt64(max(1, min(cost, 1e15))))
    }

    /// An entry whose key was missed is new in `slot`. It may be the next victim itself.
    mutating func insert(_ slot: UInt32, hash: UInt64, weight: Int, cost: UInt64) {
        let hash = reduce(hash)
        untilAging &-= 1
        ageIfDue()
        sketch.reserve(entries: order.count)
        let frequency = min(FrequencySketch.maximum, sketch.estimate(hash) &+ 1)
        let sampled = trials.samples(hash)
        if sampled { feed(hash, weight: weight, cost: cost) }
        order.follow(trials.plan, bound: bound)
        order.insert(slot, hash: hash, weight: weight, cost: cost, frequency: frequency)
        order.setSampled(slot, sampled)
    }

    /// The entry in `slot` was replaced, which counts as a use.
    mutating func update(_ slot: UInt32, weight: Int, cost: UInt64) {
        guard order.holds(slot) else { return }
        order.update(slot, weight: weight, cost: cost)
        hit(slot)
    }

    /// The entry in `slot` is gone.
    mutating func remove(_ slot: UInt32) {
        guard order.holds(slot) else { return }
        sketch.raise(order.hash(of: slot), to: order.remove(slot))
    }

    /// Whom to evict next; `UInt32.max` if nothing is held. The caller removes it.
    mutating func victim() -> UInt32 {
        order.victim() ?? SlotQueue.none
    }

    mutating func setBound(_ bound: Int) {
        self.bound = max(0, bound)
        order.follow(trials.plan, bound: self.bound)
    }

    mutating func removeAll() {
        order.removeAll(goal: goal)
        sketch = FrequencySketch(entries: 64)
        order.follow(trials.plan, bound: bound)
    }

    private mutating func feed(_ hash: UInt32, weight: Int, cost: UInt64) {
        let gain = goal == .spend ? Float(max(1, cost)) : 1
        if trials.request(hash, weight: weight, cost: cost, gain: gain, bound: bound) {
            order.follow(trials.plan, bound: bound)
        }
    }

    private mutating func ageIfDue() {
        guard untilAging <= 0 else { return }
        untilAging = 10 &* max(64, order.count)
        sketch.halve()
        order.halve()
    }

    private func reduce(_ hash: UInt64) -> UInt32 {
        var mixed = (hash ^ seed) &* 0xBF58_476D_1CE4_E5B9
        mixed ^= mixed >> 29
        mixed = mixed &* 0x94D0_49BB_1331_11EB
        return UInt32(truncatingIfNeeded: mixed >> 32)
    }
}
