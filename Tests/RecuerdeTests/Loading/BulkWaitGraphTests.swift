import RecuerdeTesting
import Testing

@testable import Recuerde

/// Which loads wait for calls of several values, and for how long.
@Suite(.timeLimit(.minutes(1))) struct BulkWaitGraphTests: BulkSuite {
    let fleet = Fleet()

    /// A load has what it wanted from a bulk load that still goes on with other keys, and waits for something else now: so that bulk load may wait for it.
    @Test func whatHasLandedIsNotWaitedForAnyMore() async throws {
        let cache = fleet.node(1)
        try await fleet.node(2).set("q", to: 5, options: Self.options())
        let (slow, outer) = (Door(), Door())
        let single = Task {
            try await cache.value(for: "p", options: Self.options()) {
                await slow.pass()
                return 1
            }
        }
        let asking = Task {
            try await cache.value(for: "l", options: Self.options()) {
                await outer.pass()
                let inner = try await cache.values(for: ["p", "q"], options: Self.options()) { _ in
                    [:] as [CacheKey: Int]
                }
                return inner.values.reduce(0, +)
            }
        }
        await slow.someoneWaits()
        await outer.someoneWaits()
        fleet.remote.hold()
        let bulk = Task {
            try await cache.results(for: ["q", "r"], options: Self.options()) { _ -> Answers in
                ["r": .success(Loaded(try await cache.value(for: "l", options: Self.options()) { -1 }))]
            }
        }
        await eventually { waiting(cache, "q") == 1 && fleet.remote.waiting == 1 }
        outer.open()
        await eventually { waiting(cache, "q") == 2 && waiting(cache, "p") == 2 }
        fleet.remote.release()
        await eventually { waiting(cache, "l") == 2 || waiting(cache, "r") == 0 }
        slow.open()
        #expect(try await single.value == 1)
        #expect(try await asking.value == 6)
        #expect(try await bulk.value.outcomes.mapValues(text) == ["q": "5 redis", "r": "6 load"])
    }
}
