import RecuerdeTesting
import Testing

@testable import Recuerde

/// Each of several keys has an outcome of its own.
@Suite(.timeLimit(.minutes(1))) struct BulkFailureTests: BulkSuite {
    let fleet = Fleet()

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
}
