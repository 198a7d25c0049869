import Recuerde
import RecuerdeTesting
import Testing

/// Nothing that reaches the store is stamped ahead of its clock, and nothing is carried out there after it was cleared.
@Suite(.timeLimit(.minutes(1))) struct StampTimeTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private var present: Stamp { Stamp(microseconds: nodes.time.unixTime().microseconds) }

    private func stamp(of name: String) -> Stamp? { remote.record("test:v2:" + name)?.stamp }

    @Test(arguments: [Duration.seconds(-40), .seconds(40), .seconds(-3_600), .seconds(3_600)])
    func aValueOfAnOutageGivesWayToALaterOneThoughItsClockHadNeverBeenCompared(clockOffset: Duration) async throws {
        let nodes = Nodes(clockOffset: clockOffset)
        let (early, late) = (nodes.node { $0.breakerThreshold = 1 }, nodes.node { $0.breakerThreshold = 1 })
        nodes.remote.behave(Nodes.down)
        try await early.set("k", to: "early")
        nodes.comeBack()
        try await late.set("k", to: "late")
        _ = try await early.get("x", as: String.self)
        await nodes.settle(early)
        for cache in [early, late] { #expect(try await cache.get("k") == "late") }
    }

    @Test(arguments: [Duration.seconds(-40), .seconds(40), .seconds(-3_600), .seconds(3_600)])
    func aValueOfAnOutageReplacesAnEarlierOneThoughItsClockHadNeverBeenCompared(clockOffset: Duration) async throws {
        let nodes = Nodes(clockOffset: clockOffset)
        let (early, late) = (nodes.node { $0.breakerThreshold = 1 }, nodes.node { $0.breakerThreshold = 1 })
        try await early.set("k", to: "early")
        nodes.time.advance(by: .seconds(1))
        nodes.remote.behave(Nodes.down)
        try await late.set("k", to: "late")
        nodes.comeBack()
        // Even before it has been brought there.
        #expect(try await late.get("k") == "late")
        await nodes.settle(late)
        for cache in [early, late] { #expect(try await cache.get("k") == "late") }
    }

    @Test func whatIsStampedAfterAWriteThatWasGivenUpWaitsUntilThatCannotComeAnyMore() async throws {
        let cache = nodes.node { $0.breakerThreshold = 100 }
        await cache.connect()
        remote.behave(.loseAnswer(RemoteTierError(.interrupted, "scripted")))
        try await cache.set("k", to: "first")
        remote.behave(.fail(RemoteTierError(.interrupted, "scripted")))
        try await cache.set("k", to: "second")
        remote.behave(.normal)
        #expect(try await cache.get("k") == "second")
        for _ in 0..<1_000 { await Task.yield() }
        #expect(try #require(stamp(of: "k")) <= present)
        nodes.time.advance(by: .milliseconds(600))
        #expect(try await cache.get("k") == "second")
        await nodes.settle(cache)
        #expect(try #require(stamp(of: "k")) <= present)
        #expect(try await nodes.node().get("k") == "second")
    }

    private func node(on link: ScriptedNode) async -> Cache {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let cache = Cache(configuration: configuration, remote: link, timeSource: nodes.time)
        await cache.connect()
        link.planNext([ScriptedExchange(requestDelay: .milliseconds(200))])
        return cache
    }

    @Test func aClearWaitsForAValueThatWasGivenUp() async throws {
        let cache = await node(on: remote.node("one"))
        let write = Task { try await cache.set("k", to: "late") }
        await nodes.time.waitForSleepers(atLeast: 1)
        write.cancel()
        await #expect(throws: CancellationError.self) { try await write.value }
        let clear = Task { try await cache.clear() }
        // The value, which is still under way, and the clear.
        await nodes.time.waitForSleepers(atLeast: 2)
        nodes.time.advance(by: .milliseconds(200))
        await eventually { remote.names == ["test:v2:k"] }
        nodes.time.advance(by: .milliseconds(51))
        _ = try await clear.value
        #expect(remote.names == [])
        #expect(try await cache.get("k", as: String.self) == nil)
    }

    @Test func aClearDoesNotWaitForAValueThatNobodyHasGivenUp() async throws {
        let cache = await node(on: remote.node("one"))
        let write = Task { try await cache.set("k", to: "late") }
        await nodes.time.waitForSleepers(atLeast: 1)
        _ = try await cache.clear()
        nodes.time.advance(by: .milliseconds(200))
        try await write.value
        // They went on at the same time, so either order is right.
        #expect(try await cache.get("k") == "late")
    }

    @Test func theAnswerToAnEarlierWriteDoesNotSettleALaterOne() async throws {
        let link = remote.node("one")
        let cache = await node(on: link)
        let slow = ScriptedExchange(requestDelay: .milliseconds(200))
        // The first sets out; the second and the third are stamped later than that can be carried out.
        link.planNext([slow, ScriptedExchange(.refused(RemoteTierError(.interrupted, "scripted")))])
        let first = Task { try await cache.set("k", to: 1) }
        await nodes.time.waitForSleepers(atLeast: 1)
        let second = Task { try await cache.set("k", to: 2) }
        await nodes.time.waitForSleepers(atLeast: 2)
        try await cache.set("k", to: 3)
        #expect(cache.statistics().journalDepth == 1)
        nodes.time.advance(by: .milliseconds(201))
        try await first.value
        try await second.value
        #expect(cache.statistics().journalDepth == 1)
        nodes.time.advance(by: .seconds(1))
        #expect(try await cache.get("k") == 3)
        await nodes.settle(cache)
        for cache in [cache, nodes.node()] { #expect(try await cache.get("k") == 3) }
    }

    @Test func aClearForWhoseMarkThereIsNoRoomWaits() async throws {
        let link = remote.node("other")
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let (cache, other) = (nodes.node(), Cache(configuration: configuration, remote: link, timeSource: nodes.time))
        await cache.connect()
        await other.connect()
        link.plan(ScriptedExchange(.refused(RemoteTierError(.unavailable, "scripted"))))
        try await other.set("k", to: "old")
        nodes.time.advance(by: .seconds(1))
        remote.setFull(true)
        _ = try await cache.clear()
        #expect(cache.statistics().journalDepth == 1)
        remote.setFull(false)
        nodes.time.advance(by: .seconds(3))
        _ = try await cache.get("x", as: String.self)
        await nodes.settle(cache)
        link.heal()
        _ = try await other.get("x", as: String.self)
        await nodes.settle(other)
        for cache in [cache, other] { #expect(try await cache.get("k", as: String.self) == nil) }
    }
}
