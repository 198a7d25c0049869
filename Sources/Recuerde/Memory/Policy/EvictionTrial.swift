/// A miniature of a cache that follows one plan, and holds the hashes of keys only.
struct EvictionTrial {
    private let plan: EvictionPlan
    private var order: EvictionOrder
    private var slots: [UInt32: UInt32] = [:]
    private var free: [UInt32] = []
    private var next: UInt32 = 0

    init(goal: EvictionGoal, plan: EvictionPlan) {
        self.plan = plan
        order = EvictionOrder(goal: plan.byValue ? goal : .requests)
    }

    var count: Int { order.count }

    /// Whether the miniature had it; if not, it has now, if its plan is to keep it.
    mutating func request(_ hash: UInt32, weight: Int, cost: UInt64, frequency: UInt8, bound: Int) -> Bool {
        if let slot = slots[hash] {
            _ = order.hit(slot)
            return true
        }
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
        } else {
            slot = next
            next &+= 1
        }
        slots[hash] = slot
        order.follow(plan, bound: bound)
        order.insert(slot, hash: hash, weight: weight, cost: cost, frequency: frequency)
        while order.weight > bound, let victim = order.victim() { drop(victim) }
        return false
    }

    mutating func remove(_ hash: UInt32) {
        if let slot = slots[hash] { drop(slot) }
    }

    mutating func halve() { order.halve() }

    mutating func keep(_ wanted: (UInt32) -> Bool) {
        for (hash, slot) in slots where !wanted(hash) { drop(slot) }
    }

    private mutating func drop(_ slot: UInt32) {
        slots[order.hash(of: slot)] = nil
        order.remove(slot)
        free.append(slot)
    }
}
