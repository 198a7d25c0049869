import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

@Suite struct ThrottleBookTests {
    private let time = ManualTimeSource()

    @Test func aKeyIsHeldUntilItsTimeIsUp() {
        let book = ThrottleBook()
        #expect(book.isEmpty && !book.holds("k", now: time.now()))
        book.add("k", until: time.now().advanced(by: .seconds(2)), now: time.now())
        #expect(book.holds("k", now: time.now()) && !book.holds("other", now: time.now()))
        time.advance(by: .seconds(2))
        #expect(!book.holds("k", now: time.now()))
        #expect(book.isEmpty)
    }

    @Test func itIsBoundedAndForgetsWhatIsOverFirst() {
        let book = ThrottleBook(limit: 2)
        book.add("a", until: time.now().advanced(by: .seconds(1)), now: time.now())
        book.add("b", until: time.now().advanced(by: .seconds(5)), now: time.now())
        book.add("c", until: time.now().advanced(by: .seconds(5)), now: time.now())
        #expect(!book.holds("c", now: time.now()) && book.holds("b", now: time.now()))
        time.advance(by: .seconds(1))
        book.add("c", until: time.now().advanced(by: .seconds(5)), now: time.now())
        #expect(
            book.holds("c", now: time.now()) && book.holds("b", now: time.now()) && !book.holds("a", now: time.now())
        )
        book.remove("c")
        #expect(!book.holds("c", now: time.now()))
    }
}

@Suite struct BackgroundLoadsTests {
    @Test func placesAreBounded() throws {
        let loads = BackgroundLoads(maximum: 2)
        let first = try #require(loads.take {})
        #expect(loads.take {} != nil)
        #expect(loads.take {} == nil)
        loads.free(first)
        #expect(loads.count == 1)
        #expect(loads.take {} != nil)
    }

    @Test func closingCancelsThemAllAndLetsNoneBegin() throws {
        let loads = BackgroundLoads(maximum: 5)
        let cancelled = Atomic(0)
        for _ in 0..<3 { _ = loads.take { cancelled.wrappingAdd(1, ordering: .relaxed) } }
        loads.close()
        let count = cancelled.load(ordering: .relaxed)
        #expect(count == 3)
        #expect(loads.take {} == nil)
    }

    @Test func aDrainEndsWithTheLastOfThem() async throws {
        let loads = BackgroundLoads(maximum: 5)
        let (one, two) = (try #require(loads.take {}), try #require(loads.take {}))
        let isDrained = Atomic(false)
        async let drain: Void = {
            await loads.drain()
            isDrained.store(true, ordering: .releasing)
        }()
        await eventually { loads.isDraining }
        #expect(loads.take {} == nil)
        loads.free(one)
        #expect(loads.count == 1)
        let wasDrained = isDrained.load(ordering: .acquiring)
        #expect(!wasDrained)
        loads.free(two)
        await drain
        loads.endDrain()
        #expect(loads.take {} != nil)
    }
}

@Suite struct WaitGraphTests {
    @Test func aCircleIsFoundBeforeItCloses() {
        let graph = WaitGraph()
        let nodes = (0..<4).map { _ in WaitGraph.Node() }
        #expect(!graph.begin(nodes[0], for: nodes[0]))
        #expect(graph.begin(nodes[0], for: nodes[1]))
        #expect(graph.begin(nodes[1], for: nodes[2]))
        #expect(graph.begin(nodes[1], for: nodes[3]))
        #expect(!graph.begin(nodes[2], for: nodes[0]))
        #expect(!graph.begin(nodes[3], for: nodes[0]))
        #expect(graph.begin(nodes[3], for: nodes[2]))
        graph.end(nodes[1], for: nodes[2])
        #expect(!graph.begin(nodes[2], for: nodes[0]), "by way of 1, 3")
        graph.end(nodes[3], for: nodes[2])
        #expect(graph.begin(nodes[2], for: nodes[0]))
    }

    @Test func whoWaitsTwiceForOneWaitsUntilBothHaveEnded() {
        let graph = WaitGraph()
        let (one, two) = (WaitGraph.Node(), WaitGraph.Node())
        #expect(graph.begin(one, for: two) && graph.begin(one, for: two))
        graph.end(one, for: two)
        #expect(!graph.begin(two, for: one))
        graph.end(one, for: two)
        #expect(graph.count == 0)
        #expect(graph.begin(two, for: one))
    }
}

@Suite struct EarlyRefreshTests {
    private func isDue(_ remaining: Duration, _ loadTime: Duration, _ eagerness: Double, chance: Double) -> Bool {
        EarlyRefresh.isDue(remaining: remaining, loadTime: loadTime, eagerness: eagerness) { chance }
    }

    /// With a lead of one second, the number 1/e comes due at one second before the expiry, and 1/e² at two.
    @Test func itIsDueWhereThePaperSaysSo() {
        let e = 2.718_281_828_459_045
        #expect(isDue(.milliseconds(999), .seconds(1), 1, chance: 1 / e))
        #expect(!isDue(.milliseconds(1_001), .seconds(1), 1, chance: 1 / e))
        #expect(isDue(.milliseconds(1_999), .seconds(1), 1, chance: 1 / (e * e)))
        #expect(isDue(.milliseconds(1_999), .seconds(1), 2, chance: 1 / e))
        #expect(isDue(.milliseconds(1_999), .seconds(2), 1, chance: 1 / e))
    }

    @Test func nothingIsDueWithoutALoadTimeOrAWish() {
        for chance in [0.0, 1e-300, 0.5] {
            #expect(!isDue(.milliseconds(1), .zero, 1, chance: chance))
            #expect(!isDue(.milliseconds(1), .seconds(9), 0, chance: chance))
            #expect(!isDue(.milliseconds(1), .seconds(9), -1, chance: chance))
            #expect(!isDue(.milliseconds(1), .seconds(9), .nan, chance: chance))
        }
        #expect(!isDue(Lifetime.longest, .seconds(60), 1, chance: 0))
        #expect(isDue(.zero, .seconds(1), 1, chance: 0.999_999))
    }

    /// The share of hits that come due is e to the power of -(remaining / lead).
    @Test func theShareOfHitsIsThatOfThePaper() {
        var random = SplitMix64(seed: 7)
        let due = (0..<20_000).filter { _ in
            EarlyRefresh.isDue(remaining: .seconds(2), loadTime: .seconds(1), eagerness: 1) {
                Double(random.next() >> 11) * 0x1p-53
            }
        }
        // 2 707 are expected, with a standard deviation of 48.
        #expect((2_450...2_960).contains(due.count))
    }
}
