import Recuerde
import RecuerdeTesting
import Testing

/// What a cache tells of Redis without any traffic, and what one lost connection means.
@Suite(.timeLimit(.minutes(1))) struct UpkeepTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }

    @Test func theUpkeepNoticesThatRedisHasGoneWithoutAnyTraffic() async throws {
        let cache = nodes.node()
        await cache.connect()
        let run = Task { try await cache.run() }
        await nodes.time.waitForSleepers(atLeast: 1)
        remote.behave(Nodes.down)
        for _ in 0..<6 {
            nodes.time.advance(by: .milliseconds(500))
            await nodes.time.waitForSleepers(atLeast: 1)
        }
        #expect(!cache.statistics().redisAvailable)
        #expect(cache.statistics().backend == "memory")
        run.cancel()
        try await run.value
    }

    @Test func healthDoesNotCallAFrozenRedisAvailable() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.behave(.hang)
        let health = Task { await cache.health() }
        await nodes.time.waitForSleepers(atLeast: 1)
        nodes.time.advance(by: .milliseconds(250))
        let answer = await health.value
        #expect(!answer.redis.available && !answer.redis.healthy)
        #expect(answer.statistics.backend == "memory" && !answer.statistics.redisAvailable)
    }

    @Test func oneLostConnectionIsNoOutage() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.behave(.fail(RemoteTierError(.interrupted, "the connection is gone")))
        try await cache.set("k", to: 1)
        remote.behave(.normal)
        #expect(cache.statistics().redisAvailable)
        // The next call asks Redis again, without a pause.
        try await cache.set("l", to: 2)
        #expect(remote.record("test:v2:l") != nil)
    }

    @Test func whatIsNotTriedIsNoErrorAndNoMissOfRedis() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.behave(Nodes.down)
        _ = try await cache.get("k", as: Int.self)
        let before = cache.statistics()
        for _ in 0..<10 { _ = try await cache.get("k", as: Int.self) }
        let after = cache.statistics()
        #expect(after.total.errors == before.total.errors)
        #expect(after.remote.misses == before.remote.misses)
        #expect(after.total.misses == before.total.misses + 10)
        #expect(after.memory.misses == before.memory.misses + 10)
    }

    @Test(arguments: [true, false])
    func aLookupWhoseLoadFailsIsAMiss(hasRemote: Bool) async throws {
        let cache = hasRemote ? nodes.node() : nodes.memoryOnly()
        for _ in 0..<3 {
            await #expect(throws: LoadFailure.self) {
                _ = try await cache.value(for: "k") { () async throws -> Int in throw LoadFailure() }
            }
        }
        let statistics = cache.statistics()
        #expect(statistics.total.misses == 3 && statistics.total.totalRequests == 3)
    }

    @Test func inAnOutageALoadIsOneMissOfMemory() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.behave(Nodes.down)
        try await cache.set("other", to: 1)
        let before = cache.statistics().memory.misses
        _ = try await cache.value(for: "k") { 1 }
        #expect(cache.statistics().memory.misses == before + 1)
    }

    @Test func aResetBeginsAllCountsAnew() async throws {
        let cache = nodes.node {
            $0.memory.maximumEntries = 2
            $0.journalMaximumIntents = 1
        }
        for number in 0..<10 {
            try await cache.set(CacheKey("k\(number)"), to: number, options: .timeToLive(.seconds(1)))
        }
        remote.behave(Nodes.down)
        for number in 0..<10 { _ = try await cache.delete(CacheKey("k\(number)")) }
        nodes.time.advance(by: .seconds(2))
        #expect(cache.statistics().evictions > 0 && cache.statistics().journalOverflows > 0)
        cache.resetStatistics()
        let statistics = cache.statistics()
        #expect(statistics.evictions == 0 && statistics.expirations == 0 && statistics.journalOverflows == 0)
    }

    @Test func inAnOutageABulkReadIsOneMissOfMemoryForEachKey() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.behave(Nodes.down)
        try await cache.set("other", to: 1)
        let before = cache.statistics().memory.misses
        _ = try await cache.get(["a", "b"], as: Int.self)
        #expect(cache.statistics().memory.misses == before + 2)
    }

    @Test func containsReadsTheClockItAskedFor() async throws {
        let nodes = Nodes(clockOffset: .seconds(-3_600))
        let writer = nodes.node()
        await writer.connect()
        try await writer.set("k", to: 1, options: .timeToLive(.seconds(60)))
        #expect(try await nodes.node().contains("k"))
    }

    @Test func anAnswerOfTheUpkeepFromBeforeTheOutageDoesNotEndIt() async throws {
        let cache = nodes.node()
        await cache.connect()
        nodes.time.advance(by: .seconds(3))
        remote.hold()
        let run = Task { try await cache.run() }
        await nodes.time.waitForSleepers(atLeast: 1)
        nodes.time.advance(by: .milliseconds(500))
        await eventually { remote.waiting >= 1 }
        // Its question is under way; a caller finds out meanwhile that Redis has gone.
        remote.behave(Nodes.down)
        let write = Task { try await cache.set("k", to: 1) }
        await eventually { remote.waiting >= 2 }
        remote.release()
        try await write.value
        #expect(!cache.statistics().redisAvailable)
        // Back again, lest the end of the upkeep waits with what is in the journal.
        remote.behave(.normal)
        run.cancel()
        try await run.value
    }
}
