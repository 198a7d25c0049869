import Recuerde
import RecuerdeTesting
import Testing

/// What becomes of memory and of Redis when more waits than the journal holds, and at the end of the process.
@Suite(.timeLimit(.minutes(1))) struct JournalBoundTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }

    @Test func whatWasOnlyLoadedNeverBecomesAClear() async throws {
        let cache = nodes.node { $0.journalMaximumIntents = 10 }
        try await nodes.node().set("another", to: 1)
        await cache.connect()
        remote.behave(Nodes.down)
        for number in 0..<50 { _ = try await cache.value(for: CacheKey("k\(number)")) { number } }
        _ = try await cache.delete("gone")
        #expect(cache.statistics().journalOverflows == 0)
        // Memory has them all.
        for number in 0..<50 { #expect(try await cache.get(CacheKey("k\(number)")) == number) }
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(cache.statistics().journalDepth == 0)
        #expect(try await nodes.node().get("another") == 1)
    }

    @Test func anOverflowLeavesMemoryBelievedWhileRedisIsAway() async throws {
        let cache = nodes.node { $0.journalMaximumIntents = 10 }
        try await cache.set("early", to: -1)
        remote.behave(Nodes.down)
        for number in 0..<20 { try await cache.set(CacheKey("k\(number)"), to: number) }
        #expect(cache.statistics().journalOverflows == 1)
        for number in 0..<20 { #expect(try await cache.get(CacheKey("k\(number)")) == number) }
        #expect(try await cache.get("early") == -1)
        _ = try await cache.delete("early")
        #expect(try await cache.get("early", as: Int.self) == nil)
        nodes.comeBack()
        #expect(try await cache.get("early", as: Int.self) == nil)
        await nodes.settle(cache)
        #expect(remote.record("test:v2:early") == nil)
    }

    @Test func aShutdownBringsThousandsOfIntentsToRedis() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.behave(Nodes.down)
        for number in 0..<5_000 { try await cache.set(CacheKey("k\(number)"), to: number) }
        let run = Task { try await cache.run() }
        await nodes.time.waitForSleepers(atLeast: 1)
        remote.behave(.normal)
        run.cancel()
        try await run.value
        #expect(remote.names.count == 5_000)
        #expect(cache.statistics().journalDepth == 0)
    }

    @Test func anEntryStampedByAClockFarAheadIsStampedByRedisAtTheReplay() async throws {
        // This node's clock is an hour ahead of Redis', and it has never compared them.
        let nodes = Nodes(clockOffset: .seconds(-3_600))
        nodes.remote.behave(Nodes.down)
        let cache = nodes.node()
        try await cache.set("k", to: "mine")
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(cache.statistics().journalDepth == 0)
        nodes.time.advance(by: .seconds(1))
        try await nodes.node().set("k", to: "theirs")
        #expect(try await cache.get("k") == "theirs")
    }

    @Test func aRemovalIsNotForgottenWithTheLoadThatFollowedIt() async throws {
        let cache = nodes.node { $0.journalMaximumIntents = 10 }
        try await cache.set("k", to: "old")
        remote.behave(Nodes.down)
        _ = try await cache.delete("k")
        #expect(try await cache.value(for: "k", options: .timeToLive(.seconds(1))) { "new" } == "new")
        for number in 0..<20 { _ = try await cache.value(for: CacheKey("f\(number)")) { number } }
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(try await nodes.node().get("k", as: String.self) != "old")
        #expect(try await cache.get("k", as: String.self) == nil)
    }

    @Test func whatCollapsedGivesWayToWhatOthersRemoveLater() async throws {
        let cache = nodes.node { $0.journalMaximumIntents = 10 }
        await cache.connect()
        remote.behave(Nodes.down)
        for number in 0..<20 { try await cache.set(CacheKey("k\(number)"), to: number) }
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        let other = nodes.node()
        try await other.set("k0", to: 99)
        _ = try await other.delete("k0")
        #expect(try await cache.get("k0", as: Int.self) == nil)
        remote.behave(Nodes.down)
        #expect(try await cache.get("k0", as: Int.self) == nil)
    }

    @Test func loadsInAnOutageDoNotPushOutWhatWasMeant() async throws {
        let cache = nodes.node { $0.journalMaximumIntents = 10 }
        await cache.connect()
        remote.behave(Nodes.down)
        for number in 0..<10 { _ = try await cache.delete(CacheKey("gone\(number)")) }
        for number in 0..<20 { _ = try await cache.value(for: CacheKey("f\(number)")) { number } }
        #expect(cache.statistics().journalDepth == 10 && cache.statistics().journalOverflows == 0)
    }

    @Test func aLoadThatTheJournalHasLetGoOfGivesWayToWhatOthersHave() async throws {
        let (cache, other) = (nodes.node { $0.journalMaximumIntents = 1 }, nodes.node())
        await cache.connect()
        try await other.set("k", to: "theirs")
        nodes.time.advance(by: .seconds(1))
        remote.behave(Nodes.down)
        _ = try await cache.delete("a")
        #expect(try await cache.value(for: "k") { "mine" } == "mine")
        #expect(try await cache.get("k") == "mine")
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        for node in [cache, other] { #expect(try await node.get("k") == "theirs") }
    }

    @Test func whatFailsAfterACollapseDoesNotComeBackFromBeforeIt() async throws {
        let link = remote.node("one")
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        configuration.journalMaximumIntents = 1
        configuration.breakerThreshold = 100
        let cache = Cache(configuration: configuration, remote: link, timeSource: nodes.time)
        await cache.connect()
        // The first write waits for its timeout, while the next two are refused at once: too many for the journal.
        let lost = ScriptedExchange(.refused(RemoteTierError(.interrupted, "scripted")))
        link.planNext([ScriptedExchange(.requestLost), lost, lost])
        let first = Task { try await cache.set("k", to: "first") }
        await nodes.time.waitForSleepers(atLeast: 1)
        try await cache.set("k", to: "second")
        try await cache.set("other", to: "third")
        #expect(cache.statistics().journalOverflows == 1)
        nodes.time.advance(by: .milliseconds(250))
        try await first.value
        nodes.time.advance(by: .seconds(3))
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        for node in [nodes.node(), cache] { #expect(try await node.get("k", as: String.self) != "first") }
    }
}
