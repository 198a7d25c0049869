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
        links.reserve(costs.count)
        order.reserve(costs.count)
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
        links.reserve(3)
        order.reserve(3)
        // In one class the older one would go first, though it is worth 256 times as much.
        for (slot, cost) in [1, 1 << 40, 1 << 32].map({ Float($0) }).enumerated() {
            order.set(UInt32(slot), cost: cost, weight: 1)
            order.push(UInt32(slot), frequency: 1, weight: 1, links: &links)
        }
        #expect(order.take(0, weight: 1, links: &links))
        #expect(order.lowest() == 2)
    }
}
