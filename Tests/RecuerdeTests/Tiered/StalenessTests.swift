import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-cache.md`: stale values and how long callers wait.
@Suite struct StalenessTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    private static func options(_ change: (inout EntryOptions) -> Void = { _ in }) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(1))
        options.maximumStaleness = .seconds(100)
        // Not to be reached, however far a test moves the clock.
        options.loadTimeout = .seconds(1_000_000_000)
        change(&options)
        return options
    }

    /// A cache that holds a value for `k` which is a second past its logical expiry.
    private func withStale(
        _ cache: Cache,
        _ value: Int = 42,
        _ options: EntryOptions = StalenessTests.options()
    ) async throws {
        try await cache.set("k", to: value, options: options)
        time.advance(by: .seconds(2))
    }

    /// Caches of both kinds: memory alone, and memory before a remote tier.
    private func caches(_ change: (inout CacheConfiguration) -> Void = { _ in }) -> [Cache] {
        [nodes.memoryOnly(change), nodes.node(change)]
    }

    // MARK: Throttle

    @Test func scenario17_aSourceThatFailsIsLeftAloneForAWhile() async throws {
        for cache in caches() {
            try await withStale(cache)
            let tally = Tally()
            let options = Self.options { $0.failureThrottle = .seconds(2) }
            func ask() async throws -> CacheResult<Int> {
                try await cache.result(for: "k", options: options) { _ in
                    tally.add()
                    throw LoadFailure()
                }
            }
            let first = try await ask()
            #expect(first.value == 42 && first.provenance.source == .stale)
            #expect(first.provenance.staleReason == .loadFailed)
            time.advance(by: .milliseconds(1_999))
            for _ in 0..<3 {
                let next = try await ask()
                #expect(next.value == 42 && next.provenance.source == .stale)
                #expect(next.provenance.staleReason == .throttled)
            }
            #expect(tally.count == 1)
            time.advance(by: .milliseconds(1))
            #expect(try await ask().provenance.staleReason == .loadFailed)
            #expect(tally.count == 2)
            #expect(cache.statistics().staleServed == 5)
        }
    }

    @Test func aThrottledKeyIsLoadedAgainOnceItsValueIsGone() async throws {
        for cache in caches() {
            try await withStale(cache)
            _ = try await cache.value(for: "k", options: Self.options()) { throw LoadFailure() } as Int
            _ = try await cache.delete("k")
            #expect(try await cache.value(for: "k", options: Self.options()) { 7 } == 7)
        }
    }

    @Test func aCallerWhoAsksForAFreshValueIsNotThrottled() async throws {
        for cache in caches() {
            try await withStale(cache)
            _ = try await cache.value(for: "k", options: Self.options()) { throw LoadFailure() } as Int
            #expect(try await cache.value(for: "k", options: Self.options { $0.readPolicy = .refresh }) { 7 } == 7)
            // And the source was found to work: the next stale value is not held back.
            time.advance(by: .seconds(2))
            #expect(try await cache.value(for: "k", options: Self.options()) { 8 } == 8)
        }
    }

    @Test func withoutAPauseEachCallTries() async throws {
        let cache = nodes.node()
        try await withStale(cache)
        let tally = Tally()
        for _ in 0..<3 {
            _ =
                try await cache.value(for: "k", options: Self.options { $0.failureThrottle = .zero }) {
                    tally.add()
                    throw LoadFailure()
                } as Int
        }
        #expect(tally.count == 3)
    }

    @Test func scenario18_aStaleValueHasAnEnd() async throws {
        for cache in caches() {
            let options = Self.options {
                $0.maximumStaleness = .seconds(5)
                $0.failureThrottle = .seconds(60)
            }
            try await withStale(cache, 42, options)
            #expect(try await cache.value(for: "k", options: options) { throw LoadFailure() } == 42)
            time.advance(by: .seconds(4))
            await #expect(throws: LoadFailure.self) {
                try await cache.value(for: "k", options: options) { throw LoadFailure() } as Int
            }
        }
    }

    @Test func scenario20_aFallbackWhereThereIsNothingElse() async throws {
        for cache in caches() {
            func ask(_ options: EntryOptions = StalenessTests.options()) async throws -> Int {
                try await cache.value(for: "k", options: options, fallback: -1) { throw LoadFailure() }
            }
            #expect(try await ask() == -1)
            #expect(try await cache.get("k", as: Int.self) == nil)
            #expect(try await ask(Self.options { $0.readPolicy = .onlyIfCached }) == -1)
            try await withStale(cache)
            #expect(try await ask() == 42)
            await #expect(throws: CacheError.self) { try await cache.value(for: "", fallback: -1) { 1 } }
            cache.close()
            await #expect(throws: CacheError.self) { try await ask() }
        }
    }

    // MARK: Soft time limit

    @Test func scenario22_aStaleValueInTimeAndTheNewOneLater() async throws {
        for cache in caches() {
            try await withStale(cache)
            let door = Door()
            let options = Self.options { $0.softTimeout = .milliseconds(500) }
            async let slow = cache.result(for: "k", options: options) { _ in
                await door.pass()
                return Loaded(21)
            }
            await door.someoneWaits()
            await time.waitForSleepers(atLeast: 1)
            await eventually {
                time.advance(by: .milliseconds(250))
                return cache.statistics().backgroundLoads == 1
            }
            let stale = try await slow
            #expect(stale.value == 42 && stale.provenance.staleReason == .loadSlow)
            #expect(cache.statistics().backgroundLoads == 1)
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
            #expect(try await cache.value(for: "k", options: options) { throw LoadFailure() } == 21)
        }
    }

    @Test func scenario23_withNothingStaleTheSoftLimitHasNoEffect() async throws {
        for cache in caches() {
            let door = Door()
            let options = Self.options { $0.softTimeout = .milliseconds(100) }
            async let value = cache.value(for: "k", options: options) {
                await door.pass()
                return 1
            }
            await door.someoneWaits()
            // The limit passes: what is left to be watched is the load.
            await eventually {
                time.advance(by: .milliseconds(250))
                return cache.deadlines.count == 1
            }
            door.open()
            #expect(try await value == 1)
        }
    }

    @Test func scenario26_zeroMeansTheStaleValueAtOnce() async throws {
        for cache in caches() {
            try await withStale(cache)
            let door = Door()
            let options = Self.options { $0.softTimeout = .zero }
            let stale = try await cache.result(for: "k", options: options) { _ in
                await door.pass()
                return Loaded(43)
            }
            #expect(stale.value == 42 && stale.provenance.staleReason == .loadSlow)
            await door.someoneWaits()
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
            #expect(try await cache.get("k") == 43)
            _ = try await cache.delete("k")
            #expect(try await cache.value(for: "k", options: options) { 44 } == 44)
        }
    }

    @Test func scenario28_aHundredCallersAndOneLoad() async throws {
        for cache in caches() {
            try await withStale(cache)
            let (door, tally) = (Door(), Tally())
            let options = Self.options { $0.softTimeout = .zero }
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await cache.value(for: "k", options: options) {
                            tally.add()
                            await door.pass()
                            return 1
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 4_200)
            await door.someoneWaits()
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
            #expect(tally.count == 1)
        }
    }

    @Test func scenario27_aLoadThatFailsInTheBackgroundHarmsNobody() async throws {
        for cache in caches() {
            try await withStale(cache)
            let door = Door()
            let options = Self.options { $0.softTimeout = .zero }
            _ =
                try await cache.value(for: "k", options: options) {
                    await door.pass()
                    throw LoadFailure()
                } as Int
            await door.someoneWaits()
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
            #expect(cache.statistics().loadFailures == 1)
            // It is as any failure: the source has its pause, and then the key is free.
            time.advance(by: .seconds(10))
            #expect(try await cache.value(for: "k", options: Self.options()) { 5 } == 5)
        }
    }

    @Test func whatWasRemovedMeanwhileStandsInForNobody() async throws {
        for cache in caches() {
            try await withStale(cache)
            let door = Door()
            async let value = cache.value(for: "k", options: Self.options { $0.softTimeout = .milliseconds(100) }) {
                await door.pass()
                return 9
            }
            await door.someoneWaits()
            _ = try await cache.delete("k")
            await eventually {
                time.advance(by: .milliseconds(250))
                return cache.deadlines.count == 1
            }
            door.open()
            #expect(try await value == 9)
        }
    }

    @Test func aStaleValueOfRedisStandsInAsWell() async throws {
        try await withStale(nodes.node())
        let door = Door()
        let other = nodes.node()
        let stale = try await other.result(for: "k", options: Self.options { $0.softTimeout = .zero }) { _ in
            await door.pass()
            return Loaded(43)
        }
        #expect(stale.value == 42 && stale.provenance.staleReason == .loadSlow)
        door.open()
        await eventually { other.statistics().backgroundLoads == 0 }
        #expect(try await other.get("k") == 43)
    }

    // MARK: Hard time limit

    @Test func scenario24_theHardLimitIsAnErrorOrAStaleValue() async throws {
        for cache in caches() {
            let door = Door()
            let options = Self.options { $0.hardTimeout = .milliseconds(100) }
            func ask() async throws -> CacheResult<Int> {
                async let result = cache.result(for: "k", options: options) { _ in
                    await door.pass()
                    return Loaded(1)
                }
                await door.someoneWaits()
                await time.waitForSleepers(atLeast: 1)
                await eventually {
                    time.advance(by: .milliseconds(250))
                    return cache.statistics().backgroundLoads == 1
                }
                return try await result
            }
            let error = await #expect(throws: CacheError.self) { try await ask() }
            #expect(error?.code == .waitTimedOut)
            // Scenario 25: what it loads afterwards is kept.
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
            #expect(try await cache.get("k") == 1)
        }
    }

    @Test func theHardLimitTakesAStaleValueIfThereIsOne() async throws {
        for cache in caches({ $0.readingOrder = .memoryUnchecked }) {
            try await withStale(cache)
            let door = Door()
            let stale = try await cache.result(for: "k", options: Self.options { $0.hardTimeout = .zero }) { _ in
                await door.pass()
                return Loaded(1)
            }
            #expect(stale.value == 42 && stale.provenance.source == .stale)
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
        }
    }

    @Test func zeroAndNothingAtHandIsAnErrorAtOnce() async throws {
        for cache in caches() {
            let door = Door()
            let error = await #expect(throws: CacheError.self) {
                try await cache.value(for: "k", options: Self.options { $0.hardTimeout = .zero }) {
                    await door.pass()
                    return 1
                }
            }
            #expect(error?.code == .waitTimedOut)
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
            #expect(try await cache.get("k") == 1)
        }
    }

    // MARK: Loads in the background

    @Test func oneBeyondTheBoundIsCancelledAndItsKeyIsFree() async throws {
        let cache = nodes.memoryOnly { $0.maximumBackgroundLoads = 1 }
        for key in ["a", "b"] as [CacheKey] { try await cache.set(key, to: 0, options: Self.options()) }
        time.advance(by: .seconds(2))
        let (door, cancelled) = (Door(), Door())
        let options = Self.options { $0.softTimeout = .zero }
        #expect(
            try await cache.value(for: "a", options: options) {
                await door.pass(); return 1
            } == 0
        )
        await door.someoneWaits()
        // It has begun when its caller's limit is over.
        async let second = cache.value(for: "b", options: Self.options { $0.softTimeout = .milliseconds(100) }) {
            await withTaskCancellationHandler {
                await cancelled.pass()
            } onCancel: {
                cancelled.open()
            }
            try Task.checkCancellation()
            return 1
        }
        await cancelled.someoneWaits()
        await eventually {
            time.advance(by: .milliseconds(250))
            return cache.flights.running == 1
        }
        #expect(try await second == 0)
        #expect(try await cache.value(for: "b", options: Self.options()) { 2 } == 2)
        #expect(cache.statistics().loadFailures == 0)
        door.open()
        await eventually { cache.statistics().backgroundLoads == 0 }
        #expect(try await cache.get("a") == 1)
    }

    @Test func aShutdownWaitsForThemUpToItsTime() async throws {
        let cache = nodes.memoryOnly()
        try await withStale(cache)
        let door = Door()
        _ = try await cache.value(for: "k", options: Self.options { $0.softTimeout = .zero }) {
            await door.pass()
            return 1
        }
        await door.someoneWaits()
        let running = Task { try await cache.run() }
        await time.waitForSleepers(atLeast: 1)
        running.cancel()
        await eventually { cache.background.isDraining }
        door.open()
        try await running.value
        #expect(cache.statistics().backgroundLoads == 0)
        #expect(try await cache.get("k") == 1)
    }

    @Test func aShutdownCancelsThoseThatDoNotEnd() async throws {
        let cache = nodes.memoryOnly { $0.shutdownTimeout = .seconds(1) }
        try await withStale(cache)
        let (door, isCancelled) = (Door(), Tally())
        _ = try await cache.value(for: "k", options: Self.options { $0.softTimeout = .zero }) {
            await withTaskCancellationHandler {
                await door.pass()
            } onCancel: {
                isCancelled.add()
                door.open()
            }
            return 1
        }
        await door.someoneWaits()
        let running = Task { try await cache.run() }
        await time.waitForSleepers(atLeast: 1)
        running.cancel()
        await eventually {
            time.advance(by: .milliseconds(250))
            return isCancelled.count > 0
        }
        try await running.value
    }

    @Test func scenario43_closingCancelsThem() async throws {
        let cache = nodes.memoryOnly()
        try await withStale(cache)
        let (door, isCancelled) = (Door(), Tally())
        _ = try await cache.value(for: "k", options: Self.options { $0.softTimeout = .zero }) {
            await withTaskCancellationHandler {
                await door.pass()
            } onCancel: {
                isCancelled.add()
                door.open()
            }
            return 1
        }
        await door.someoneWaits()
        cache.close()
        await eventually { isCancelled.count == 1 && cache.statistics().backgroundLoads == 0 }
        await #expect(throws: CacheError.self) { try await cache.get("k", as: Int.self) }
    }

    @Test func oneThatIsWaitedForAgainEndsWithTheCacheAllTheSame() async throws {
        let cache = nodes.memoryOnly()
        try await withStale(cache)
        let (door, isCancelled) = (Door(), Tally())
        @Sendable func load() async throws -> Int {
            await withTaskCancellationHandler {
                await door.pass()
            } onCancel: {
                isCancelled.add()
                door.open()
            }
            return 1
        }
        _ = try await cache.value(for: "k", options: Self.options { $0.softTimeout = .zero }, load: load)
        await door.someoneWaits()
        let patient = Self.options { $0.hardTimeout = .seconds(500_000) }
        let second = Task { try await cache.value(for: "k", options: patient, load: load) }
        // It waits: its limit is watched, beside the load's.
        await eventually { cache.deadlines.count == 2 }
        // Whoever waits is not harmed; but it is the last.
        cache.close()
        second.cancel()
        _ = await second.result
        await eventually { cache.statistics().backgroundLoads == 0 }
        #expect(isCancelled.count == 1)
    }

    @Test func whereNoPlaceIsFreeALoadForNobodyDoesNotBegin() async throws {
        for cache in caches({
            $0.maximumBackgroundLoads = 0
            $0.readingOrder = .memoryUnchecked
        }) {
            try await withStale(cache)
            let tally = Tally()
            for _ in 0..<10 {
                let stale = try await cache.result(for: "k", options: Self.options { $0.softTimeout = .zero }) { _ in
                    Loaded(tally.add())
                }
                #expect(stale.value == 42 && stale.provenance.staleReason == .loadSlow)
            }
            #expect(tally.count == 0 && cache.statistics().loads == 0)
            #expect(try await cache.value(for: "k", options: Self.options()) { 43 } == 43)
        }
    }

    @Test func aLoadThatMayTakeNoTimeDoesNotBegin() async throws {
        for cache in caches() {
            let tally = Tally()
            let error = await #expect(throws: CacheError.self) {
                try await cache.value(for: "k", options: Self.options { $0.loadTimeout = .zero }) { tally.add() }
            }
            #expect(error?.code == .loadTimedOut && tally.count == 0)
        }
    }

    // MARK: What others do meanwhile

    /// Nobody tells such a node of it, so it has to look again.
    @Test func whatWasRemovedElsewhereStandsInForNobodyWhoComesLater() async throws {
        let (cache, other) = (nodes.node(), nodes.node())
        try await withStale(cache)
        let door = Door()
        @Sendable func ask() async throws -> CacheResult<Int> {
            try await cache.result(for: "k", options: Self.options { $0.softTimeout = .zero }) { _ in
                await door.pass()
                return Loaded(43)
            }
        }
        #expect(try await ask().value == 42)
        await door.someoneWaits()
        #expect(try await ask().value == 42, "looked for again, and there")
        _ = try await other.delete("k")
        let reads = nodes.remote.counts.reads
        async let late = ask()
        // Once it has looked, it waits as if there were no limit.
        await eventually { nodes.remote.counts.reads > reads }
        door.open()
        #expect(try await late.value == 43)
    }

    @Test func whatWasRemovedElsewhereDoesNotStandInForALoadThatFails() async throws {
        let (cache, other) = (nodes.node(), nodes.node())
        try await withStale(cache)
        let door = Door()
        let asking = Task<Int, any Error> {
            try await cache.value(for: "k", options: Self.options()) {
                await door.pass()
                throw LoadFailure()
            }
        }
        await door.someoneWaits()
        _ = try await other.delete("k")
        door.open()
        await #expect(throws: LoadFailure.self) { try await asking.value }
    }

    @Test func whatAnotherNodeHasLoadedStandsInForALoadThatFails() async throws {
        let (cache, other) = (nodes.node(), nodes.node())
        try await withStale(cache)
        let door = Door()
        async let result: CacheResult<Int> = cache.result(for: "k", options: Self.options()) { _ in
            await door.pass()
            throw LoadFailure()
        }
        await door.someoneWaits()
        try await other.set("k", to: 50, options: Self.options())
        door.open()
        let seen = try await result
        #expect(seen.value == 50 && seen.provenance.source == .redis)
    }

    @Test func aPauseDoesNotHideWhatAnotherNodeHasLoaded() async throws {
        for order in ReadingOrder.allCases {
            let (cache, other) = (nodes.node { $0.readingOrder = order }, nodes.node())
            try await withStale(cache)
            #expect(try await cache.value(for: "k", options: Self.options()) { throw LoadFailure() } == 42)
            #expect(try await other.value(for: "k", options: Self.options()) { 50 } == 50)
            #expect(try await cache.value(for: "k", options: Self.options()) { throw LoadFailure() } == 50)
        }
    }

    // MARK: Reads without a load

    @Test func scenario21_aReadTakesAStaleValueIfItSaysSo() async throws {
        for cache in caches() {
            try await withStale(cache)
            let accepting = Self.options { $0.acceptsStale = true }
            let stale = try #require(try await cache.result(for: "k", as: Int.self, options: accepting))
            #expect(stale.value == 42 && stale.provenance.source == .stale)
            #expect(stale.provenance.staleReason == .notLoaded)
            #expect(try await cache.get("k", as: Int.self) == nil)
            time.advance(by: .seconds(100))
            #expect(try await cache.result(for: "k", as: Int.self, options: accepting) == nil)
        }
    }
}
