import Testing

@testable import Recuerde

@Suite struct FlightSeatsTests {
    private typealias Seats = FlightSeats<Int, String>
    private static let done = Seats.Outcome.success(CacheResult(value: 1, provenance: Provenance(source: .load)))
    private static let stale = Seats.Outcome.success(CacheResult(value: 0, provenance: Provenance(source: .stale)))

    /// The seats by reference, since an expectation cannot change a variable.
    private final class Desk {
        var seats = Seats()

        func takeSeat() -> UInt64? { seats.takeSeat() }
        func wait(_ waiter: String, in number: UInt64) -> Seats.Outcome? { seats.wait(waiter, in: number) }
        func settle(_ number: UInt64, _ outcome: Seats.Outcome) -> (waiter: String?, isAbandoned: Bool) {
            seats.settle(number, outcome)
        }
        func becomeImpatient(_ number: UInt64) { seats.becomeImpatient(number) }
        var impatient: [UInt64] { seats.impatient }
        func finish(_ outcome: Seats.Outcome) -> [String] { seats.finish(outcome) }
        func finish(_ outcome: Seats.Outcome, after last: UInt64, _ others: Seats.Outcome) -> [[String]] {
            let (inTime, late) = seats.finish(outcome, after: last, others)
            return [inTime, late]
        }
        func giveUp() -> Bool { seats.giveUp() }
        func leave(_ number: UInt64) -> Bool { seats.leave(number) }
        var count: Int { seats.count }
    }

    private func value(_ outcome: Seats.Outcome?) -> Int? { (try? outcome?.get())?.value }

    @Test func allWhoWaitAreToldOnce() throws {
        let seats = Desk()
        let numbers = [try #require(seats.takeSeat()), try #require(seats.takeSeat())]
        #expect(seats.wait("a", in: numbers[0]) == nil)
        #expect(seats.wait("b", in: numbers[1]) == nil)
        #expect(seats.finish(Self.done).sorted() == ["a", "b"])
        #expect(seats.finish(Self.stale).isEmpty)
        #expect(seats.settle(numbers[0], Self.stale).waiter == nil)
        #expect(!seats.giveUp())
    }

    @Test func whoComesLateGetsTheOutcomeAtOnce() throws {
        let seats = Desk()
        let number = try #require(seats.takeSeat())
        #expect(seats.finish(Self.done).isEmpty)
        #expect(value(seats.wait("a", in: number)) == 1)
    }

    @Test func whoCameAfterASeatHasAnOutcomeOfItsOwn() throws {
        let seats = Desk()
        let numbers = try (0..<4).map { _ in try #require(seats.takeSeat()) }
        #expect(seats.wait("a", in: numbers[0]) == nil)
        #expect(seats.wait("c", in: numbers[2]) == nil)
        #expect(seats.finish(Self.done, after: numbers[1], Self.stale) == [["a"], ["c"]])
        #expect(value(seats.wait("b", in: numbers[1])) == 1)
        #expect(value(seats.wait("d", in: numbers[3])) == 0)
        #expect(seats.finish(Self.done, after: 0, Self.stale) == [[], []])
        #expect(seats.count == 0)
    }

    @Test func whatHappensToASeatBeforeItsOwnerWaitsIsKept() throws {
        let seats = Desk()
        let number = try #require(seats.takeSeat())
        let settled = seats.settle(number, Self.stale)
        #expect(settled.waiter == nil && settled.isAbandoned)
        #expect(seats.finish(Self.done).isEmpty)
        #expect(value(seats.wait("a", in: number)) == 0)
    }

    @Test func theLastWhoLeavesAbandonsTheLoad() throws {
        let seats = Desk()
        let numbers = [try #require(seats.takeSeat()), try #require(seats.takeSeat())]
        #expect(seats.wait("a", in: numbers[0]) == nil)
        #expect(!seats.settle(numbers[0], Self.stale).isAbandoned)
        #expect(!seats.giveUp())
        #expect(seats.wait("b", in: numbers[1]) == nil)
        let last = seats.settle(numbers[1], Self.stale)
        #expect(last.waiter == "b" && last.isAbandoned)
        #expect(!seats.settle(numbers[1], Self.stale).isAbandoned)
        #expect(seats.giveUp())
        #expect(!seats.giveUp())
        #expect(seats.takeSeat() == nil)
    }

    @Test func whoComesBeforeItIsGivenUpKeepsItGoing() throws {
        let seats = Desk()
        let first = try #require(seats.takeSeat())
        #expect(seats.settle(first, Self.stale).isAbandoned)
        #expect(seats.takeSeat() != nil)
        #expect(!seats.giveUp())
    }

    @Test func theImpatientAreThoseWhoHaveNothingYet() throws {
        let seats = Desk()
        let numbers = try (0..<4).map { _ in try #require(seats.takeSeat()) }
        #expect(seats.wait("a", in: numbers[0]) == nil)
        for number in numbers.prefix(3) { seats.becomeImpatient(number) }
        // Impatience that came first is not lost by waiting.
        #expect(seats.wait("b", in: numbers[1]) == nil)
        _ = seats.settle(numbers[2], Self.stale)
        #expect(seats.impatient.sorted() == [numbers[0], numbers[1]])
    }

    @Test func aSeatThatIsLeftIsForgotten() throws {
        let seats = Desk()
        let numbers = try (0..<3).map { _ in try #require(seats.takeSeat()) }
        #expect(!seats.leave(numbers[0]))
        _ = seats.settle(numbers[1], Self.stale)
        #expect(!seats.leave(numbers[1]))
        #expect(seats.count == 1)
        #expect(seats.leave(numbers[2]))
        #expect(!seats.leave(numbers[2]))
        #expect(seats.count == 0)
        #expect(seats.giveUp())
    }

    @Test func nobodyWaitsInASeatThatThereIsNot() {
        let seats = Desk()
        #expect(throws: CancellationError.self) { try seats.wait("a", in: 7)?.get() }
    }

    /// Random orders of everything that can happen: each owner is told exactly once.
    @Test(arguments: 0..<200) func inAnyOrderEverySeatIsToldOnce(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let seats = Desk()
        var told: [UInt64: Int] = [:]
        var open: [UInt64] = []
        var waiting: Set<UInt64> = []
        var names: [String: UInt64] = [:]
        var isOver = false
        for _ in 0..<60 {
            switch random.next() % 6 {
            case 0, 1:
                if let number = seats.takeSeat() {
                    open.append(number)
                    told[number] = 0
                    names["\(number)"] = number
                }
            case 2:
                guard let number = open.filter({ !waiting.contains($0) }).randomElement(using: &random) else {
                    continue
                }
                waiting.insert(number)
                if seats.wait("\(number)", in: number) != nil { told[number, default: 0] += 1 }
            case 3:
                guard let number = open.randomElement(using: &random) else { continue }
                if let name = seats.settle(number, Self.stale).waiter, let owner = names[name] {
                    told[owner, default: 0] += 1
                }
            case 4:
                if let number = open.randomElement(using: &random) { seats.becomeImpatient(number) }
            default:
                guard random.next() % 8 == 0, !isOver else { continue }
                isOver = true
                for name in seats.finish(Self.done) { if let owner = names[name] { told[owner, default: 0] += 1 } }
            }
        }
        for name in seats.finish(Self.done) { if let owner = names[name] { told[owner, default: 0] += 1 } }
        for number in open where !waiting.contains(number) {
            if seats.wait("\(number)", in: number) != nil { told[number, default: 0] += 1 }
        }
        #expect(told.values.allSatisfy { $0 == 1 })
    }
}
