import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-cache.md`: values that are loaded anew before they expire.
@Suite struct EarlyRefreshCacheTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    /// So eager that a hit close to the expiry comes due for certain, as good as.
    private func options(_ eagerness: Double = 1e9, timeToLive: Duration = .seconds(10)) -> EntryOptions {
        var options = EntryOptions.timeToLive(timeToLive)
        options.earlyRefresh = eagerness
        return options
    }

    private func load(_ cache: Cache, _ options: EntryOptions, _ value: Int, took: Duration = .seconds(1)) async throws
    {
        let time = time
        _ = try await cache.value(for: "k", options: options) {
            time.advance(by: took)
            return value
        }
    }

    private func caches() -> [Cache] {
        [nodes.memoryOnly(), nodes.node(), nodes.node { $0.readingOrder = .memoryUnchecked }]
    }

    @Test func scenario34_aHitGivesTheOldValueAndBeginsToLoadTheNewOne() async throws {
        for cache in caches() {
            try await load(cache, options(), 1)
            let (door, tally) = (Door(), Tally())
            for _ in 0..<5 {
                let result = try await cache.result(for: "k", options: options()) { _ in
                    tally.add()
                    await door.pass()
                    return Loaded(2)
                }
                #expect(result.value == 1 && result.provenance.source != .stale)
            }
            await door.someoneWaits()
            #expect(cache.statistics().backgroundLoads == 1)
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
            #expect(try await cache.get("k") == 2)
            #expect(tally.count == 1 && cache.statistics().earlyRefreshes == 1)
            _ = try await cache.clear()
        }
    }

    @Test func scenario35_whatLivesForEverIsNeverLoadedAnew() async throws {
        for cache in caches() {
            let options = options(1, timeToLive: .seconds(Int64.max))
            try await load(cache, options, 1, took: .seconds(30))
            for _ in 0..<50 { #expect(try await cache.value(for: "k", options: options) { 2 } == 1) }
            #expect(cache.statistics().earlyRefreshes == 0)
            _ = try await cache.clear()
        }
    }

    @Test func withoutAWishNothingIsLoadedEarlyAndNoDurationIsKept() async throws {
        for cache in caches() {
            var plain = EntryOptions.timeToLive(.seconds(10))
            try await load(cache, plain, 1)
            #expect(try await cache.result(for: "k", as: Int.self)?.provenance.cost == nil)
            plain.earlyRefresh = 1e9
            // It is not known how long the load took.
            #expect(try await cache.value(for: "k", options: plain) { 2 } == 1)
            #expect(cache.statistics().earlyRefreshes == 0)
            _ = try await cache.clear()
        }
    }

    @Test func theDurationOfALoadGoesWithItsCost() async throws {
        let cache = nodes.node()
        _ = try await cache.result(for: "k", options: options()) { [time] _ in
            time.advance(by: .milliseconds(1_500))
            return Loaded(1, cost: LoadCost(microdollars: 7))
        }
        let other = try #require(try await nodes.node().result(for: "k", as: Int.self))
        #expect(other.provenance.cost == LoadCost(microdollars: 7, duration: .milliseconds(1_500)))
    }

    @Test func scenario36_theCallerOfTheHitMayLeave() async throws {
        for cache in caches() {
            try await load(cache, options(), 1)
            let (door, stay) = (Door(), Door())
            let caller = Task {
                let value = try await cache.value(for: "k", options: options()) {
                    await door.pass()
                    return 2
                }
                await stay.pass()
                return value
            }
            await stay.someoneWaits()
            caller.cancel()
            stay.open()
            #expect(try await caller.value == 1)
            await door.someoneWaits()
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
            #expect(try await cache.get("k") == 2)
            _ = try await cache.clear()
        }
    }

    @Test func scenario37_whoFindsNothingMeanwhileWaitsForIt() async throws {
        for cache in caches() {
            let tally = Tally()
            try await load(cache, options(), 1)
            let door = Door()
            @Sendable func ask(_ eagerness: Double) async throws -> Int {
                try await cache.value(for: "k", options: options(eagerness)) {
                    tally.add()
                    await door.pass()
                    return 2
                }
            }
            #expect(try await ask(1e9) == 1)
            await door.someoneWaits()
            time.advance(by: .seconds(11))
            async let late = ask(0)
            // Whether it comes before that load has landed or after it, it does not begin one of its own.
            for _ in 0..<100 { await Task.yield() }
            door.open()
            #expect(try await late == 2)
            #expect(tally.count == 1)
            _ = try await cache.clear()
        }
    }

    @Test func scenario38_oneThatFailsLeavesTheValueAndTheKey() async throws {
        for cache in caches() {
            try await load(cache, options(), 1)
            #expect(try await cache.value(for: "k", options: options()) { throw LoadFailure() } == 1)
            await eventually { cache.statistics().backgroundLoads == 0 }
            // The source has its pause, so the next hit does not begin another one.
            #expect(try await cache.value(for: "k", options: options()) { throw LoadFailure() } == 1)
            #expect(cache.statistics().earlyRefreshes == 1 && cache.statistics().loadFailures == 1)
            time.advance(by: .seconds(11))
            #expect(try await cache.value(for: "k", options: options()) { 3 } == 3)
            _ = try await cache.clear()
        }
    }

    @Test func whatAnotherNodeHasLoadedMeanwhileIsTaken() async throws {
        let cache = nodes.node { $0.readingOrder = .memoryUnchecked }
        try await load(cache, options(), 1)
        try await nodes.node().set("k", to: 5, options: EntryOptions.timeToLive(.seconds(60)))
        let tally = Tally()
        #expect(try await cache.value(for: "k", options: options()) { tally.add() } == 1)
        await eventually { cache.statistics().backgroundLoads == 0 }
        #expect(tally.count == 0)
        #expect(try await cache.get("k") == 5)
    }

    @Test func aRemovalWhileItLoadsIsNotUndone() async throws {
        for cache in caches() {
            try await load(cache, options(), 1)
            let door = Door()
            _ = try await cache.value(for: "k", options: options()) {
                await door.pass()
                return 2
            }
            await door.someoneWaits()
            _ = try await cache.delete("k")
            door.open()
            await eventually { cache.statistics().backgroundLoads == 0 }
            #expect(try await cache.get("k", as: Int.self) == nil)
        }
    }

    @Test func whereNoPlaceIsFreeNothingIsLoadedEarly() async throws {
        let cache = nodes.memoryOnly { $0.maximumBackgroundLoads = 0 }
        try await load(cache, options(), 1)
        #expect(try await cache.value(for: "k", options: options()) { 2 } == 1)
        #expect(cache.statistics().earlyRefreshes == 0 && cache.statistics().backgroundLoads == 0)
        #expect(try await cache.get("k") == 1)
        time.advance(by: .seconds(10))
        #expect(try await cache.value(for: "k", options: options()) { 2 } == 2)
    }

    /// Who has a look while it runs takes a seat and leaves it; with all places taken, that must not look as if nobody wanted the load.
    @Test func aCallerWhoLeavesAgainDoesNotEndIt() async throws {
        let cache = nodes.node { $0.maximumBackgroundLoads = 1 }
        try await load(cache, options(), 1)
        let door = Door()
        _ = try await cache.value(for: "k", options: options()) {
            await door.pass()
            return 2
        }
        await door.someoneWaits()
        #expect(try await cache.value(for: "k", options: options(0)) { 3 } == 1)
        door.open()
        await eventually { cache.statistics().backgroundLoads == 0 }
        #expect(try await cache.get("k") == 2)
    }

    /// It brings nothing new, so who waits for it loads: what it would have left in place was removed meanwhile, and nobody has told this node.
    @Test func oneThatFailsBringsNobodyWhatWasRemovedElsewhere() async throws {
        let cache = nodes.node()
        try await load(cache, options(), 1)
        let door = Door()
        #expect(
            try await cache.value(for: "k", options: options()) {
                await door.pass()
                throw LoadFailure()
            } == 1
        )
        await door.someoneWaits()
        _ = try await nodes.node().delete("k")
        async let late = cache.value(for: "k", options: options(0)) { 9 }
        await eventually { cache.flights.running == 2 }
        door.open()
        #expect(try await late == 9)
    }

    /// What it leaves in place is too old for a caller who says so.
    @Test func oneThatFailsBringsNobodyWhatIsTooOldForThem() async throws {
        for cache in caches() {
            try await load(cache, options(), 1)
            time.advance(by: .seconds(5))
            let door = Door()
            #expect(
                try await cache.value(for: "k", options: options()) {
                    await door.pass()
                    throw LoadFailure()
                } == 1
            )
            await door.someoneWaits()
            var strict = options(0)
            strict.maximumAge = .seconds(1)
            strict.failureThrottle = .zero
            async let late = cache.value(for: "k", options: strict) { 9 }
            await eventually { cache.flights.running == 2 }
            door.open()
            let value = try await late
            // Or, in the pause, what there is, marked as stale.
            #expect(value == 9 || value == 1 && cache.statistics().staleServed == 1)
            _ = try await cache.clear()
        }
    }

    /// It begins to load only once it has looked into Redis, and has its time from then on.
    @Test func anEarlyLoadIsWaitedForToItsOwnEnd() async throws {
        let fleet = Fleet()
        let tier = fleet.board.node(1)
        let (cache, time) = (fleet.node(on: tier), fleet.time)
        let options = options()
        _ = try await cache.value(for: "k", options: options) {
            time.advance(by: .seconds(1))
            return 1
        }
        time.advance(by: .milliseconds(9_990))
        fleet.board.prove(1)
        let (looking, loading, tally) = (Door(), Door(), Tally())
        tier.beforeNextAnswer { await looking.pass() }
        let early = try await cache.value(for: "k", options: options) {
            await loading.pass()
            return 2
        }
        #expect(early == 1)
        await looking.someoneWaits()
        time.advance(by: .milliseconds(20))
        let caller = Task {
            try await cache.value(for: "k", options: options) {
                tally.add()
                return 3
            }
        }
        await eventually { cache.deadlines.count == 1 }
        time.advance(by: .milliseconds(200))
        looking.open()
        await loading.someoneWaits()
        // The caller has waited for longer than a load may take, and the load has not run for so long.
        time.advance(by: .milliseconds(59_900))
        loading.open()
        #expect(try await caller.value == 2)
        #expect(tally.count == 0)
    }
}
