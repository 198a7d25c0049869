import RecuerdeTesting
import Testing

@testable import Recuerde

/// Calls for several values of which one is being loaded before its time.
@Suite(.timeLimit(.minutes(1))) struct BulkEarlyTests: BulkSuite {
    let fleet = Fleet()

    private static let eager = options { $0.earlyRefresh = 1_000 }

    /// A value whose time is over, and which is being loaded since before that.
    private func early(
        on cache: Cache,
        _ options: EntryOptions = eager,
        _ load: @escaping @Sendable () async throws -> Loaded<Int>
    ) async throws {
        _ = try await cache.result(for: "a", options: options) { _ in
            Loaded(1, cost: LoadCost(duration: .seconds(60)))
        }
        time.advance(by: .seconds(9))
        _ = try await cache.result(for: "a", options: options) { _ in try await load() }
    }

    @Test(arguments: TagSetting.allCases) func anEarlyLoadIsWaitedForToo(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let door = Door()
        try await early(on: cache) {
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

    /// Another node has made it already: nobody has to wait for the load that makes it here.
    @Test func whatIsFreshInRedisIsNotWaitedFor() async throws {
        let cache = fleet.node(1)
        let door = Door()
        try await early(on: cache) {
            await door.pass()
            return Loaded(2)
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        try await fleet.node(2).set("a", to: 9, options: Self.options())
        let values = try await cache.values(for: ["a"], options: Self.options()) { _ in [:] as [CacheKey: Int] }
        #expect(values == ["a": 9])
        door.open()
        await eventually { cache.flights.running == 0 }
    }

    /// A load that leaves a key out has not failed, and its source needs no pause; nor does a call for several values take leases.
    @Test func thatThereIsNoneIsNoFailureBehindAnEarlyLoad() async throws {
        let cache = fleet.node(1)
        let door = Door()
        try await early(on: cache) {
            await door.pass()
            throw SourceFailure(LoadFailure(text: "early"), allowsStale: false)
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        let asked = Asked()
        func ask() async throws -> [CacheKey: String] {
            try await cache.results(
                for: ["a", "b"],
                options: Self.options { $0.loadsOncePerCluster = true }
            ) { context -> Answers in
                asked.note(context.keys)
                return ["b": .success(Loaded(3))]
            }.outcomes.mapValues(text)
        }
        let bulk = Task { try await ask() }
        await eventually { (try? await cache.get("b", as: Int.self)) == 3 }
        door.open()
        #expect(try await bulk.value == ["a": "none", "b": "3 load"])
        #expect(cache.statistics().loadFailures == 1)
        #expect(try await ask()["a"] == "none")
        #expect(asked.keys == [["b"], ["a"], ["a"]] && cache.statistics().loadFailures == 1)
    }

    /// The token of a load that begins after an early one has failed lives as long as that load may take.
    @Test func aTokenIsPlantedOnceTheEarlyLoadHasFailed() async throws {
        let cache = fleet.node(1)
        let (door, second) = (Door(), Door())
        var options = Self.eager
        options.loadTimeout = .seconds(100)
        try await early(on: cache, options) {
            await door.pass()
            throw SourceFailure(LoadFailure(text: "early"), allowsStale: false)
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        let call = Task {
            try await cache.result(for: "a", options: Self.options { $0.loadTimeout = .seconds(100) }) { _ in
                await second.pass()
                return Loaded(4)
            }
        }
        // The early load, and whoever waits for it.
        await eventually { cache.deadlines.count == 2 }
        time.advance(by: .seconds(90))
        door.open()
        await second.someoneWaits()
        time.advance(by: .seconds(90))
        second.open()
        let result = try await call.value
        #expect(result.value == 4 && result.provenance.stored)
        #expect(try await fleet.node(2).get("a", as: Int.self) == 4)
    }
}
