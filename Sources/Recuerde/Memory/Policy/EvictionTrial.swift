/// A miniature of a cache that follows one plan, and holds the hashes of keys only.
struct EvictionTrial {
    private let plan: EvictionPlan
    private var order = EvictionOrder()
    private var slots = HashIndex()
    private var free: [UInt32] = []
    private var next: UInt32 = 0
    private var bound = 0

    init(plan: EvictionPlan, goal: EvictionGoal) {
        self.plan = plan
        if plan.byValue { order.enableRanking(for: goal) }
    }

    var count: Int { order.count }

    /// Whether the miniature had it; if not, it has now, if its plan is to keep it.
    mutating func request(_ request: SampledRequest, frequency: UInt8, bound: Int) -> Bool {
        if bound != self.bound {
            self.bound = bound
            order.follow(plan, bound: bound)
        }
        if let slot = slots[request.hash] {
            _ = order.hit(slot)
            // A loop that fitted in for a moment would otherwise be answered from then on, whatever the bound.
            trim()
            return true
        }
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
        } else {
            slot = next
            next &+= 1
        }
        slots.insert(request.hash, slot: slot)
        order.insert(slot, hash: request.hash, weight: request.weight, cost: request.cost, frequency: frequency)
        trim()
        return false
    }

    private mutating func trim() {
        while order.weight > bound, let victim = order.victim() { drop(victim) }
    }

    mutating func remove(_ hash: UInt32) {
        if let slot = slots[hash] { drop(slot) }
    }

    mutating func halve() { order.halve() }

    /// Drops every entry whose hash has one of the bits of `mask`.
    mutating func drop(mask: UInt32) {
        for slot in 0..<next where order.holds(slot) && order.hash(of: slot) & mask != 0 { drop(slot) }
    }

    private mutating func drop(_ slot: UInt32) {
        slots.remove(order.hash(of: slot))
        order.remove(slot)
        free.append(slot)
    }
}
