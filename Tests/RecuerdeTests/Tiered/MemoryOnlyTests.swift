import Recuerde
import RecuerdeTesting
import Testing

/// `docs/scenarios-cache.md`, scenarios 1 to 14 as far as one node's memory goes.
@Suite struct MemoryOnlyTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    @Test func scenario1_aRemovedValueIsGone() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1)
        #expect(try await cache.contains("k"))
        #expect(try await cache.delete("k"))
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await !cache.contains("k"))
        #expect(try await !cache.delete("k"))
    }

    @Test func scenario2_theLaterValueIsReadAndALiveOneIsNotLoaded() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1)
        try await cache.set("k", to: 2)
        #expect(try await cache.get("k") == 2)
        let tally = Tally()
        let value = try await cache.value(for: "k") { tally.add() }
        #expect(value == 2 && tally.count == 0)
    }

    @Test func scenario3_aMissStoresNothing() async throws {
        let cache = nodes.memoryOnly()
        #expect(try await cache.get("k", as: Int.self) ?? 7 == 7)
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(cache.statistics().cacheSize == 0)
    }

    @Test func scenario4_aStoredNilIsFound() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: Int?.none)
        #expect(try await cache.get("k", as: Int?.self) == .some(nil))
        #expect(try await cache.get("k", as: String?.self) == nil)
        let tally = Tally()
        let value = try await cache.value(for: "k") { () -> Int? in tally.add() }
        #expect(value == nil && tally.count == 0)
    }

    @Test(arguments: [Duration.zero, .seconds(-1), .seconds(Int64.min)])
    func scenario5_zeroAndNegativeLifetimesKeepNothing(life: Duration) async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1)
        try await cache.set("k", to: 2, options: .timeToLive(life))
        #expect(try await cache.get("k", as: Int.self) == nil)
        let tally = Tally()
        for _ in 0..<2 { _ = try await cache.value(for: "k", options: .timeToLive(life)) { tally.add() } }
        #expect(tally.count == 2)
    }

    @Test func scenario5_whatIsNotKeptDoesNotStandInEither() async throws {
        let cache = nodes.memoryOnly { $0.defaultMaximumStaleness = .seconds(60) }
        try await cache.set("k", to: 1)
        try await cache.set("k", to: 2, options: .timeToLive(.zero))
        await #expect(throws: LoadFailure()) { try await cache.value(for: "k") { () -> Int in throw LoadFailure() } }
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(26 * 86_400), .seconds(1_000_000_000)])
    func scenario6_longLifetimesNeitherOverflowNorEndAtOnce(life: Duration) async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(life))
        time.advance(by: .seconds(25 * 86_400))
        #expect(try await cache.get("k") == 1)
    }

    @Test func expiryIsExactToTheClock() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(10)))
        time.advance(by: .seconds(10) - .nanoseconds(1))
        #expect(try await cache.get("k") == 1)
        time.advance(by: .nanoseconds(1))
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await !cache.contains("k"))
    }

    @Test func settingTheCivilClockChangesNoLifetime() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(10)))
        time.setUnixTime(time.unixTime().advanced(by: .seconds(86_400)))
        #expect(try await cache.get("k") == 1)
        time.setUnixTime(time.unixTime().advanced(by: .seconds(-2 * 86_400)))
        time.advance(by: .seconds(10))
        #expect(try await cache.get("k", as: Int.self) == nil)
    }

    @Test func theKindSaysHowLong() async throws {
        let cache = nodes.memoryOnly { $0.kinds = [CacheKind("hint")] }
        let key = CacheKey("k", kind: CacheKind("hint", timeToLive: .seconds(5)))
        try await cache.set(key, to: 1)
        time.advance(by: .seconds(5))
        #expect(try await cache.get(key, as: Int.self) == nil)
        #expect(cache.statistics().perKind["hint"]?.sets == 1)
        #expect(cache.statistics().perKind["hint"]?.misses == 1)
        #expect(cache.statistics().perKind["other"]?.sets == 0)
    }

    @Test func scenario8_aValueOfTheWrongTypeIsAMiss() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 42)
        #expect(try await cache.get("k", as: Double.self) == nil)
        #expect(try await cache.get("k", as: String.self) == nil)
        #expect(try await cache.get("k") == 42)
    }

    @Test(arguments: ["true", "42", "null", ""])
    func stringsComeBackAsTheyWere(text: String) async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: text)
        #expect(try await cache.get("k") == text)
    }

    @Test(arguments: [100, 1_000, 10_000])
    func scenario9_oneLoadHoweverManyAsk(callers: Int) async throws {
        let cache = nodes.memoryOnly()
        let tally = Tally()
        let asking = Tally()
        let door = Door()
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    asking.add()
                    return try await cache.value(for: "k") {
                        tally.add()
                        await door.pass()
                        return 7
                    }
                }
            }
            await door.someoneWaits()
            // Everybody asks while the load is under way.
            while asking.count < callers { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            door.open()
            return try await group.reduce(0, +)
        }
        #expect(sum == callers * 7)
        #expect(tally.count == 1)
    }

    @Test func scenario10_everyWayInSharesTheLoad() async throws {
        let cache = nodes.memoryOnly()
        let tally = Tally()
        let door = Door()
        @Sendable func load() async -> Int {
            tally.add()
            await door.pass()
            return 7
        }
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask { try await cache.value(for: "k") { await load() } }
                group.addTask { try await cache.result(for: "k") { _ in Loaded(await load()) }.value }
            }
            await door.someoneWaits()
            door.open()
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(values == [7])
        #expect(tally.count == 1)
    }

    @Test func scenario12_aFailedLoadLeavesTheKeyFree() async throws {
        let cache = nodes.memoryOnly()
        await #expect(throws: LoadFailure()) { try await cache.value(for: "k") { () -> Int in throw LoadFailure() } }
        #expect(try await cache.value(for: "k") { 5 } == 5)
    }

    @Test(arguments: [true, false])
    func scenario13_aCancelledCallerHarmsNobody(first: Bool) async throws {
        let cache = nodes.memoryOnly()
        let tally = Tally()
        let door = Door()
        @Sendable func ask() async throws -> Int {
            try await cache.value(for: "k") {
                tally.add()
                await door.pass()
                try Task.checkCancellation()
                return 7
            }
        }
        let leader = Task { try await ask() }
        await door.someoneWaits()
        let others = (0..<5).map { _ in Task { try await ask() } }
        for _ in 0..<100 { await Task.yield() }
        let victim = first ? leader : others[2]
        victim.cancel()
        await #expect(throws: CancellationError.self) { try await victim.value }
        door.open()
        for task in [leader] + others where task != victim { #expect(try await task.value == 7) }
        #expect(tally.count == 1)
        #expect(try await cache.get("k") == 7)
    }

    @Test func scenario14_withoutAStaleValueTheErrorReachesTheCaller() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(1)))
        time.advance(by: .seconds(1))
        await #expect(throws: LoadFailure()) { try await cache.value(for: "k") { () -> Int in throw LoadFailure() } }
    }

    @Test func scenario15_aStaleValueStandsInWhereItMay() async throws {
        let cache = nodes.memoryOnly { $0.defaultMaximumStaleness = .seconds(60) }
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(1)))
        time.advance(by: .seconds(30))
        #expect(try await cache.get("k", as: Int.self) == nil)
        let result = try await cache.result(for: "k") { _ -> Loaded<Int> in throw LoadFailure() }
        #expect(result.value == 1)
        #expect(result.provenance.source == .stale)
        #expect(result.provenance.staleReason == .loadFailed)
        #expect(result.provenance.age == .seconds(30))
        time.advance(by: .seconds(31))
        await #expect(throws: LoadFailure()) { try await cache.value(for: "k") { () -> Int in throw LoadFailure() } }
    }

    @Test func scenario23_withoutAStaleValueTheCallerWaitsForTheLoad() async throws {
        let cache = nodes.memoryOnly { $0.defaultMaximumStaleness = .seconds(60) }
        let door = Door()
        let call = Task {
            try await cache.value(for: "k") {
                await door.pass()
                return 1
            }
        }
        await door.someoneWaits()
        time.advance(by: .seconds(59))
        door.open()
        #expect(try await call.value == 1)
    }

    @Test func scenario52_whatWasRemovedWhileItLoadedIsLoadedAgain() async throws {
        let cache = nodes.memoryOnly()
        let door = Door()
        let slow = Task {
            try await cache.value(for: "k") {
                await door.pass()
                return "old"
            }
        }
        await door.someoneWaits()
        _ = try await cache.delete("k")
        #expect(try await cache.value(for: "k") { "new" } == "new")
        door.open()
        #expect(try await slow.value == "old")
        #expect(try await cache.get("k") == "new")
    }

    @Test func whatWasClearedOrWrittenWhileItLoadedIsNotOverwritten() async throws {
        let cache = nodes.memoryOnly()
        for clears in [true, false] {
            let door = Door()
            let slow = Task {
                try await cache.value(for: "k") {
                    await door.pass()
                    return "old"
                }
            }
            await door.someoneWaits()
            if clears { _ = try await cache.clear() } else { try await cache.set("k", to: "set") }
            door.open()
            #expect(try await slow.value == "old")
            #expect(try await cache.get("k", as: String.self) == (clears ? nil : "set"))
        }
    }

    @Test func aLoadThatHangsIsCutOffAndTheKeyIsFree() async throws {
        let cache = nodes.memoryOnly()
        let door = Door()
        var options = EntryOptions()
        options.loadTimeout = .seconds(5)
        let slow = Task { [options] in
            try await cache.value(for: "k", options: options) {
                // Does not heed its cancellation.
                await door.pass()
                return 1
            }
        }
        await door.someoneWaits()
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .seconds(5))
        let error = await #expect(throws: CacheError.self) { try await slow.value }
        #expect(error?.code == .loadTimedOut)
        #expect(try await cache.value(for: "k") { 2 } == 2)
        door.open()
        #expect(try await cache.get("k") == 2)
    }

    @Test func callersMayLimitTheAgeOrRefuseTheCache() async throws {
        let cache = nodes.memoryOnly()
        let tally = Tally()
        @Sendable func ask(_ change: (inout EntryOptions) -> Void) async throws -> Int {
            var options = EntryOptions()
            change(&options)
            return try await cache.value(for: "k", options: options) { tally.add() }
        }
        #expect(try await ask { _ in } == 1)
        time.advance(by: .seconds(10))
        #expect(try await ask { $0.maximumAge = .seconds(10) } == 1)
        #expect(try await ask { $0.maximumAge = .seconds(9) } == 2)
        #expect(try await ask { $0.readPolicy = .refresh } == 3)
        #expect(try await ask { $0.readPolicy = .bypass } == 4)
        #expect(try await ask { _ in } == 3)
        #expect(try await ask { $0.readPolicy = .onlyIfCached } == 3)
        _ = try await cache.delete("k")
        let error = await #expect(throws: CacheError.self) { _ = try await ask { $0.readPolicy = .onlyIfCached } }
        #expect(error?.code == .notCached)
    }

    @Test func aLoadMaySayThatItsValueIsNotToBeKept() async throws {
        let cache = nodes.memoryOnly()
        let result = try await cache.result(for: "k") { _ in Loaded(1, store: false) }
        #expect(result.value == 1 && !result.provenance.stored && result.provenance.remaining == nil)
        #expect(try await cache.get("k", as: Int.self) == nil)
        let kept = try await cache.result(for: "k") { _ in
            Loaded(2, timeToLive: .seconds(3), cost: LoadCost(microdollars: 9))
        }
        #expect(kept.provenance.stored && kept.provenance.remaining == .seconds(3))
        time.advance(by: .seconds(1))
        let hit = try #require(try await cache.result(for: "k", as: Int.self))
        #expect(hit.provenance.cost == LoadCost(microdollars: 9))
        #expect(hit.provenance.age == .seconds(1) && hit.provenance.remaining == .seconds(2))
        #expect(hit.provenance.source == .memory)
    }

    @Test func scenario68_aValueOverTheSizeLimitIsServedAndNotKept() async throws {
        let cache = nodes.memoryOnly { $0.maximumEntryBytes = 100 }
        try await cache.set("k", to: "small")
        try await cache.set("k", to: String(repeating: "x", count: 101))
        #expect(try await cache.get("k", as: String.self) == nil)
        let value = try await cache.value(for: "k") { String(repeating: "y", count: 101) }
        #expect(value.count == 101)
        #expect(cache.statistics().cacheSize == 0)
    }

    @Test(arguments: [CacheKey(""), CacheKey(String(repeating: "a", count: 65_537))])
    func anInvalidKeyIsRefusedEverywhere(key: CacheKey) async throws {
        let cache = nodes.memoryOnly()
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await cache.get(key, as: Int.self) },
            { try await cache.set(key, to: 1) },
            { _ = try await cache.delete(key) },
            { _ = try await cache.contains(key) },
            { _ = try await cache.value(for: key) { 1 } },
            { _ = try await cache.get([key], as: Int.self) },
            { try await cache.set([key: 1]) },
            { _ = try await cache.explain(key) },
        ]
        for call in calls {
            let error = await #expect(throws: CacheError.self) { try await call() }
            #expect(error?.code == .invalidKey)
        }
    }

    @Test func severalAtOnce() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set(["a": 1, "b": 2, "c": 3])
        #expect(try await cache.get(["a", "c", "x"], as: Int.self) == ["a": 1, "c": 3])
        #expect(cache.statistics().total.hits == 2 && cache.statistics().total.misses == 1)
        #expect(try await cache.clear() == 3)
        #expect(try await cache.get(["a"], as: Int.self).isEmpty)
    }

    @Test func statisticsTellWhatHappenedAndCanBeReset() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("a", to: 1)
        for _ in 0..<2 { _ = try await cache.get("a", as: Int.self) }
        _ = try await cache.get("b", as: Int.self)
        _ = try await cache.delete("a")
        time.advance(by: .seconds(5))
        var statistics = cache.statistics()
        #expect(statistics.total.hits == 2 && statistics.total.misses == 1)
        #expect(statistics.total.sets == 1 && statistics.total.deletes == 1 && statistics.total.errors == 0)
        #expect(statistics.total.totalRequests == 3)
        #expect(statistics.total.hitRatePercent == 66.67)
        #expect(statistics.memory.hits == 2 && statistics.memory.misses == 1 && statistics.remote.hits == 0)
        #expect(statistics.uptime == .seconds(5))
        #expect(statistics.backend == "memory" && !statistics.redisAvailable)
        cache.resetStatistics()
        statistics = cache.statistics()
        #expect(statistics.total == CacheStatistics.Counters())
        #expect(statistics.uptime == .zero)
        #expect(statistics.total.hitRatePercent == 0)
    }

    @Test func healthOfACacheWithoutRedisSaysSo() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("a", to: "1")
        let health = await cache.health()
        #expect(!health.configured && !health.redis.available && !health.redis.healthy && health.redis.url == nil)
        #expect(health.fallback.available && health.fallback.size == 1 && health.fallback.bytes > 0)
    }

    @Test func aSecondRunIsRefusedAndTheFirstGivesMemoryBack() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("a", to: 1, options: .timeToLive(.seconds(1)))
        let run = Task { try await cache.run() }
        await time.waitForSleepers(atLeast: 1)
        let error = await #expect(throws: CacheError.self) { try await cache.run() }
        #expect(error?.code == .closed)
        time.advance(by: .seconds(2))
        await time.waitForSleepers(atLeast: 1)
        #expect(cache.statistics().expirations == 1)
        run.cancel()
        try await run.value
    }

    @Test func scenario43_aClosedCacheRefuses() async throws {
        let cache = nodes.memoryOnly()
        cache.close()
        let error = await #expect(throws: CacheError.self) { try await cache.set("a", to: 1) }
        #expect(error?.code == .closed)
    }
}
