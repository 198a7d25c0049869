import Testing

@testable import RecuerdeRedis

@Suite struct WaitingLines {
    @Test func letItemsOutInTheOrderInWhichTheyCame() {
        var line = WaitingLine<Int>()
        #expect(line.isEmpty)
        #expect(line.popFirst() == nil)
        line.append(0)
        var more = [1, 2]
        line.append(contentsOf: &more)
        #expect(more.isEmpty)
        #expect(line.popFirst() == 0)
        line.append(3)
        #expect(Array(line) == [1, 2, 3])
        line.removeAll { $0 == 2 }
        #expect(line.popFirst() == 1)
        #expect(line.popFirst() == 3)
        #expect(line.isEmpty)
        #expect(line.popFirst() == nil)
    }

    @Test func takeAWholeArrayWithoutMovingItsItems() {
        var line = WaitingLine<Int>()
        var batch = [1, 2, 3]
        batch.reserveCapacity(1000)
        line.append(contentsOf: &batch)
        while line.popFirst() != nil {}
        var next = [4]
        line.append(contentsOf: &next)
        // The room of the first batch has come back in exchange.
        #expect(next.capacity >= 1000)
        #expect(Array(line) == [4])
    }

    /// Against the simplest thing that behaves alike.
    @Test func behaveAsAnArrayInAnyOrderOfEvents() {
        var random = SeededRandom(seed: 5)
        var line = WaitingLine<Int>()
        var model: [Int] = []
        var next = 0
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<16, using: &random) {
            case 0...6:
                line.append(next)
                model.append(next)
                next += 1
            case 7:
                var batch = Array(next..<(next + Int.random(in: 0...300, using: &random)))
                next += batch.count
                model += batch
                line.append(contentsOf: &batch)
            case 9:
                line.compact()
            case 8 where next % 7 == 0:
                line.removeAll { $0 % 3 == 0 }
                model.removeAll { $0 % 3 == 0 }
            default:
                for _ in 0..<Int.random(in: 0...40, using: &random) {
                    let expected = model.isEmpty ? nil : model.removeFirst()
                    #expect(line.popFirst() == expected)
                }
            }
            #expect(line.isEmpty == model.isEmpty)
        }
        #expect(Array(line) == model)
    }
}
