import Testing

@testable import Recuerde

struct EvictionOrderTests {
    @Test func `halving in steps halves the uses of every entry once`() {
        for step in [1, 100, 4_096, 20_000] {
            var order = EvictionOrder()
            order.follow(EvictionPlan.queues[1], bound: 10_000)
            for slot in UInt32(0)..<5_000 {
                order.insert(slot, hash: slot, weight: 1, cost: 1, frequency: UInt8(slot % 16))
            }
            var start = 0
            while order.halve(from: start, limit: step) { start += step }
            #expect((UInt32(0)..<5_000).allSatisfy { order.remove($0) == UInt8($0 % 16) / 2 })
        }
    }

    @Test func `the accounts of the queues agree with the whole, whatever entries come to weigh`() {
        var order = EvictionOrder()
        order.follow(EvictionPlan.queues[1], bound: 300)
        var generator = SplitMix64(seed: 4)
        for _ in 0..<20_000 {
            let slot = UInt32(generator.below(200))
            let weight = generator.below(6)
            switch generator.below(6) {
            case 0, 1: order.insert(slot, hash: slot, weight: weight, cost: 1, frequency: 1)
            case 2: order.update(slot, weight: weight, cost: 1)
            case 3: order.reweigh(slot, weight: weight)
            case 4: _ = order.hit(slot)
            default: order.remove(slot)
            }
            while order.weight > 300, let victim = order.victim() { order.remove(victim) }
            #expect(order.queuedWeight == order.weight)
        }
    }
}
