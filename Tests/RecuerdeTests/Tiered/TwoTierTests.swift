import Logging
import Recuerde
import RecuerdeTesting
import Testing

/// `docs/scenarios-cache.md`, the scenarios about memory and a remote tier together.
@Suite struct TwoTierTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private var time: ManualTimeSource { nodes.time }

    @Test func whatIsWrittenGoesToBothTiers() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: "v")
        let record = try #require(remote.record("test:v2:k"))
        let result = try #require(try await cache.result(for: "k", as: String.self))
        #expect(result.provenance.source == .redis && result.provenance.stamp == record.stamp)
        remote.behave(Nodes.down)
        let fallback = try #require(try await cache.result(for: "k", as: String.self))
        #expect(fallback.value == "v" && fallback.provenance.source == .memory)
    }

    @Test func scenario7_clearingOneNamespaceLeavesTheOthers() async throws {
        let foo = nodes.node { $0.prefix = "foo" }
        let foobar = nodes.node { $0.prefix = "foobar" }
        let nested = nodes.node { $0.prefix = "foo:bar" }
        for cache in [foo, foobar, nested] { try await cache.set("x", to: 1) }
        #expect(try await foo.clear() == 1)
        #expect(try await foo.get("x", as: Int.self) == nil)
        #expect(try await foobar.get("x") == 1)
        #expect(try await nested.get("x") == 1)
    }

    @Test func aClearTellsHowManyItRemoved() async throws {
        let writer = nodes.node()
        for number in 0..<1_200 { try await writer.set("k\(number)", to: number) }
        let other = nodes.node()
        #expect(try await other.clear() == 1_200)
        #expect(remote.names.isEmpty)
        #expect(try await writer.get("k1", as: Int.self) == nil)
    }

    @Test func scenario8_bytesThatDoNotDecodeAreAMissAndACounter() async throws {
        let cache = nodes.node()
        remote.plant("test:v2:k", bytes: Array("{\"not\":\"ours\"}".utf8))
        #expect(try await cache.get("k", as: Int.self) == nil)
        try await nodes.node().set("n", to: 42)
        #expect(try await cache.get("n", as: Double.self) == nil)
        #expect(cache.statistics().decodeFailures == 2)
        #expect(cache.statistics().total.errors == 0)
        #expect(try await cache.value(for: "k") { 3 } == 3)
    }

    @Test func scenario9_oneLoadHoweverManyAsk() async throws {
        let cache = nodes.node()
        let tally = Tally()
        let door = Door()
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1_000 {
                group.addTask {
                    try await cache.value(for: "k") {
                        tally.add()
                        await door.pass()
                        return 1
                    }
                }
            }
            await door.someoneWaits()
            door.open()
            return try await group.reduce(0, +)
        }
        #expect(sum == 1_000 && tally.count == 1)
    }

    @Test func scenario11_callersOnAColdMemoryShareOneReadOfTheRemoteTier() async throws {
        try await nodes.node().set("k", to: 9)
        let cache = nodes.node()
        let before = remote.counts.reads
        remote.hold()
        let tally = Tally()
        let tasks = (0..<5).map { _ in Task { try await cache.value(for: "k") { tally.add() } } }
        await eventually { remote.waiting >= 1 }
        for _ in 0..<1_000 { await Task.yield() }
        remote.release()
        for task in tasks { #expect(try await task.value == 9) }
        #expect(remote.counts.reads - before == 1)
        #expect(tally.count == 0)
    }

    @Test func scenario54_theLifeOfAnEntryDoesNotBeginAgainOnAnotherNode() async throws {
        try await nodes.node().set("k", to: 5, options: .timeToLive(.seconds(10)))
        time.advance(by: .seconds(4))
        let cache = nodes.node()
        let tally = Tally()
        let result = try await cache.result(for: "k") { _ in Loaded(tally.add()) }
        #expect(result.value == 5 && tally.count == 0)
        #expect(result.provenance.age == .seconds(4) && result.provenance.remaining == .seconds(6))
        #expect(result.provenance.stamp == remote.record("test:v2:k")?.stamp)
        // The copy in memory ends when the entry does.
        remote.behave(Nodes.down)
        time.advance(by: .seconds(5))
        #expect(try await cache.get("k") == 5)
        time.advance(by: .seconds(1))
        #expect(try await cache.get("k", as: Int.self) == nil)
    }

    @Test func scenario55_aFailingRemoteTierFailsNobody() async throws {
        remote.behave(Nodes.down)
        let cache = nodes.node()
        try await cache.set("k", to: 1)
        #expect(try await cache.get("k") == 1)
        #expect(try await cache.value(for: "l") { 2 } == 2)
        #expect(try await cache.get("l") == 2)
        #expect(try await cache.contains("k"))
        #expect(try await cache.delete("k"))
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await cache.get(["l", "m"], as: Int.self) == ["l": 2])
        try await cache.set(["m": 3])
        #expect(try await cache.get("m") == 3)
        #expect(try await cache.clear() == 2)
        #expect(cache.statistics().total.errors > 0)
        #expect(cache.statistics().backend == "memory" && !cache.statistics().redisAvailable)
    }

    @Test func scenario55_whoAsksToBeToldIsTold() async throws {
        remote.behave(Nodes.down)
        let cache = nodes.node { $0.rethrowsRemoteErrors = true }
        let error = await #expect(throws: CacheError.self) { try await cache.set("k", to: 1) }
        #expect(error?.code == .remoteFailed)
        await #expect(throws: CacheError.self) { _ = try await cache.get("k", as: Int.self) }
        let tally = Tally()
        let asked = await #expect(throws: CacheError.self) { _ = try await cache.value(for: "k") { tally.add() } }
        #expect(asked?.code == .remoteFailed && tally.count == 0)
    }

    @Test func scenario55_aLoadedValueIsHandedOutThoughItCouldNotBeWritten() async throws {
        let cache = nodes.node { $0.rethrowsRemoteErrors = true }
        let remote = remote
        // The read succeeds, and the remote tier fails before the value is written.
        let value = try await cache.value(for: "k") {
            remote.behave(Nodes.down)
            return 1
        }
        #expect(value == 1 && cache.statistics().journalDepth == 1)
    }

    @Test(arguments: [true, false])
    func scenario13_aCancelledCallerHarmsNobodyAndIsNoError(first: Bool) async throws {
        let record = LogRecord()
        let cache = Cache(remote: remote, timeSource: time, logger: record.logger(level: .trace))
        let door = Door()
        let load: @Sendable () async throws -> Int = {
            await door.pass()
            return 1
        }
        let leader = Task { try await cache.value(for: "k", load: load) }
        await door.someoneWaits()
        let others = (0..<9).map { _ in Task { try await cache.value(for: "k", load: load) } }
        for _ in 0..<1_000 { await Task.yield() }
        let victim = first ? leader : others[4]
        victim.cancel()
        await #expect(throws: CancellationError.self) { try await victim.value }
        door.open()
        for task in [leader] + others where task != victim { #expect(try await task.value == 1) }
        #expect(record.messages(atLeast: .warning) == [])
        #expect(cache.statistics().total.errors == 0)
    }

    @Test func scenario57_theBreakerSparesTheWait() async throws {
        let cache = nodes.node { $0.breakerPause = .seconds(2) }
        try await cache.set("k", to: 1)
        remote.behave(Nodes.down)
        try await cache.set("k", to: 2)
        remote.behave(.normal)
        let before = remote.counts.exchanges
        try await cache.set("k", to: 3)
        for _ in 0..<3 { #expect(try await cache.get("k") == 3) }
        #expect(remote.counts.exchanges == before)
        let stampBefore = try #require(remote.record("test:v2:k")).stamp
        time.advance(by: .seconds(2))
        #expect(try await cache.get("k") == 3)
        await nodes.settle(cache)
        #expect(try #require(remote.record("test:v2:k")).stamp > stampBefore)
        #expect(try await nodes.node().get("k") == 3)
    }

    @Test func scenario57_whileItHangsThreeReadsAreOneWait() async throws {
        let cache = nodes.node { $0.breakerThreshold = 1 }
        try await cache.set("k", to: 1)
        remote.behave(.hang)
        let before = remote.counts.exchanges
        let first = Task { try await cache.get("k", as: Int.self) }
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .milliseconds(250))
        #expect(try await first.value == 1)
        for _ in 0..<2 { #expect(try await cache.get("k") == 1) }
        #expect(remote.counts.exchanges == before + 1)
    }

    @Test func scenario58_aWriteThatFailsIsReadHereAndNotThere() async throws {
        let cache = nodes.node()
        let other = nodes.node()
        try await cache.set("k", to: 1)
        remote.behave(Nodes.down)
        try await cache.set("k", to: 2)
        #expect(try await cache.get("k") == 2)
        remote.behave(.normal)
        #expect(try await other.get("k") == 1)
        #expect(try await cache.get("k") == 2)
    }

    @Test func aWaitNeverPassesTheDeadlineHoweverManyExchangesACallMakes() async throws {
        let cache = nodes.node { $0.breakerThreshold = 100 }
        remote.behave(.hang)
        let before = remote.counts.exchanges
        let call = Task { try await cache.value(for: "k") { 1 } }
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .milliseconds(250))
        // It ends without another wait: nothing is left for the write of what it loaded.
        #expect(try await call.value == 1)
        #expect(remote.counts.exchanges == before + 1)
    }

    @Test func anotherNodesWriteAndRemovalAreSeenAtOnce() async throws {
        let one = nodes.node()
        let two = nodes.node()
        try await one.set("k", to: 1)
        #expect(try await two.get("k") == 1)
        time.advance(by: .seconds(1))
        try await one.set("k", to: 2)
        #expect(try await two.get("k") == 2)
        _ = try await one.delete("k")
        #expect(try await two.get("k", as: Int.self) == nil)
        remote.behave(Nodes.down)
        #expect(try await two.get("k", as: Int.self) == nil)
    }

    @Test func memoryFirstIsAChoice() async throws {
        let cache = nodes.node { $0.readingOrder = .memoryUnchecked }
        try await cache.set("k", to: 1)
        let before = remote.counts.reads
        #expect(try await cache.get("k") == 1)
        #expect(try await cache.value(for: "k") { 9 } == 1)
        #expect(remote.counts.reads == before)
    }

    @Test func aLoadThatAnotherNodeOvertookIsNotKept() async throws {
        let slowNode = nodes.node()
        let other = nodes.node()
        let door = Door()
        let slow = Task {
            try await slowNode.value(for: "k") {
                await door.pass()
                return "old"
            }
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        try await other.set("k", to: "new")
        door.open()
        #expect(try await slow.value == "old")
        #expect(try await slowNode.get("k") == "new")
        #expect(try await other.get("k") == "new")
    }

    @Test func aLoadThatAnotherNodesRemovalOvertookIsNotKept() async throws {
        let slowNode = nodes.node()
        let other = nodes.node()
        try await other.set("x", to: 0)
        let door = Door()
        let slow = Task {
            try await slowNode.value(for: "k") {
                await door.pass()
                return "old"
            }
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        _ = try await other.delete("k")
        door.open()
        #expect(try await slow.value == "old")
        #expect(try await slowNode.get("k", as: String.self) == nil)
        #expect(remote.record("test:v2:k") == nil)
    }

    @Test func aStaleEntryOfTheRemoteTierStandsInForAFailedLoad() async throws {
        let writer = nodes.node { $0.defaultMaximumStaleness = .seconds(60) }
        try await writer.set("k", to: 1, options: .timeToLive(.seconds(1)))
        time.advance(by: .seconds(5))
        let reader = nodes.node()
        let result = try await reader.result(for: "k") { _ -> Loaded<Int> in throw LoadFailure() }
        #expect(result.value == 1 && result.provenance.source == .stale)
        _ = try await writer.delete("k")
        await #expect(throws: LoadFailure()) { try await reader.value(for: "k") { () -> Int in throw LoadFailure() } }
    }

    @Test func explainTellsWhichTierDecides() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: 1)
        var explanation = try await cache.explain("k")
        #expect(explanation.memory?.state == "fresh" && explanation.redis?.state == "fresh")
        #expect(explanation.verdict == "hit: Redis holds it fresh")
        remote.behave(Nodes.down)
        _ = try await cache.delete("k")
        explanation = try await cache.explain("k")
        #expect(explanation.hasPendingWrite && explanation.memory == nil && !explanation.redisAnswered)
        #expect(explanation.verdict.hasPrefix("miss"))
    }

    @Test func keysAreListedFromWhereTheyAre() async throws {
        let cache = nodes.node()
        for number in 0..<5 { try await cache.set("k\(number)", to: number) }
        let page = try await cache.keys(limit: 3)
        #expect(page.keys.count == 3 && page.isTruncated && page.source == "redis")
        remote.behave(Nodes.down)
        let fallback = try await cache.keys(limit: 10)
        #expect(Set(fallback.keys) == ["k0", "k1", "k2", "k3", "k4"] && fallback.source == "memory")
        #expect(!fallback.isTruncated)
    }

    @Test func plainEntriesAreWhatTheFirstGenerationWrote() async throws {
        let cache = nodes.node { $0.format = .plain }
        try await cache.set("ai:feedback:x", to: "true")
        #expect(remote.record("test:ai:feedback:x")?.bytes == Array("true".utf8))
        try await cache.set("n", to: ["a": 1])
        #expect(remote.record("test:n")?.bytes == Array(#"{"a":1}"#.utf8))
        remote.plant("test:old", bytes: Array(#"{"b": 2}"#.utf8))
        #expect(try await cache.get("old") == ["b": 2])
        #expect(try await cache.get("ai:feedback:x") == "true")
        let envelopes = nodes.node()
        #expect(try await envelopes.get("old", as: [String: Int].self) == nil)
        try await envelopes.set("kept", to: 1)
        #expect(try await cache.clear() == 3)
        #expect(try await envelopes.get("kept") == 1)
    }

    @Test(arguments: [0, 10_000], [100, 1_000, 10_000])
    func scenario9_everybodyAsksWhileTheLoadIsUnderWay(memory entries: Int, callers: Int) async throws {
        let cache = nodes.node { $0.memory.maximumEntries = entries }
        let (tally, asking, door) = (Tally(), Tally(), Door())
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    asking.add()
                    return try await cache.value(for: "k") {
                        tally.add()
                        await door.pass()
                        return 1
                    }
                }
            }
            await door.someoneWaits()
            while asking.count < callers { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            door.open()
            return try await group.reduce(0, +)
        }
        #expect(sum == callers && tally.count == 1)
    }

    @Test func scenario10_everyWayInSharesTheLoad() async throws {
        let cache = nodes.node()
        let (tally, asking, door) = (Tally(), Tally(), Door())
        let load: @Sendable () async -> Int = {
            tally.add()
            await door.pass()
            return 7
        }
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    asking.add()
                    return try await cache.value(for: "k") { await load() }
                }
                group.addTask {
                    asking.add()
                    return try await cache.result(for: "k") { _ in Loaded(await load()) }.value
                }
            }
            await door.someoneWaits()
            while asking.count < 100 { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            door.open()
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(values == [7] && tally.count == 1)
    }

    @Test func scenario52_whatWasRemovedWhileItLoadedIsLoadedAgain() async throws {
        let cache = nodes.node()
        let door = Door()
        let slow = Task {
            try await cache.value(for: "k") {
                await door.pass()
                return "old"
            }
        }
        await door.someoneWaits()
        time.advance(by: .milliseconds(1))
        _ = try await cache.delete("k")
        // A load that begins in the very microsecond of a removal counts as begun before it.
        time.advance(by: .milliseconds(1))
        let tally = Tally()
        let new = try await cache.value(for: "k") { () -> String in
            tally.add()
            return "new"
        }
        door.open()
        #expect(try await slow.value == "old")
        #expect(new == "new" && tally.count == 1)
        #expect(try await cache.get("k") == "new")
        #expect(try await nodes.node().get("k") == "new")
    }
}
