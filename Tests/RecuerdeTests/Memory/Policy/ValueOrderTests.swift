import Testing

@testable import Recuerde

struct ValueOrderTests {
    @Test func `values over the whole range are told apart, whichever came first`() {
        // From the root of 4 GiB, or all of it, for a cost of one, to fifteen uses of the greatest cost in one byte.
        let ends: [Float] = [1 / Float(UInt32.max), 15 * Float(1 << 50)]
        #expect(ends.map(ValueOrder.number(ofValue:)).allSatisfy { $0 > 0 && $0 < ValueOrder.classes - 1 })
        var value = ends[0]
        while value < ends[1] {
            #expect(ValueOrder.number(ofValue: value * 2) == ValueOrder.number(ofValue: value) + 2)
            value *= 2
        }
        for odd: Float in [0, -1, .nan, .infinity, .leastNonzeroMagnitude] {
            #expect((0..<ValueOrder.classes).contains(ValueOrder.number(ofValue: odd)))
        }
    }

    @Test func `the lowest rank is found among classes far apart`() {
        var links = SlotLinks()
        var order = ValueOrder(goal: .spend)
        let costs = [1 << 50, 1, 1 << 30, 1 << 10, 3, 1 << 40].map { Float($0) }
        for (slot, cost) in costs.enumerated() {
            order.set(UInt32(slot), cost: cost, weight: 1)
            order.push(UInt32(slot), frequency: 1, weight: 1, links: &links)
        }
        var left: [UInt32] = []
        while let slot = order.lowest() {
            left.append(slot)
            #expect(order.take(slot, weight: 1, links: &links))
        }
        #expect(left == [1, 4, 3, 2, 5, 0])
    }

    @Test func `a cheap first entry does not make all that is dear alike`() {
        var links = SlotLinks()
        var order = ValueOrder(goal: .spend)
        // In one class the older one would go first, though it is worth 256 times as much.
        for (slot, cost) in [1, 1 << 40, 1 << 32].map({ Float($0) }).enumerated() {
            order.set(UInt32(slot), cost: cost, weight: 1)
            order.push(UInt32(slot), frequency: 1, weight: 1, links: &links)
        }
        #expect(order.take(0, weight: 1, links: &links))
        #expect(order.lowest() == 2)
    }

    @Test func `who is lowest stays the same while ranks are counted from zero again, step by step`() {
        let count = 3 * ValueOrder.rebasingStep / 2
        var links = SlotLinks()
        var order = ValueOrder(goal: .spend)
        // Two classes, each first in first out; ranks are whole numbers, so that floats tell them exactly.
        var queues: [[(slot: UInt32, rank: Int)]] = [[], []]
        var heads = [0, 0]
        var age = 0
        var generator = SplitMix64(seed: 9)
        func push(_ slot: UInt32) {
            let chosen = generator.below(2)
            let value = [1, 4][chosen]
            order.set(slot, cost: Float(value), weight: 1)
            order.push(slot, frequency: 1, weight: 1, links: &links)
            queues[chosen].append((slot, age + value))
        }
        for slot in 0..<count { push(UInt32(slot)) }
        var wrong = 0
        for _ in 0..<100 * count {
            let ranks = (0..<2).map { queues[$0].count > heads[$0] ? queues[$0][heads[$0]].rank : .max }
            let chosen = ranks[0] <= ranks[1] ? 0 : 1
            let expected = queues[chosen][heads[chosen]]
            heads[chosen] += 1
            if order.lowest() != expected.slot { wrong += 1 }
            order.evicting(expected.slot)
            age = max(age, expected.rank)
            _ = order.take(expected.slot, weight: 1, links: &links)
            push(expected.slot)
        }
        #expect(wrong == 0)
    }
}
