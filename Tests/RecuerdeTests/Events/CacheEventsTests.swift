import RecuerdeTesting
import Testing

@testable import Recuerde

extension Cache {
    /// What is told while `body` runs; the cache is closed after it.
    func told(
        bufferSize: Int = 100_000,
        while body: (Cache) async throws -> Void
    ) async throws -> [CacheEvent] {
        let events = self.events(bufferSize: bufferSize)
        try await body(self)
        close()
        var told: [CacheEvent] = []
        for await event in events { told.append(event) }
        return told
    }
}

extension [CacheEvent] {
    var kinds: [CacheEvent.Kind] { map(\.kind) }

    func count(_ kind: CacheEvent.Kind) -> Int { count { $0.kind == kind } }

    func first(_ kind: CacheEvent.Kind) -> CacheEvent? { first { $0.kind == kind } }
}

/// What is told of what a cache does.
@Suite(.timeLimit(.minutes(1))) struct CacheEventsTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    // MARK: Reads and loads

    @Test func hitsTellTheirTierAndMissesTheirKey() async throws {
        let kind = CacheKind("hint")
        let key = CacheKey("k", kind: kind)
        try await nodes.node().set("there", to: 1)
        let told = try await nodes.node { $0.readingOrder = .memoryUnchecked }.told { cache in
            _ = try await cache.get(key, as: Int.self)
            try await cache.set(key, to: 1)
            // The shortest way, the ways with a result and with a load, and several at once.
            _ = try await cache.get(key, as: Int.self)
            _ = try await cache.result(for: key, as: Int.self)
            _ = try await cache.value(for: key) { 2 }
            _ = try await cache.get(["there"], as: Int.self)
            _ = try await cache.get(["there"], as: Int.self)
        }.filter { $0.kind == .hit || $0.kind == .miss || $0.kind == .set }
        #expect(told.kinds == [.miss, .set, .hit, .hit, .hit, .hit, .hit])
        #expect(told.map(\.tier) == [nil, nil, .memory, .memory, .memory, .redis, .memory])
        #expect(told.prefix(5).allSatisfy { $0.key == key && $0.key?.kind == kind && $0.origin == .here })
        #expect(told.first?.time == time.unixTime())
    }

    @Test func aLoadTellsHowItBeganAndEnded() async throws {
        let time = time
        for cache in [nodes.memoryOnly(), nodes.node()] {
            let told = try await cache.told { cache in
                _ = try await cache.value(for: "k") { () -> Int in
                    time.advance(by: .milliseconds(5))
                    return 1
                }
                await #expect(throws: LoadFailure.self) {
                    try await cache.value(for: "other") { () -> Int in
                        time.advance(by: .milliseconds(7))
                        throw LoadFailure()
                    }
                }
            }.filter { $0.kind.rawValue.hasPrefix("load") }
            #expect(told.kinds == [.loadBegan, .loadEnded, .loadBegan, .loadFailed])
            #expect(told.map(\.duration) == [nil, .milliseconds(5), nil, .milliseconds(7)])
            #expect(told.map(\.key) == ["k", "k", "other", "other"])
            #expect(told.last?.error as? LoadFailure == LoadFailure())
        }
    }

    @Test func eachLoadThatBeganEndsInOneWay() async throws {
        var bypass = EntryOptions()
        bypass.readPolicy = .bypass
        for cache in [nodes.memoryOnly(), nodes.node()] {
            let told = try await cache.told { cache in
                _ = try? await cache.value(for: "b", options: bypass) { 1 }
                _ = try? await cache.value(for: "b", options: bypass) { () -> Int in throw LoadFailure() }
                for options in [bypass, EntryOptions()] {
                    _ = try await cache.results(for: ["x", "y", "z"], options: options) {
                        (context: BulkLoadContext<Int>) in
                        ["x": .success(Loaded(1)), "y": .failure(LoadFailure())]
                    }
                }
            }
            #expect(told.count(.loadBegan) == 8)
            #expect(told.count(.loadEnded) == 5 && told.count(.loadFailed) == 3)
            #expect(told.count(.miss) == cache.statistics().total.misses)
            #expect(told.count(.loadBegan) == cache.statistics().loads)
        }
    }

    @Test func aLoadThatNobodyWaitsForAndIsCancelledTellsSo() async throws {
        let cache = nodes.memoryOnly { $0.maximumBackgroundLoads = 0 }
        let told = try await cache.told { cache in
            let door = Door()
            let caller = Task {
                try await cache.value(for: "k") { () -> Int in
                    await door.pass()
                    try Task.checkCancellation()
                    return 1
                }
            }
            await door.someoneWaits()
            caller.cancel()
            _ = try? await caller.value
            door.open()
            await eventually { cache.flights.running == 0 }
        }
        #expect(told.first(.loadFailed)?.error is CancellationError)
        #expect(cache.statistics().loadFailures == 0)
    }

    /// Background `f` throws: no crash, no unhandled error, an event, and the lock is free.
    @Test func scenario27_aLoadThatFailsInTheBackgroundIsTold() async throws {
        for cache in [nodes.memoryOnly(), nodes.node()] {
            var options = EntryOptions.timeToLive(.seconds(1))
            options.maximumStaleness = .seconds(100)
            options.softTimeout = .zero
            options.loadTimeout = .seconds(1_000_000)
            try await cache.set("k", to: 1, options: options)
            time.advance(by: .seconds(2))
            let events = cache.events()
            let door = Door()
            let result = try await cache.result(for: "k", options: options) { _ -> Loaded<Int> in
                await door.pass()
                throw LoadFailure()
            }
            #expect(result.provenance.staleReason == .loadSlow)
            await door.someoneWaits()
            door.open()
            // It comes to whoever waits for it.
            let failure = await events.first { $0.kind == .loadFailed }
            #expect(failure?.key == "k" && failure?.error as? LoadFailure == LoadFailure())
            await eventually { cache.statistics().backgroundLoads == 0 }
            // Once the pause of the source is over, the key is loaded again: nothing holds it.
            time.advance(by: .seconds(10))
            #expect(try await cache.value(for: "k", options: EntryOptions()) { 5 } == 5)
        }
    }

    @Test func whatIsStaleTellsWhy() async throws {
        let cache = nodes.memoryOnly()
        var options = EntryOptions.timeToLive(.seconds(1))
        options.maximumStaleness = .seconds(100)
        try await cache.set("k", to: 1, options: options)
        time.advance(by: .seconds(2))
        let told = try await cache.told { [options] cache in
            for _ in 0..<2 {
                _ = try await cache.value(for: "k", options: options) { () -> Int in throw LoadFailure() }
            }
            var options = options
            options.acceptsStale = true
            _ = try await cache.result(for: "k", as: Int.self, options: options)
        }
        #expect(told.filter { $0.kind == .staleServed }.map(\.staleReason) == [.loadFailed, .throttled, .notLoaded])
        #expect(told.count(.miss) == 3 && told.count(.hit) == 0)
    }

    @Test func anEarlyRefreshIsTold() async throws {
        var options = EntryOptions.timeToLive(.seconds(10))
        options.earlyRefresh = 1e9
        let time = time
        for cache in [nodes.memoryOnly(), nodes.node()] {
            let told = try await cache.told { [options] cache in
                _ = try await cache.value(for: "k", options: options) { () -> Int in
                    time.advance(by: .seconds(1))
                    return 1
                }
                _ = try await cache.value(for: "k", options: options) { 2 }
                await eventually { cache.statistics().backgroundLoads == 0 }
            }
            #expect(told.kinds.suffix(5) == [.hit, .earlyRefresh, .loadBegan, .loadEnded, .set])
            #expect(told.first(.earlyRefresh)?.key == "k")
        }
    }

    // MARK: Agreement

    @Test func eventsAndStatisticsAgree() async throws {
        for cache in [nodes.memoryOnly { $0.memory.maximumEntries = 8 }, nodes.node { $0.memory.maximumEntries = 8 }] {
            var random = SystemRandomNumberGenerator()
            var options = EntryOptions.timeToLive(.seconds(3))
            options.maximumStaleness = .seconds(5)
            options.failureThrottle = .seconds(1)
            let told = try await cache.told { [options] cache in
                for step in 0..<3_000 {
                    let key = CacheKey("k\(Int.random(in: 0..<20, using: &random))")
                    switch Int.random(in: 0..<10, using: &random) {
                    case 0: try await cache.set(key, to: step, options: options)
                    case 1: _ = try await cache.delete(key)
                    case 2: _ = try await cache.expire(key)
                    case 3: _ = try await cache.value(for: key, options: options) { step }
                    case 4: _ = try? await cache.value(for: key, options: options) { () -> Int in throw LoadFailure() }
                    case 5: _ = try await cache.get([key, "k1", "k2"], as: Int.self)
                    case 6: _ = try await cache.values(for: [key, "k3"], options: options) { _ in [key: step] }
                    case 7: time.advance(by: .milliseconds(500))
                    case 8: try await cache.set([key: 1, "other": 2], options: options)
                    default: _ = try await cache.get(key, as: Int.self)
                    }
                }
            }
            let statistics = cache.statistics()
            #expect(told.count(.hit) == statistics.total.hits && statistics.total.hits > 0)
            #expect(told.count(.miss) == statistics.total.misses)
            #expect(told.count(.set) == statistics.total.sets)
            #expect(told.count(.removed) == statistics.total.deletes)
            #expect(told.count(.expired) == statistics.expires)
            #expect(told.count(.loadBegan) == statistics.loads)
            #expect(told.count(.loadFailed) == statistics.loadFailures && statistics.loadFailures > 0)
            #expect(told.count(.loadEnded) == statistics.loads - statistics.loadFailures)
            #expect(told.count(.staleServed) == statistics.staleServed && statistics.staleServed > 0)
            for reason in [RemovalReason.size, .weight, .refused, .expired] {
                let count = told.count { $0.kind == .evicted && $0.removalReason == reason }
                #expect(count == statistics.removals[reason], "\(reason)")
            }
        }
    }

    // MARK: Removals

    /// A limit of N entries: one that was not asked for gives way, and an event says which and why.
    @Test func scenario41_whatGivesWayIsToldWithItsReason() async throws {
        let cache = nodes.memoryOnly { $0.memory.maximumEntries = 4 }
        for number in 0..<4 { try await cache.set(CacheKey("k\(number)"), to: number) }
        // All but the oldest are wanted.
        for number in 1..<4 {
            for _ in 0..<3 { _ = try await cache.get(CacheKey("k\(number)"), as: Int.self) }
        }
        let told = try await cache.told { cache in try await cache.set("new", to: 9) }
        let evicted = told.filter { $0.kind == .evicted }
        #expect(evicted.map(\.key) == ["k0"] && evicted.map(\.removalReason) == [.size])
        #expect(cache.statistics().evictions == 1)
    }

    @Test func whatWeighsTooMuchAndWhatHasDiedAreToldToo() async throws {
        let heavy = try await nodes.memoryOnly { $0.memory.maximumBytes = 4_000 }.told { cache in
            for number in 0..<20 { try await cache.set(CacheKey("k\(number)"), to: String(repeating: "x", count: 500)) }
            try await cache.set("all", to: String(repeating: "x", count: 5_000))
        }
        #expect(heavy.contains { $0.removalReason == .weight })
        #expect(heavy.last?.removalReason == .refused && heavy.last?.key == "all")
        let dead = try await nodes.memoryOnly().told { cache in
            try await cache.set("k", to: 1, options: .timeToLive(.seconds(1)))
            time.advance(by: .seconds(3))
            cache.memory.purge()
        }
        #expect(dead.last?.kind == .evicted && dead.last?.removalReason == .expired && dead.last?.key == "k")
    }

    @Test func nobodyIsToldByRemovalsUnlessSomebodyListens() async throws {
        let tally = Tally()
        let cache = nodes.memoryOnly {
            $0.memory.maximumEntries = 1
            $0.onRemoval = { _ in tally.add() }
        }
        try await cache.set("a", to: 1)
        try await cache.set("b", to: 1)
        #expect(tally.count == 1)
        let told = try await cache.told { cache in try await cache.set("c", to: 1) }
        #expect(told.count(.evicted) == 1 && tally.count == 2)
    }

    @Test func callsTellWhatTheyHaveTakenAway() async throws {
        for cache in [nodes.memoryOnly(), nodes.node()] {
            var options = EntryOptions()
            options.tags = ["user:7"]
            let told = try await cache.told { [options] cache in
                try await cache.set(["a": 1, "b": 2, "c": 3], options: options)
                _ = try await cache.delete("a")
                _ = try await cache.expire("b")
                try await cache.invalidate(tags: ["user:7"])
                _ = try await cache.clear()
            }.filter { $0.kind != .set && !$0.kind.rawValue.hasPrefix("remote") }
            #expect(told.kinds == [.removed, .expired, .tagsInvalidated, .cleared])
            #expect(told.map(\.key) == ["a", "b", nil, nil])
            // As it stands in names, where a colon divides parts.
            #expect(told.map(\.tags) == [[], [], ["user%3A7"], []])
            #expect(told.allSatisfy { $0.origin == .here } && told.last?.count ?? 0 > 0)
        }
    }

    @Test func whatAnotherNodeChangesIsToldAsItsDoing() async throws {
        let fleet = Fleet()
        let (one, two) = (fleet.node(1), fleet.node(2))
        var options = EntryOptions()
        options.tags = ["t"]
        try await one.set("k", to: 1, options: options)
        #expect(try await two.get("k") == 1)
        let told = try await two.told { [options] _ in
            try await one.set("k", to: 2, options: options)
            #expect(try await two.get("k") == 2)
            try await one.invalidate(tags: ["t"])
        }
        let others = told.filter { $0.origin == .elsewhere }
        #expect(others.kinds == [.invalidated, .tagsInvalidated])
        #expect(others.first?.key == "k" && others.last?.tags == ["t"])
        #expect(two.statistics().invalidations == 1)
    }

    // MARK: Outages

    @Test func anOutageAndItsEndAreTold() async throws {
        let cache = nodes.node()
        await cache.connect()
        let told = try await cache.told { cache in
            nodes.remote.behave(Nodes.down)
            try await cache.set("k", to: 1)
            _ = try await cache.clear()
            try await cache.set("k", to: 2)
            nodes.comeBack()
            _ = try await cache.get("x", as: Int.self)
            await nodes.settle(cache)
            await eventually { cache.log.events.isHeard && cache.gate?.journal.depth == 0 }
        }.filter { ![.set, .miss].contains($0.kind) }
        #expect(
            told.kinds == [
                .breakerOpened, .remoteUnavailable, .journalQueued, .journalQueued, .cleared, .journalQueued,
                .breakerClosed, .remoteAvailable, .journalReplayed, .journalReplayed,
            ]
        )
        let queued = told.filter { $0.kind == .journalQueued }
        #expect(queued.map(\.key) == ["k", nil, "k"] && queued.map(\.count) == [1, 1, 2])
        #expect(queued.first?.journalReason == .unavailable)
        #expect((told.first(.remoteUnavailable)?.error as? RemoteTierError)?.code == .unavailable)
        #expect(told.first(.remoteAvailable)?.count == 2)
        #expect(told.filter { $0.kind == .journalReplayed }.map(\.key) == [nil, "k"])
    }

    @Test func aJournalThatCollapsesIsTold() async throws {
        let cache = nodes.node { $0.journalMaximumIntents = 3 }
        await cache.connect()
        let told = try await cache.told { cache in
            nodes.remote.behave(Nodes.down)
            for number in 0..<5 { try await cache.set(CacheKey("k\(number)"), to: number) }
        }
        #expect(told.count(.journalOverflowed) == 1 && cache.statistics().journalOverflows == 1)
        #expect(told.count(.journalQueued) == 5)
    }

    @Test func tagsThatWaitAreTold() async throws {
        let cache = nodes.node()
        await cache.connect()
        let told = try await cache.told { cache in
            nodes.remote.behave(Nodes.down)
            try await cache.invalidate(tags: ["t"])
            nodes.comeBack()
            _ = try await cache.get("x", as: Int.self)
            await nodes.settle(cache)
        }.filter { $0.kind == .journalQueued || $0.kind == .journalReplayed }
        #expect(told.kinds == [.journalQueued, .journalReplayed] && told.map(\.tags) == [["t"], ["t"]])
    }

    // MARK: Secrets

    @Test func whatAnEventSaysOfItselfShowsNoKey() async throws {
        var options = EntryOptions()
        options.tags = ["secret"]
        let told = try await nodes.memoryOnly().told { [options] cache in
            try await cache.set("secret", to: 1, options: options)
            _ = try await cache.get("secret", as: Int.self)
            _ = try? await cache.value(for: "secret2") { () -> Int in throw LoadFailure(text: "secret") }
            try await cache.invalidate(tags: ["secret"])
        }
        #expect(told.count == 6)
        for event in told {
            var dumped = ""
            dump(event, to: &dumped)
            for text in ["\(event)", String(reflecting: event), dumped] { #expect(!text.contains("secret")) }
        }
        #expect(told.first(.hit)?.description == "hit, by: here, tier: memory")
    }

    @Test func hiddenNamesStayHidden() async throws {
        let hashing = try KeyHashing(secret: [UInt8](repeating: 7, count: 32))
        let told = try await nodes.memoryOnly { $0.payload.keyHashing = hashing }.told { cache in
            try await cache.set("name", to: 1)
            _ = try await cache.get("name", as: Int.self)
        }
        #expect(told.kinds == [.set, .hit])
        #expect(told.allSatisfy { $0.key?.text.hasPrefix("%~") == true })
    }
}
