import RecuerdeTesting
import Testing

@testable import Recuerde

/// Loads of several values within loads, and what is refused as a whole.
@Suite(.timeLimit(.minutes(1))) struct BulkNestedTests: BulkSuite {
    let fleet = Fleet()

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
