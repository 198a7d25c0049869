import Recuerde
import RecuerdeTesting
import Testing

/// What waits in the journal and cannot be brought to the remote tier holds back nothing else.
@Suite(.timeLimit(.minutes(1))) struct ReplayTests {
    private let nodes = Nodes()
    private let tier: InterposedTier
    private let cache: Cache

    init() async {
        tier = InterposedTier(nodes.remote)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        cache = Cache(configuration: configuration, remote: tier, timeSource: nodes.time)
        await cache.connect()
    }

    /// Lets a replay begin, and waits until so many are left.
    private func replay(until depth: Int, _ place: SourceLocation = #_sourceLocation) async throws {
        _ = try await cache.get("some:other:key", as: Int.self)
        await eventually(place) { cache.statistics().journalDepth == depth }
    }

    @Test func poisonBeforeAllOthersHoldsBackNoneOfThem() async throws {
        nodes.remote.behave(Nodes.down)
        // More than go in one exchange.
        let poison = (0..<200).map { CacheKey("poison\($0)") }
        for key in poison { try await cache.set(key, to: 0) }
        for number in 0..<10 { try await cache.set(CacheKey("good\(number)"), to: number) }
        tier.refuse(Set((0..<200).map { "test:v2:poison\($0)" }))
        nodes.comeBack()
        try await replay(until: 200)
        #expect(nodes.remote.names.count == 10)
        // What came after it is not held back either, while all of it is due again.
        for _ in 0..<5 {
            nodes.time.advance(by: .seconds(70))
            tier.refuse(Set((0..<200).map { "test:v2:poison\($0)" } + ["test:v2:late"]))
            try await cache.set("late", to: 1)
            tier.refuse(Set((0..<200).map { "test:v2:poison\($0)" }))
            nodes.time.advance(by: .seconds(3))
            try await replay(until: 200)
            #expect(nodes.remote.record("test:v2:late") != nil)
            _ = try await cache.delete("late")
        }
        // Read here all the while, and there once it is taken.
        #expect(try await cache.get(poison, as: Int.self).count == 200)
        tier.refuse([])
        nodes.time.advance(by: .seconds(70))
        try await replay(until: 0)
        #expect(try await nodes.node().get(poison, as: Int.self).count == 200)
    }

    @Test(arguments: WireFormat.allCases)
    func aValueWhoseTimeRanOutInTheJournalTakesAwayWhatItReplaced(format: WireFormat) async throws {
        let cache = nodes.node { $0.format = format }
        await cache.connect()
        try await cache.set("k", to: "old")
        nodes.remote.behave(Nodes.down)
        try await cache.set("k", to: "new", options: .timeToLive(.seconds(1)))
        nodes.time.advance(by: .seconds(1))
        nodes.comeBack()
        #expect(try await cache.get("k", as: String.self) == nil)
        await nodes.settle(cache)
        #expect(nodes.remote.names == [])
    }

    @Test func aValueOfTheJournalLivesNoLongerThanItWouldHave() async throws {
        nodes.remote.behave(Nodes.down)
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(10)))
        nodes.time.advance(by: .seconds(4))
        nodes.comeBack()
        try await replay(until: 0)
        let other = nodes.node()
        #expect(try await other.result(for: "k", as: Int.self)?.provenance.remaining == .seconds(3))
        nodes.time.advance(by: .seconds(3))
        #expect(try await other.get("k", as: Int.self) == nil)
        #expect(nodes.remote.names == [])
    }

    @Test func underPlainNothingGoesBeforeAClear() async throws {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        configuration.format = .plain
        let cache = Cache(configuration: configuration, remote: tier, timeSource: nodes.time)
        await cache.connect()
        try await cache.set("before", to: 1)
        nodes.remote.behave(Nodes.down)
        _ = try await cache.clear()
        try await cache.set("after", to: 2)
        nodes.comeBack()
        tier.failScans(RemoteTierError(.refused, "NOPERM"))
        for _ in 0..<3 {
            _ = try await cache.get("x", as: Int.self)
            for _ in 0..<200 { await Task.yield() }
            #expect(cache.statistics().journalDepth == 2 && nodes.remote.names == ["test:before"])
            nodes.time.advance(by: .milliseconds(600))
        }
        tier.failScans(nil)
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(nodes.remote.names == ["test:after"])
    }

    @Test func aClearThatIsRefusedHoldsBackNothingThatCameAfterIt() async throws {
        try await cache.set("before", to: 1)
        nodes.remote.behave(Nodes.down)
        _ = try await cache.clear()
        try await cache.set("after", to: 2)
        _ = try await cache.delete("gone")
        nodes.comeBack()
        tier.failScans(RemoteTierError(.refused, "NOPERM"))
        try await replay(until: 1)
        #expect(cache.statistics().journalReasons[.refused] == 1)
        #expect(try await nodes.node().get("after") == 2)
        // What the clear stands for is not served meanwhile.
        #expect(try await cache.get("before", as: Int.self) == nil)
        #expect(try await cache.get("after") == 2)
        // It waits longer each time, and is not forgotten.
        tier.failScans(nil)
        nodes.time.advance(by: .milliseconds(600))
        _ = try await cache.get("x", as: Int.self)
        for _ in 0..<200 { await Task.yield() }
        #expect(cache.statistics().journalDepth == 1)
        nodes.time.advance(by: .seconds(2))
        try await replay(until: 0)
        #expect(nodes.remote.names == ["test:v2:after"])
        #expect(try await cache.get("after") == 2)
    }
}
