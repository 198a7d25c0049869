import RecuerdeTesting
import Testing

@testable import Recuerde

/// Options of calls for several values.
@Suite(.timeLimit(.minutes(1))) struct BulkOptionTests: BulkSuite {
    let fleet = Fleet()

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
}
