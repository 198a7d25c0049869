import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Several values at once: `values(for:options:load:)` and `results(for:options:load:)`.
@Suite(.timeLimit(.minutes(1))) struct BulkLoadTests {
    private let fleet = Fleet()
    private var time: ManualTimeSource { fleet.time }

    private static func options(_ change: (inout EntryOptions) -> Void = { _ in }) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumStaleness = .seconds(100)
        options.loadTimeout = .seconds(1_000_000)
        change(&options)
        return options
    }

    /// What loads were asked for.
    private final class Asked: Sendable {
        private let state = Mutex<[[CacheKey]]>([])
        var keys: [[CacheKey]] { state.withLock { $0 } }
        func note(_ keys: [CacheKey]) { state.withLock { $0.append(keys) } }
    }

    private typealias Answers = [CacheKey: Result<Loaded<Int>, any Error>]

    private func text<Value>(_ outcome: Result<CacheResult<Value>?, any Error>?) -> String {
        switch outcome {
        case .success(let result?):
            "\(result.value) \(result.provenance.staleReason?.description ?? result.provenance.source.description)"
        case .success(nil): "none"
        case .failure(let error as CacheError): "\(error.code)"
        case .failure(let error as LoadFailure): error.text
        case .failure: "another failure"
        case nil: "nothing"
        }
    }

    // MARK: Exchanges

    @Test(arguments: TagSetting.allCases)
    func oneLoadWithWhatNobodyHasAndOneExchangeForEachStep(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let asked = Asked()
        try await cache.set(["a": 1, "b": 2] as [CacheKey: Int], options: Self.options())
        // One that the remote tier has, and memory has not.
        try await (setting == .memoryOnly ? cache : fleet.node(2)).set("c", to: 3, options: Self.options())
        func ask() async throws -> [CacheKey: Int] {
            try await cache.values(for: ["e", "a", "d", "b", "c", "e", "d"], options: Self.options()) { keys in
                asked.note(keys)
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, 10) })
            }
        }
        let expected: [CacheKey: Int] = ["a": 1, "b": 2, "c": 3, "d": 10, "e": 10]
        // A read, the tokens, a write.
        try await fleet.expectExchanges(setting == .memoryOnly ? 0 : 3) {
            let values = try await ask()
            #expect(values == expected)
        }
        #expect(asked.keys == [["e", "d"]])
        try await fleet.expectExchanges(setting == .remoteFirst ? 1 : 0) {
            let values = try await ask()
            #expect(values == expected)
        }
        #expect(asked.keys.count == 1)
        let counts = cache.statistics()
        #expect(counts.total.hits == 8 && counts.total.misses == 2 && counts.loads == 2)
        if setting != .memoryOnly {
            #expect(try await fleet.node(3).get(["d", "e"], as: Int.self) == ["d": 10, "e": 10])
        }
        #expect(try await cache.values(for: []) { _ in [:] } as [CacheKey: Int] == [:])
    }

    @Test(arguments: [TagSetting.memoryFirst, .remoteFirst])
    func tagsOfAllOfThemCostOneExchangeMore(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let keys = (0..<100).map { CacheKey("\($0)") }
        try await fleet.expectExchanges(4) {
            let values = try await cache.values(for: keys, options: Self.options { $0.tags = ["x", "y"] }) { keys in
                Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
            }
            #expect(values.count == 100)
        }
        #expect(try await cache.get(keys, as: Int.self).count == 100)
        try await cache.invalidate(tags: ["y"])
        #expect(try await cache.get(keys, as: Int.self).isEmpty)
    }

    @Test func moreThanAThousandAreWrittenInParts() async throws {
        let cache = fleet.node(1) { $0.memory.maximumEntries = 10_000 }
        let keys = (0..<2_500).map { CacheKey("\($0)") }
        // One read, three times tokens, three times values.
        try await fleet.expectExchanges(7) {
            let values = try await cache.values(for: keys) { keys in
                Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
            }
            #expect(values.count == 2_500 && values["2499"] == 2_499)
        }
        #expect(try await fleet.node(2).get(keys, as: Int.self).count == 2_500)
    }

    @Test func aHundredAtOnceNeedAsManyExchangesAsOne() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        let keys = (0..<100).map { CacheKey("\($0)") }
        let together = try await fleet.exchanges {
            _ = try await one.values(for: keys) { keys in Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) }) }
        }
        let apart = try await fleet.exchanges {
            for key in keys { _ = try await two.value(for: CacheKey("other", key.text)) { 1 } }
        }
        #expect(together == 3 && apart == 300)
    }

    // MARK: Failures

    @Test(arguments: TagSetting.allCases)
    func eachKeyHasAnOutcomeOfItsOwn(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        for key in ["stale", "staleNone", "strict"] as [CacheKey] {
            try await cache.set(key, to: 1, options: Self.options())
        }
        time.advance(by: .seconds(11))
        let keys: [CacheKey] = ["value", "none", "failed", "stale", "staleNone", "strict", "short", "secret"]
        func ask() async throws -> BulkResult<Int> {
            try await cache.results(for: keys, options: Self.options()) { context -> Answers in
                let isFirst = context.keys == keys
                #expect((context["stale"]?.previous?.value == 1) == isFirst && context["value"]?.previous == nil)
                #expect(context["another"] == nil)
                return [
                    "value": .success(Loaded(2)),
                    "failed": .failure(LoadFailure(text: "one")),
                    "stale": .failure(LoadFailure(text: "two")),
                    "strict": .failure(SourceFailure(LoadFailure(text: "three"), allowsStale: false)),
                    "short": .success(Loaded(3, timeToLive: .seconds(1))),
                    "secret": .success(Loaded(4, store: false)),
                    "unasked": .success(Loaded(5)),
                ]
            }
        }
        let results = try await ask()
        #expect(
            results.outcomes.mapValues(text) == [
                "value": "2 load", "none": "none", "failed": "one", "stale": "1 load_failed", "staleNone": "none",
                "strict": "three", "short": "3 load", "secret": "4 load",
            ]
        )
        #expect(results.values == ["value": 2, "stale": 1, "short": 3, "secret": 4])
        #expect(Set(results.failures.keys) == ["failed", "strict"])
        #expect(results["value"]?.provenance.stored == true && results["none"] == nil && results["failed"] == nil)
        #expect(try await cache.get(keys + ["unasked"], as: Int.self) == ["value": 2, "short": 3])
        // That there is none says nothing about what was there before, and is not kept.
        #expect(
            try await cache.result(for: "staleNone", as: Int.self, options: Self.options { $0.acceptsStale = true })?
                .value == 1
        )
        // What has failed has its pause, and the lives are those that the load has said.
        time.advance(by: .seconds(1))
        let again = try await ask()
        #expect(text(again.outcomes["stale"]) == "1 throttled")
        #expect(text(again.outcomes["short"]) == "3 load")
        #expect(cache.statistics().loadFailures == 5)
    }

    @Test(arguments: TagSetting.allCases)
    func aLoadThatThrowsFailsForAllOfThemAndIsAskedAboutWithOneExchange(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let keys = (0..<50).map { CacheKey("\($0)") }
        let stale = keys.prefix(40)
        try await cache.set(Dictionary(uniqueKeysWithValues: stale.map { ($0, 1) }), options: Self.options())
        time.advance(by: .seconds(11))
        // A read, the tokens; and one more look at what may stand in, where nobody would have told of changes.
        let count: Int
        switch setting {
        case .memoryOnly: count = 0
        case .memoryFirst, .remoteFirst: count = 3
        case .memoryUnchecked: count = 2
        }
        try await fleet.expectExchanges(count) {
            let results = try await cache.results(for: keys, options: Self.options()) { _ -> Answers in
                throw LoadFailure(text: "all")
            }
            #expect(stale.allSatisfy { text(results.outcomes[$0]) == "1 load_failed" })
            #expect(keys.suffix(10).allSatisfy { text(results.outcomes[$0]) == "all" })
        }
        await #expect(throws: LoadFailure(text: "first")) {
            try await cache.values(for: ["0", "new"], options: Self.options()) { _ -> [CacheKey: Int] in
                throw LoadFailure(text: "first")
            }
        }
    }

    @Test func aLoadThatHangsIsCutOffAndItsKeysAreFree() async throws {
        let cache = fleet.node(1)
        let door = Door()
        let call = Task {
            try await cache.results(for: ["a", "b"], options: Self.options { $0.loadTimeout = .seconds(5) }) {
                _ -> Answers in
                await door.pass()
                return [:]
            }
        }
        await door.someoneWaits()
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .seconds(5))
        #expect(try await call.value.outcomes.mapValues(text) == ["a": "loadTimedOut", "b": "loadTimedOut"])
        #expect(try await cache.values(for: ["a", "b"]) { _ in ["a": 1, "b": 2] } == ["a": 1, "b": 2])
        door.open()
    }

    // MARK: Beside others

    @Test(arguments: TagSetting.allCases)
    func whatIsUnderWayAlreadyIsNotLoadedAgain(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let asked = Asked()
        let single = Task {
            try await cache.value(for: "b", options: Self.options()) {
                await door.pass()
                return 2
            }
        }
        await door.someoneWaits()
        let bulk = Task {
            try await cache.results(for: ["a", "b", "c"], options: Self.options()) { context -> Answers in
                asked.note(context.keys)
                return ["a": .success(Loaded(1)), "b": .success(Loaded(-1)), "c": .success(Loaded(3))]
            }
        }
        // Its own are loaded, kept and there for everybody, while it waits for the other's.
        await eventually { (try? await cache.get(["a", "c"], as: Int.self))?.count == 2 }
        door.open()
        let results = try await bulk.value
        #expect(results.values == ["a": 1, "b": 2, "c": 3])
        #expect(results["b"]?.provenance.shared == true && results["a"]?.provenance.shared == false)
        #expect(try await single.value == 2)
        #expect(asked.keys == [["a", "c"]])
    }

    @Test(arguments: TagSetting.allCases)
    func whoComesMeanwhileJoins(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let (asked, tally) = (Asked(), Tally())
        let first = Task {
            try await cache.results(for: ["a", "b", "none"], options: Self.options()) { context -> Answers in
                asked.note(context.keys)
                await door.pass()
                return ["a": .success(Loaded(1)), "b": .failure(LoadFailure(text: "b"))]
            }
        }
        await door.someoneWaits()
        let one = Task { try await cache.value(for: "a", options: Self.options()) { tally.add() } }
        let failing = Task { try await cache.value(for: "b", options: Self.options()) { tally.add() } }
        // What the other's load has nothing for, is loaded by who has a load for it.
        let alone = Task { try await cache.value(for: "none", options: Self.options()) { tally.add() + 100 } }
        // In the other order, with one more.
        let second = Task {
            try await cache.results(for: ["none", "c", "b", "a"], options: Self.options()) { context -> Answers in
                asked.note(context.keys)
                return ["c": .success(Loaded(3))]
            }
        }
        await eventually { (try? await cache.get("c", as: Int.self)) == 3 }
        await eventually { waiting(cache, "a") == 3 && waiting(cache, "b") == 3 && waiting(cache, "none") == 3 }
        door.open()
        #expect(try await one.value == 1)
        await #expect(throws: LoadFailure(text: "b")) { try await failing.value }
        #expect(try await alone.value == 101)
        #expect(try await first.value.outcomes.mapValues(text) == ["a": "1 load", "b": "b", "none": "none"])
        #expect(
            try await second.value.outcomes.mapValues(text) == ["a": "1 load", "b": "b", "c": "3 load", "none": "none"]
        )
        #expect(asked.keys == [["a", "b", "none"], ["c"]] && tally.count == 1)
    }

    /// How many seats were taken in the flight of a key, whoever sits there now.
    private func waiting(_ cache: Cache, _ key: CacheKey) -> UInt64 {
        let purpose = FlightTable.Purpose(type: ObjectIdentifier(Int.self), refreshes: false)
        guard let (flight, seat) = cache.flights.joinPresent(key, purpose: purpose, as: Int.self) else { return 0 }
        let others = flight.openSeats - 1
        flight.leave(seat)
        return UInt64(others)
    }

    @Test(arguments: [TagSetting.memoryOnly, .memoryFirst])
    func bulksThatOverlapInOppositeOrderNeverWaitForEachOther(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        for round in 0..<100 {
            let keys = (0..<8).map { CacheKey("\(round)", "\($0)") }
            let tally = Tally()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        let mine = number.isMultiple(of: 2) ? keys : keys.reversed()
                        return try await cache.values(for: Array(mine.dropFirst(number / 2))) { keys in
                            for _ in keys { tally.add() }
                            await Task.yield()
                            return Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
                        }.count
                    }
                }
                for try await count in group { #expect(count >= 6) }
            }
            #expect(tally.count == 8)
        }
        await eventually { cache.flights.running == 0 }
    }

    @Test func anEarlyLoadIsWaitedForToo() async throws {
        let cache = fleet.node(1)
        let eager = Self.options { $0.earlyRefresh = 1_000 }
        _ = try await cache.result(for: "a", options: eager) { _ in Loaded(1, cost: LoadCost(duration: .seconds(60))) }
        time.advance(by: .seconds(9))
        let door = Door()
        _ = try await cache.result(for: "a", options: eager) { _ in
            await door.pass()
            return Loaded(2)
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        let asked = Asked()
        let bulk = Task {
            try await cache.values(for: ["a", "b"], options: Self.options()) { keys in
                asked.note(keys)
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, 3) })
            }
        }
        await eventually { (try? await cache.get("b", as: Int.self)) == 3 }
        door.open()
        #expect(try await bulk.value == ["a": 2, "b": 3])
        #expect(asked.keys == [["b"]])
    }

    // MARK: Cancellation

    @Test(arguments: TagSetting.allCases)
    func aCancelledCallerHarmsNoOther(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        let tally = Tally()
        let first = Task {
            try await cache.values(for: ["a", "b"], options: Self.options()) { keys in
                tally.add()
                await door.pass()
                return ["a": 1, "b": Task.isCancelled ? -1 : 2]
            }
        }
        await door.someoneWaits()
        let second = Task {
            try await cache.values(for: ["b", "a"], options: Self.options()) { _ in [:] } as [CacheKey: Int]
        }
        let single = Task { try await cache.value(for: "b", options: Self.options()) { tally.add() } }
        await eventually { waiting(cache, "b") == 3 && waiting(cache, "a") == 2 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        door.open()
        #expect(try await single.value == 2)
        await eventually { cache.flights.running == 0 }
        // And what nobody waited for any more is kept as well.
        #expect(try await cache.get(["a", "b"], as: Int.self) == ["a": 1, "b": 2])
        #expect(tally.count == 1 && cache.statistics().backgroundLoads == 0)
    }

    @Test(arguments: [0, 1])
    func whatNobodyWaitsForTakesOnePlaceOrIsCancelled(places: Int) async throws {
        let cache = fleet.node(1) { $0.maximumBackgroundLoads = places }
        let door = Door()
        let wasCancelled = Mutex(false)
        let call = Task {
            try await cache.values(for: ["a", "b", "c"], options: Self.options()) { keys in
                await withTaskCancellationHandler {
                    await door.pass()
                } onCancel: {
                    wasCancelled.withLock { $0 = true }
                    door.open()
                }
                return ["a": 1, "b": 2, "c": 3]
            }
        }
        await door.someoneWaits()
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        if places == 0 {
            await eventually { cache.flights.running == 0 }
            #expect(wasCancelled.withLock { $0 })
            #expect(try await cache.get(["a", "b", "c"], as: Int.self).isEmpty)
        } else {
            #expect(cache.statistics().backgroundLoads == 1)
            // Somebody comes again for one of them.
            let late = Task { try await cache.value(for: "b", options: Self.options()) { -1 } }
            await eventually { waiting(cache, "b") == 1 }
            door.open()
            #expect(try await late.value == 2)
            await eventually { cache.flights.running == 0 }
            #expect(!wasCancelled.withLock { $0 } && cache.statistics().backgroundLoads == 0)
            #expect(try await cache.get(["a", "b", "c"], as: Int.self).count == 3)
        }
        #expect(try await cache.value(for: "a", options: Self.options()) { 1 } == 1)
    }

    @Test func closingCancelsWhatNobodyWaitsFor() async throws {
        let cache = fleet.node(1)
        let door = Door()
        let call = Task {
            try await cache.values(for: ["a", "b"], options: Self.options()) { keys in
                await withTaskCancellationHandler {
                    await door.pass()
                } onCancel: {
                    door.open()
                }
                return [:]
            } as [CacheKey: Int]
        }
        await door.someoneWaits()
        call.cancel()
        _ = try? await call.value
        cache.close()
        await eventually { cache.flights.running == 0 && cache.statistics().backgroundLoads == 0 }
    }

    // MARK: What happens meanwhile

    @Test(arguments: TagSetting.allCases)
    func whatHappensToOneKeyConcernsNoOther(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let results = try await cache.results(for: ["a", "b", "c"], options: Self.options()) { context -> Answers in
            _ = try await cache.delete("a")
            try await cache.set("b", to: 20)
            return Dictionary(uniqueKeysWithValues: context.keys.map { ($0, .success(Loaded(1))) })
        }
        #expect(results.values == ["a": 1, "b": 1, "c": 1])
        #expect(["a", "b", "c"].map { results[$0]?.provenance.stored } == [false, false, true])
        #expect(try await cache.get(["a", "b", "c"], as: Int.self) == ["b": 20, "c": 1])
    }

    /// Told of it, or refused by the remote tier.
    @Test(arguments: [TagSetting.memoryFirst, .remoteFirst])
    func whatAnotherNodeRemovesMeanwhileIsNotKept(setting: TagSetting) async throws {
        let (one, two) = (fleet.cache(setting), fleet.node(2))
        let results = try await one.results(for: ["a", "b"], options: Self.options()) { context -> Answers in
            _ = try await two.delete("a")
            return Dictionary(uniqueKeysWithValues: context.keys.map { ($0, .success(Loaded(1))) })
        }
        #expect(results["a"]?.provenance.stored == false && results["b"]?.provenance.stored == true)
        #expect(try await one.get(["a", "b"], as: Int.self) == ["b": 1])
        #expect(try await two.get(["a", "b"], as: Int.self) == ["b": 1])
    }

    @Test func whereRedisIsAwayMemoryAndTheJournalHaveIt() async throws {
        let cache = fleet.node(1)
        try await cache.set("a", to: 1, options: Self.options())
        fleet.remote.behave(Nodes.down)
        let values = try await cache.values(for: ["a", "b", "c"], options: Self.options()) { keys in
            Dictionary(uniqueKeysWithValues: keys.map { ($0, 2) })
        }
        #expect(values == ["a": 1, "b": 2, "c": 2])
        #expect(cache.statistics().journalDepth == 2)
        #expect(try await cache.get(["a", "b", "c"], as: Int.self).count == 3)
        fleet.comeBack()
        try await fleet.settle(cache)
        #expect(try await fleet.node(2).get(["b", "c"], as: Int.self) == ["b": 2, "c": 2])
    }

    @Test func whoWantsToBeToldOfARemoteTierThatFailsIsToldForEachKey() async throws {
        let cache = fleet.node(1) { $0.rethrowsRemoteErrors = true }
        fleet.remote.behave(Nodes.down)
        let tally = Tally()
        let results = try await cache.results(for: ["a", "b"], options: Self.options()) { _ -> Answers in
            tally.add()
            return [:]
        }
        #expect(results.outcomes.mapValues(text) == ["a": "remoteFailed", "b": "remoteFailed"])
        #expect(tally.count == 0)
    }

    @Test func underPlainTheSameIsKeptWithoutTokens() async throws {
        let cache = fleet.node(1) { $0.format = .plain }
        let keys: [CacheKey] = ["a", "b", "c"]
        try await fleet.node(2) { $0.format = .plain }.set("a", to: 1)
        try await fleet.expectExchanges(2) {
            let values = try await cache.values(for: keys) { keys in
                Dictionary(uniqueKeysWithValues: keys.map { ($0, 2) })
            }
            #expect(values == ["a": 1, "b": 2, "c": 2])
        }
        #expect(try await fleet.node(2) { $0.format = .plain }.get(keys, as: Int.self) == ["a": 1, "b": 2, "c": 2])
    }

    // MARK: Options

    @Test(arguments: TagSetting.allCases)
    func readPoliciesHoldForEachKey(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("a", to: 1, options: Self.options())
        time.advance(by: .seconds(5))
        func ask(_ change: (inout EntryOptions) -> Void) async throws -> [CacheKey: String] {
            try await cache.results(for: ["a", "b"], options: Self.options(change)) { context -> Answers in
                Dictionary(uniqueKeysWithValues: context.keys.map { ($0, .success(Loaded(9))) })
            }.outcomes.mapValues { text($0).replacing("redis", with: "kept").replacing("memory", with: "kept") }
        }
        #expect(try await ask { $0.readPolicy = .onlyIfCached } == ["a": "1 kept", "b": "notCached"])
        #expect(try await ask { $0.readPolicy = .bypass } == ["a": "9 load", "b": "9 load"])
        #expect(try await cache.get(["a", "b"], as: Int.self) == ["a": 1])
        #expect(try await ask { $0.maximumAge = .seconds(4) } == ["a": "9 load", "b": "9 load"])
        #expect(try await ask { _ in } == ["a": "9 kept", "b": "9 kept"])
        #expect(try await ask { $0.readPolicy = .refresh } == ["a": "9 load", "b": "9 load"])
        time.advance(by: .seconds(11))
        #expect(
            try await ask {
                $0.readPolicy = .onlyIfCached
                $0.acceptsStale = true
            } == ["a": "9 not_loaded", "b": "9 not_loaded"]
        )
    }

    @Test(arguments: TagSetting.allCases)
    func aSoftLimitGivesWhatIsStaleAndTheRestIsWaitedFor(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("a", to: 1, options: Self.options())
        time.advance(by: .seconds(11))
        let door = Door()
        let call = Task {
            try await cache.results(for: ["a", "b"], options: Self.options { $0.softTimeout = .seconds(1) }) {
                _ -> Answers in
                await door.pass()
                return ["a": .success(Loaded(2)), "b": .success(Loaded(3))]
            }
        }
        await door.someoneWaits()
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .seconds(1))
        await eventually { waiting(cache, "a") == 0 }
        door.open()
        #expect(try await call.value.outcomes.mapValues(text) == ["a": "1 load_slow", "b": "3 load"])
        #expect(try await cache.get(["a", "b"], as: Int.self) == ["a": 2, "b": 3])
    }

    @Test func aHardLimitIsAnErrorOfTheKeysThatAreLate() async throws {
        let cache = fleet.node(1)
        let door = Door()
        try await cache.set("a", to: 1, options: Self.options())
        let call = Task {
            try await cache.results(for: ["a", "b", "c"], options: Self.options { $0.hardTimeout = .seconds(1) }) {
                _ -> Answers in
                await door.pass()
                return ["b": .success(Loaded(2)), "c": .success(Loaded(3))]
            }
        }
        await door.someoneWaits()
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .seconds(1))
        #expect(
            try await call.value.outcomes.mapValues(text) == [
                "a": "1 memory", "b": "waitTimedOut", "c": "waitTimedOut",
            ]
        )
        door.open()
        await eventually { cache.flights.running == 0 }
        #expect(try await cache.get(["b", "c"], as: Int.self) == ["b": 2, "c": 3])
    }

    @Test(arguments: TagSetting.allCases)
    func thatThereIsNoneMayBeKeptAndAVersionConfirmed(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let asked = Asked()
        let options = Self.options { $0.negativeTimeToLive = .seconds(20) }
        func ask() async throws -> BulkResult<Int?> {
            try await cache.results(for: ["a", "b"], options: options) { context in
                asked.note(context.keys)
                var answers: [CacheKey: Result<Loaded<Int?>, any Error>] = ["b": .success(Loaded(nil))]
                answers["a"] = Result {
                    guard let own = context["a"], own.previous?.etag == "e" else {
                        return Loaded(1, validators: Validators(etag: "e"))
                    }
                    return try own.notModified()
                }
                return answers
            }
        }
        #expect(try await ask().values == ["a": 1, "b": nil])
        time.advance(by: .seconds(11))
        let results = try await ask()
        #expect(results["a"]?.provenance.confirmed == true && results["a"]?.value == 1)
        #expect(results["b"]?.value == .some(nil) && results["b"]?.provenance.source != .load)
        #expect(asked.keys == [["a", "b"], ["a"]])
    }

    // MARK: Loads within loads

    @Test func aLoadThatAsksForItsOwnKeyIsTold() async throws {
        let cache = fleet.node(1)
        let results = try await cache.results(for: ["a", "b"], options: Self.options()) { _ -> Answers in
            let own = await #expect(throws: CacheError.self) { try await cache.value(for: "b") { 1 } }
            #expect(own?.code == .reentrantLoad)
            let both = try await cache.results(for: ["a", "c"]) { _ -> Answers in ["c": .success(Loaded(3))] }
            #expect(both.outcomes.mapValues(text) == ["a": "reentrantLoad", "c": "3 load"])
            return ["a": .success(Loaded(1)), "b": .success(Loaded(2))]
        }
        #expect(results.values == ["a": 1, "b": 2])
        // And by way of another.
        let single = try await cache.value(for: "x") { () -> Int in
            let inner = try await cache.results(for: ["x", "y"]) { _ -> Answers in ["y": .success(Loaded(4))] }
            #expect(inner.outcomes.mapValues(text) == ["x": "reentrantLoad", "y": "4 load"])
            return 1
        }
        #expect(single == 1)
    }

    @Test func badKeysAndAClosedCacheAreRefusedAsAWhole() async throws {
        let cache = fleet.node(1)
        let tally = Tally()
        func ask(_ keys: [CacheKey]) async -> CacheError.Code? {
            await #expect(throws: CacheError.self) {
                try await cache.values(for: keys) { keys in
                    tally.add()
                    return [:] as [CacheKey: Int]
                }
            }?.code
        }
        #expect(await ask(["a", ""]) == .invalidKey)
        cache.close()
        #expect(await ask(["a"]) == .closed)
        #expect(await ask([]) == .closed)
        #expect(tally.count == 0)
    }
}
