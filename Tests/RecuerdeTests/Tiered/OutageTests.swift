import Recuerde
import RecuerdeTesting
import Testing

/// What was done while the remote tier was away, and what becomes of it.
@Suite struct OutageTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private var time: ManualTimeSource { nodes.time }

    @Test(arguments: WireFormat.allCases)
    func aKeyDeletedDuringTheOutageDoesNotComeBack(format: WireFormat) async throws {
        let cache = nodes.node { $0.format = format }
        try await cache.set("k", to: "old")
        remote.behave(Nodes.down)
        #expect(try await cache.delete("k"))
        nodes.comeBack()
        // The remote tier still holds it, and is not believed.
        #expect(remote.names.count == 1)
        #expect(try await cache.get("k", as: String.self) == nil)
        await nodes.settle(cache)
        #expect(remote.names.isEmpty)
        #expect(try await cache.get("k", as: String.self) == nil)
        #expect(try await nodes.node().get("k", as: String.self) == nil)
    }

    @Test func whatIsSetDuringAnOutageIsReadableHoweverHotTheRestIs() async throws {
        let cache = nodes.node {
            $0.memory.maximumEntries = 20
            $0.memory.shards = 1
        }
        for number in 0..<20 { try await cache.set(CacheKey("hot\(number)"), to: number) }
        remote.behave(Nodes.down)
        for number in 0..<50 {
            for _ in 0..<3 {
                for hot in 0..<20 { _ = try await cache.get(CacheKey("hot\(hot)"), as: Int.self) }
            }
            try await cache.set(CacheKey("new\(number)"), to: number)
            #expect(try await cache.get(CacheKey("new\(number)")) == number)
        }
    }

    @Test func theNewestOfWhatWasSetArrives() async throws {
        let cache = nodes.node()
        remote.behave(Nodes.down)
        try await cache.set("k", to: 1)
        try await cache.set("k", to: 2)
        try await cache.set("gone", to: 3)
        _ = try await cache.delete("gone")
        #expect(try await cache.value(for: "loaded") { 4 } == 4)
        #expect(cache.statistics().journalDepth == 3)
        nodes.comeBack()
        #expect(try await cache.get("k") == 2)
        await nodes.settle(cache)
        let other = nodes.node()
        #expect(try await other.get("k") == 2)
        #expect(try await other.get("gone", as: Int.self) == nil)
        #expect(try await other.get("loaded") == 4)
    }

    @Test func whatAnotherNodeWroteLaterIsNotOverwritten() async throws {
        let cutOff = nodes.node()
        let connected = nodes.node()
        try await cutOff.set("k", to: "old")
        remote.behave(Nodes.down)
        try await cutOff.set("k", to: "during")
        _ = try await cutOff.delete("l")
        remote.behave(.normal)
        time.advance(by: .seconds(1))
        try await connected.set("k", to: "later")
        try await connected.set("l", to: "later")
        nodes.comeBack()
        _ = try await cutOff.get("x", as: Int.self)
        await nodes.settle(cutOff)
        #expect(try await connected.get("k") == "later")
        #expect(try await connected.get("l") == "later")
        #expect(try await cutOff.get("k") == "later")
        remote.behave(Nodes.down)
        #expect(try await cutOff.get("k") == "later")
    }

    @Test(arguments: [Duration.seconds(40), .seconds(-40)])
    func aNodeWhoseClockIsWrongStillStampsInOrder(offset: Duration) async throws {
        let nodes = Nodes(clockOffset: offset)
        let cutOff = nodes.node()
        let connected = nodes.node()
        try await cutOff.set("k", to: "old")
        await cutOff.connect()
        nodes.remote.behave(Nodes.down)
        try await cutOff.set("k", to: "during")
        nodes.remote.behave(.normal)
        nodes.time.advance(by: .seconds(1))
        try await connected.set("k", to: "later")
        nodes.comeBack()
        _ = try await cutOff.get("x", as: Int.self)
        await nodes.settle(cutOff)
        #expect(try await connected.get("k") == "later")
    }

    @Test func aClearDuringTheOutageIsCarriedOut() async throws {
        let cache = nodes.node()
        for number in 0..<5 { try await cache.set("k\(number)", to: number) }
        remote.behave(Nodes.down)
        #expect(try await cache.clear() == 5)
        try await cache.set("k1", to: 11)
        nodes.comeBack()
        #expect(try await cache.get("k0", as: Int.self) == nil)
        #expect(try await cache.get("k1") == 11)
        await nodes.settle(cache)
        #expect(remote.names == ["test:v2:k1"])
        #expect(try await nodes.node().get("k1") == 11)
    }

    @Test func anOverflowingJournalBecomesOneClear() async throws {
        let cache = nodes.node { $0.journalMaximumIntents = 10 }
        for number in 0..<20 { try await cache.set("k\(number)", to: number) }
        remote.behave(Nodes.down)
        for number in 0..<20 { _ = try await cache.delete("k\(number)") }
        #expect(cache.statistics().journalOverflows == 1)
        #expect(cache.statistics().journalDepth <= 11)
        nodes.comeBack()
        for number in 0..<20 { #expect(try await cache.get("k\(number)", as: Int.self) == nil) }
        await nodes.settle(cache)
        #expect(remote.names.isEmpty)
    }

    @Test func aWriteWhoseAnswerWasLostIsRepeatedWithoutHarm() async throws {
        let cache = nodes.node { $0.breakerThreshold = 100 }
        remote.behave(.loseAnswer(RemoteTierError(.timedOut, "scripted")))
        try await cache.set("k", to: 1)
        _ = try await cache.delete("l")
        nodes.comeBack()
        #expect(try await cache.get("k") == 1)
        await nodes.settle(cache)
        #expect(try await nodes.node().get("k") == 1)
    }

    @Test func aRefusedWriteIsReadHereAndTriedAgain() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: "old")
        remote.behave(.fail(RemoteTierError(.refused, "OOM")))
        try await cache.set("k", to: "new")
        #expect(cache.statistics().redisAvailable)
        nodes.comeBack()
        #expect(try await cache.get("k") == "new")
        await nodes.settle(cache)
        #expect(try await nodes.node().get("k") == "new")
    }

    @Test func aWriteThatComesTooLateIsNotCarriedOut() async throws {
        let nodes = Nodes()
        let cache = nodes.node()
        await cache.connect()
        // The store's clock is ahead of what this node believes: somebody has set it.
        nodes.time.setUnixTime(nodes.time.unixTime().advanced(by: .seconds(10)))
        try await cache.set("k", to: 1)
        // It learned the time from the refusal, and sent the write again.
        #expect(nodes.remote.counts.writes == 2)
        try await cache.set("k", to: 2)
        #expect(nodes.remote.counts.writes == 3)
        #expect(try await nodes.node().get("k") == 2)
    }

    @Test func theUpkeepNoticesTheReturnWithoutAnyTraffic() async throws {
        let cache = nodes.node()
        await cache.connect()
        #expect(cache.statistics().redisAvailable)
        remote.behave(Nodes.down)
        try await cache.set("k", to: 1)
        #expect(!cache.statistics().redisAvailable)
        let run = Task { try await cache.run() }
        await time.waitForSleepers(atLeast: 1)
        remote.behave(.normal)
        for _ in 0..<5 {
            time.advance(by: .milliseconds(500))
            await time.waitForSleepers(atLeast: 1)
        }
        // The replay is a task of its own, which may be behind on a busy machine.
        await nodes.settle(cache)
        #expect(cache.statistics().redisAvailable && cache.statistics().journalDepth == 0)
        #expect(try await nodes.node().get("k") == 1)
        run.cancel()
        try await run.value
    }

    @Test func aReadThatOvertakesAFailingWriteDoesNotTakeItsValueAway() async throws {
        let cache = nodes.node { $0.breakerThreshold = 100 }
        try await cache.set("k", to: "old")
        remote.behave(.hang)
        let write = Task { try await cache.set("k", to: "new") }
        await time.waitForSleepers(atLeast: 1)
        remote.behave(.normal)
        // The write is under way, and the remote tier still holds the old value.
        #expect(try await cache.get("k") == "old")
        time.advance(by: .milliseconds(250))
        try await write.value
        remote.behave(Nodes.down)
        #expect(try await cache.get("k") == "new")
    }

    @Test func everyOneOfSeveralWritesIsKeptWhenTheirExchangeFails() async throws {
        let cache = nodes.node { $0.rethrowsRemoteErrors = true }
        remote.behave(Nodes.down)
        await #expect(throws: CacheError.self) { try await cache.set(["a": 1, "b": 2, "c": 3]) }
        #expect(cache.statistics().journalDepth == 3)
    }

    @Test(arguments: WireFormat.allCases)
    func aLaterAcknowledgedWriteIsNotUndoneByTheReplay(format: WireFormat) async throws {
        let cache = nodes.node { $0.format = format }
        remote.behave(.fail(RemoteTierError(.refused, "OOM")))
        try await cache.set("k", to: 1)
        remote.behave(.normal)
        try await cache.set("k", to: 2)
        #expect(cache.statistics().journalDepth == 0)
        time.advance(by: .seconds(10))
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(try await nodes.node { $0.format = format }.get("k") == 2)
    }

    @Test(arguments: [Duration.seconds(3_600), .seconds(-3_600)])
    func aClockThatIsAnHourOffUndoesNothing(offset: Duration) async throws {
        let nodes = Nodes(clockOffset: offset)
        nodes.remote.behave(Nodes.down)
        let cache = nodes.node()
        try await cache.set("k", to: 1)
        nodes.comeBack()
        try await cache.set("k", to: 2)
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(try await nodes.node().get("k") == 2)
        #expect(try await cache.get("k") == 2)
    }

    @Test func aReadThatFetchesWhileARemovalIsUnderWayKeepsNothing() async throws {
        for clears in [false, true] {
            let nodes = Nodes()
            let cache = nodes.node { $0.readingOrder = .memoryUnchecked }
            try await nodes.node().set("k", to: "old")
            nodes.remote.behave(.hang)
            let removal = Task { clears ? try await cache.clear() > 0 : try await cache.delete("k") }
            await nodes.time.waitForSleepers(atLeast: 1)
            nodes.remote.behave(.normal)
            _ = try await cache.get("k", as: String.self)
            nodes.time.advance(by: .milliseconds(250))
            _ = try await removal.value
            nodes.remote.behave(Nodes.down)
            #expect(try await cache.get("k", as: String.self) == nil)
        }
    }

    @Test func aWriteThatAFrozenStoreCarriesOutLateDoesNotOvertakeALaterRemoval() async throws {
        let cache = nodes.node { $0.breakerThreshold = 1 }
        await cache.connect()
        remote.behave(.hang)
        let write = Task { try await cache.set("k", to: "old") }
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .milliseconds(100))
        // Meanwhile another call finds out that the store is down, so that the removal does not even try.
        remote.behave(Nodes.down)
        try await cache.set("other", to: 1)
        _ = try await cache.delete("k")
        // The store wakes, and finds the write, still valid, in its buffer.
        remote.behave(.normal)
        let late = RemoteWrite(
            name: "test:v2:k",
            operation: .store(bytes: Array(repeating: 0, count: 80), timeToLive: .seconds(9)),
            condition: .always(floor: .zero, validUntil: Stamp(microseconds: .max)),
            format: .envelope
        )
        _ = try await remote.write([late], timeout: .seconds(1))
        time.advance(by: .milliseconds(150))
        try await write.value
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(remote.record("test:v2:k") == nil)
    }

    @Test func whatRedisLostInARestartIsStillReadHere() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: "first")
        let old = try #require(remote.record("test:v2:k"))
        time.advance(by: .seconds(1))
        try await cache.set("k", to: "second")
        remote.plant("test:v2:k", bytes: old.bytes)
        #expect(try await cache.get("k") == "second")
    }

    @Test func aShutdownBringsToRedisWhatWaits() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.behave(Nodes.down)
        try await cache.set("k", to: 1)
        let run = Task { try await cache.run() }
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .milliseconds(500))
        await time.waitForSleepers(atLeast: 1)
        remote.behave(.normal)
        run.cancel()
        try await run.value
        #expect(cache.statistics().journalDepth == 0)
        #expect(remote.record("test:v2:k") != nil)
    }

    @Test func healthTellsWhatIs() async throws {
        let cache = nodes.node()
        await cache.connect()
        var health = await cache.health()
        #expect(health.configured && health.redis.available && health.redis.healthy)
        #expect(health.redis.url == "scripted" && health.redis.latency != nil && health.redis.lastError == nil)
        let since = health.redis.since
        time.advance(by: .seconds(7))
        remote.behave(Nodes.down)
        health = await cache.health()
        #expect(!health.redis.available && !health.redis.healthy)
        #expect(health.redis.since?.duration(to: time.unixTime()) == .zero && health.redis.since != since)
        #expect(health.redis.lastError?.contains("scripted to be down") == true)
        #expect(health.fallback.available)
        nodes.comeBack()
        health = await cache.health()
        #expect(health.redis.available && health.redis.healthy)
    }
}
