import Testing

@testable import Recuerde

struct EvictionPolicyTests {
    @Test(arguments: [EvictionGoal.requests, .spend], [false, true])
    func `no slot is lost, named twice or named while it is not there`(goal: EvictionGoal, weighted: Bool) {
        var policy = EvictionPolicy(bound: 200, goal: goal, seed: 11)
        var weights: [UInt32: Int] = [:]
        var generator = SplitMix64(seed: weighted ? 5 : 6)
        for _ in 0..<30_000 {
            let slot = UInt32(generator.below(260))
            switch generator.below(10) {
            case 0..<5:
                guard weights[slot] == nil else {
                    policy.hit(slot)
                    continue
                }
                let weight = weighted ? generator.below(9) : 1
                let (hash, cost) = (UInt32(generator.below(1_000)), generator.next() % 1_000)
                policy.insert(slot, hash: hash, weight: weight, cost: cost)
                weights[slot] = weight
            case 5:
                policy.remove(slot)
                weights[slot] = nil
            case 6:
                let weight = weighted ? generator.below(9) : 1
                policy.update(slot, weight: weight, cost: 3)
                if weights[slot] != nil { weights[slot] = weight }
            case 7:
                policy.setBound(generator.below(300))
            default:
                policy.hit(slot)
            }
            while weights.values.reduce(0, +) > 200 {
                let victim = policy.victim()
                guard weights.removeValue(forKey: victim) != nil else {
                    Issue.record("\(victim) was named and is not there")
                    return
                }
                policy.remove(victim)
            }
            #expect(policy.count == weights.count)
            #expect(policy.weight == weights.values.reduce(0, +))
        }
        // Each that is left is named once, and then none.
        var left = Set(weights.keys)
        while !left.isEmpty {
            let victim = policy.victim()
            guard left.remove(victim) != nil else {
                Issue.record("\(victim) was named and is not there")
                return
            }
            policy.remove(victim)
        }
        #expect(policy.victim() == EvictionPolicy.none)
        #expect(policy.weight == 0)
    }

    @Test func `it tells the hash that an entry came with`() {
        for seed in [0, 1, UInt64.max] {
            var policy = EvictionPolicy(bound: 100, goal: .requests, seed: seed)
            for (slot, hash) in [0, 1, 0x8000_0000, 0xDEAD_BEEF, UInt32.max].enumerated() {
                policy.insert(UInt32(slot), hash: hash, weight: 1, cost: 0)
                #expect(policy.hash(of: UInt32(slot)) == hash)
            }
        }
    }

    @Test func `an entry that is written again stays in its place, and goes when it would go after a read`() {
        let orders = [false, true].map { isWritten -> [UInt32] in
            var policy = EvictionPolicy(bound: 100, goal: .requests, seed: 1)
            for slot in UInt32(0)..<10 { policy.insert(slot, hash: slot, weight: 3, cost: 0) }
            for slot in UInt32(0)..<3 {
                if isWritten {
                    policy.update(slot, weight: 3, cost: 0)
                } else {
                    policy.hit(slot)
                }
            }
            #expect(policy.weight == 30)
            var left: [UInt32] = []
            while policy.count > 0 {
                let victim = policy.victim()
                left.append(victim)
                policy.remove(victim)
            }
            return left
        }
        #expect(orders[0] == orders[1])
        #expect(orders[0] != Array(0..<10))
    }

    @Test func `another weight counts in the queue in which the entry stands`() {
        var policy = EvictionPolicy(bound: 100, goal: .requests, seed: 1)
        for slot in UInt32(0)..<20 { policy.insert(slot, hash: slot, weight: 3, cost: 0) }
        for slot in UInt32(0)..<20 { policy.update(slot, weight: Int(slot), cost: 0) }
        #expect(policy.weight == (0..<20).reduce(0, +))
        // The account of a queue ends at nothing only if what was put in and taken out agree.
        for slot in UInt32(0)..<20 { policy.remove(slot) }
        #expect(policy.weight == 0 && policy.count == 0)
        policy.insert(1, hash: 1, weight: 5, cost: 0)
        #expect(policy.weight == 5 && policy.victim() == 1)
    }

