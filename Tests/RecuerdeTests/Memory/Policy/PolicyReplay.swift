@testable import Recuerde

/// A cache of numbers around a policy, as small as can be: what the tier does with a policy, and no more.
final class PolicyReplay {
    let bound: Int
    private(set) var policy: EvictionPolicy
    private(set) var slotOf: [Int: UInt32] = [:]
    private(set) var used = 0
    /// The most that was held at once, the newcomer counted only once there was room for it.
    private(set) var peak = 0
    private var keyOf: [UInt32: Int] = [:]
    private var weightOf: [UInt32: Int] = [:]
    private var free: [UInt32] = []
    private var next: UInt32 = 0

    init(bound: Int, goal: EvictionGoal = .requests, seed: UInt64 = 7) {
        self.bound = bound
        policy = EvictionPolicy(bound: bound, goal: goal, seed: seed)
    }

    func holds(_ key: Int) -> Bool { slotOf[key] != nil }

    /// Reads a key, and puts it in if it is not there.
    @discardableResult
    func request(_ key: Int, weight: Int = 1, cost: UInt64 = 1) -> Bool {
        if let slot = slotOf[key] {
            policy.hit(slot)
            return true
        }
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
        } else {
            slot = next
            next += 1
        }
        slotOf[key] = slot
        keyOf[slot] = key
        weightOf[slot] = weight
        used += weight
        policy.insert(slot, hash: Self.hash(key), weight: weight, cost: cost)
        trim()
        peak = max(peak, used)
        return false
    }

    func remove(_ key: Int) {
        if let slot = slotOf[key] { drop(slot) }
    }

    func update(_ key: Int, weight: Int) {
        guard let slot = slotOf[key], let old = weightOf[slot] else { return }
        used += weight - old
        weightOf[slot] = weight
        policy.update(slot, weight: weight, cost: 1)
        trim()
    }

    /// Names victims until the bound is kept. Stops where the policy names none.
    func trim(to bound: Int? = nil) {
        while used > bound ?? self.bound {
            let victim = policy.victim()
            guard victim != EvictionPolicy.none, keyOf[victim] != nil else { return }
            drop(victim)
        }
    }

    /// The share of the requests that were answered.
    func ratio(_ keys: some Sequence<Int>) -> Double {
        var hits = 0
        var count = 0
        for key in keys {
            count += 1
            if request(key) { hits += 1 }
        }
        return count == 0 ? 0 : Double(hits) / Double(count)
    }

    private func drop(_ slot: UInt32) {
        policy.remove(slot)
        used -= weightOf.removeValue(forKey: slot) ?? 0
        if let key = keyOf.removeValue(forKey: slot) { slotOf[key] = nil }
        free.append(slot)
    }

    private static func hash(_ key: Int) -> UInt32 {
        var generator = SplitMix64(seed: UInt64(bitPattern: Int64(key)))
        return UInt32(truncatingIfNeeded: generator.next())
    }
}

extension SplitMix64 {
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    /// From 0 to 1.
    mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }
}

/// A few keys are asked for often and many seldom: the nth with a probability in proportion to 1/n, nearly.
struct Skewed {
    let keys: Int

    func key(_ generator: inout SplitMix64) -> Int {
        var scale = 1.0
        // 2^(fraction * log2(keys)) by repeated squaring would need Foundation; products of small factors do as well.
        var left = generator.fraction() * Double(keys.bitWidth - keys.leadingZeroBitCount)
        while left >= 1 {
            scale *= 2
            left -= 1
        }
        return min(keys - 1, Int(scale * (1 + left)) - 1)
    }
}
