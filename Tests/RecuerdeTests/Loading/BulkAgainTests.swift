import RecuerdeTesting
import Testing

@testable import Recuerde

/// Keys of a call whose flights were of no use to it: they fly again, as one call, within what is left of its time.
@Suite(.timeLimit(.minutes(1))) struct BulkAgainTests: BulkSuite {
    let fleet = Fleet()

    /// A load of these keys that chooses a tag which has been invalidated meanwhile: who joins now has come too late for it.
    private func overtaken(
        _ keys: [CacheKey],
        on cache: Cache,
        behind door: Door
    ) async throws -> Task<BulkResult<Int>, any Error> {
        let task = Task {
            try await cache.results(for: keys, options: Self.options()) { context -> Answers in
                await door.pass()
                return Self.all(1, context.keys, tags: ["x"])
            }
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        try await cache.invalidate(tags: ["x"])
        return task
    }

    @Test(arguments: TagSetting.allCases)
    func whatWasOvertakenFliesAgainAsOneCall(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        let (asked, door) = (Asked(), Door())
        let first = try await overtaken(["a", "b", "c"], on: cache, behind: door)
        let second = Task {
            try await cache.results(for: ["c", "b", "a"], options: Self.options()) { context -> Answers in
                asked.note(context.keys)
                return Self.all(2, context.keys)
            }
        }
        await eventually { waiting(cache, "a") == 2 && waiting(cache, "b") == 2 && waiting(cache, "c") == 2 }
        door.open()
        #expect(try await first.value.values == ["a": 1, "b": 1, "c": 1])
        #expect(try await second.value.values == ["a": 2, "b": 2, "c": 2])
        #expect(asked.keys == [["c", "b", "a"]])
        #expect(try await cache.get(["a", "b", "c"], as: Int.self) == ["a": 2, "b": 2, "c": 2])
    }

    @Test func onceTheHardLimitIsOverNoFurtherFlightStarts() async throws {
        let cache = fleet.node(1)
        let (asked, door, slow) = (Asked(), Door(), Door())
        let single = Task {
            try await cache.value(for: "slow", options: Self.options()) {
                await slow.pass()
                return 1
            }
        }
        await slow.someoneWaits()
        let first = try await overtaken(["a", "b"], on: cache, behind: door)
        let second = Task {
            try await cache.results(
                for: ["slow", "a", "b"],
                options: Self.options { $0.hardTimeout = .seconds(5) }
            ) { context -> Answers in
                asked.note(context.keys)
                return Self.all(2, context.keys)
            }
        }
        await eventually { waiting(cache, "a") == 2 && waiting(cache, "b") == 2 && waiting(cache, "slow") == 2 }
        await eventually { cache.deadlines.count == 3 }
        door.open()
        #expect(try await first.value.values == ["a": 1, "b": 1])
        time.advance(by: .seconds(5))
        let outcomes = try await second.value.outcomes.mapValues(text)
        #expect(outcomes == ["slow": "waitTimedOut", "a": "waitTimedOut", "b": "waitTimedOut"])
        slow.open()
        #expect(try await single.value == 1)
        await eventually { cache.flights.running == 0 }
        #expect(asked.keys.isEmpty && cache.statistics().loads == 3)
    }

    /// What whoever began the flight accepts may be older than what this caller does.
    @Test func whatIsTooOldIsLoadedAnewInOneCall() async throws {
        let cache = fleet.cache(.remoteFirst)
        let asked = Asked()
        let keys: [CacheKey] = ["a", "b"]
        try await cache.set(["a": 1, "b": 1] as [CacheKey: Int], options: Self.options())
        time.advance(by: .seconds(5))
        func ask(_ change: @escaping @Sendable (inout EntryOptions) -> Void) -> Task<BulkResult<Int>, any Error> {
            Task {
                try await cache.results(for: keys, options: Self.options(change)) { context -> Answers in
                    asked.note(context.keys)
                    return Self.all(2, context.keys)
                }
            }
        }
        fleet.remote.hold()
        let first = ask { _ in }
        await eventually { waiting(cache, "b") == 1 && fleet.remote.waiting == 1 }
        let second = ask { $0.maximumAge = .seconds(4) }
        await eventually { waiting(cache, "a") == 2 && waiting(cache, "b") == 2 }
        fleet.remote.release()
        #expect(try await first.value.values == ["a": 1, "b": 1])
        #expect(try await second.value.values == ["a": 2, "b": 2])
        #expect(asked.keys == [keys])
    }

    /// Who does not wait any longer looks for what may have been removed since it was found: for all of them at once.
    @Test func whoHasWaitedForAsLongAsHeWantedToLooksOnceForAllOfThem() async throws {
        let cache = fleet.cache(.remoteFirst)
        let keys: [CacheKey] = ["a", "b", "c"]
        try await cache.set(["a": 1, "b": 1, "c": 1] as [CacheKey: Int], options: Self.options())
        time.advance(by: .seconds(11))
        let (asked, door) = (Asked(), Door())
        let first = Task {
            try await cache.results(for: keys, options: Self.options()) { context -> Answers in
                await door.pass()
                return Self.all(2, context.keys)
            }
        }
        await door.someoneWaits()
        try await fleet.expectExchanges(1) {
            let results = try await cache.results(for: keys, options: Self.options { $0.softTimeout = .zero }) {
                context -> Answers in
                asked.note(context.keys)
                return [:]
            }
            #expect(results.outcomes.mapValues(text) == ["a": "1 load_slow", "b": "1 load_slow", "c": "1 load_slow"])
        }
        door.open()
        #expect(try await first.value.values == ["a": 2, "b": 2, "c": 2])
        #expect(asked.keys.isEmpty)
    }
}