    @Test func `what it does not know is let pass`() {
        var policy = EvictionPolicy(bound: 10, goal: .requests, seed: 1)
        policy.hit(3)
        policy.remove(3)
        policy.update(3, weight: 5, cost: 1)
        #expect(policy.victim() == EvictionPolicy.none)
        policy.insert(2, hash: 9, weight: 1, cost: 0)
        policy.insert(2, hash: 9, weight: 1, cost: 0)
        #expect(policy.count == 1)
        _ = policy.takeAll()
        policy.hit(2)
        policy.remove(2)
        #expect(policy.count == 0)
        #expect(policy.victim() == EvictionPolicy.none)
    }

    @Test(arguments: [EvictionGoal.requests, .spend])
    func `extreme weights, costs and bounds do not overflow`(goal: EvictionGoal) {
        for bound in [Int.min, 0, 1, Int.max] as [Int] {
            var policy = EvictionPolicy(bound: bound, goal: goal, seed: 1)
            for (slot, weight) in [Int.max, Int.min, 0, -1, Int.max, 1].enumerated() {
                let slot = UInt32(slot)
                policy.insert(slot, hash: slot, weight: weight, cost: slot % 2 == 0 ? .max : 0)
                policy.hit(slot)
                policy.update(slot, weight: Int.max, cost: .max)
            }
            for _ in 0..<1_000 { policy.hit(1) }
            policy.setBound(Int.max)
            policy.setBound(-1)
            for _ in 0..<6 {
                let victim = policy.victim()
                #expect(victim < 6)
                policy.remove(victim)
            }
            #expect(policy.count == 0)
            #expect(policy.weight == 0)
        }
    }

    @Test func `an entry of nine tenths of the bound does not flush the others`() {
        let cache = PolicyReplay(bound: 100_000)
        for round in 0..<20 {
            for key in 0..<90 { cache.request(key, weight: 1_000) }
            if round == 10 { cache.request(1_000, weight: 90_000) }
        }
        #expect((0..<90).count { cache.holds($0) } >= 85)
        let holdsLarge = cache.holds(1_000)
        #expect(!holdsLarge)
        #expect(cache.peak <= 100_000)
    }

    @Test func `large entries that are asked for often stay among many small ones`() {
        let cache = PolicyReplay(bound: 1_000_000)
        var generator = SplitMix64(seed: 8)
        var hits = 0
        var requests = 0
        for step in 0..<60_000 {
            if step % 20 == 0 {
                let hit = cache.request(generator.below(8), weight: 40_000)
                if step > 20_000 {
                    requests += 1
                    if hit { hits += 1 }
                }
            } else {
                cache.request(1_000 + generator.below(20_000), weight: 200 + generator.below(800))
            }
        }
        #expect(Double(hits) > 0.95 * Double(requests))
        #expect(cache.peak <= 1_000_000)
    }

    @Test func `a newcomer is kept where there is room, and its weight counted`() {
        let cache = PolicyReplay(bound: 64)
        for key in 0..<64 { cache.request(key) }
        #expect((0..<64).allSatisfy { cache.holds($0) })
        for key in 64..<200 {
            cache.request(key)
            // The one asked for last stands in the window.
            let holdsKey = cache.holds(key)
            #expect(holdsKey)
        }
        #expect(cache.policy.count == 64)
    }

    @Test func `a lower bound trims in the same order, and a higher one lets more in`() {
        let cache = PolicyReplay(bound: 1_000)
        for _ in 0..<5 { for key in 0..<100 { cache.request(key) } }
        for key in 1_000..<1_900 { cache.request(key) }
        cache.trim(to: 200)
        #expect(cache.policy.count == 200)
        #expect((0..<100).count { cache.holds($0) } >= 80)
    }
}
