import Recuerde
import RecuerdeTesting
import Testing

/// Callers who accept only young answers.
@Suite(.timeLimit(.minutes(1))) struct MaximumAgeTests {
    private let nodes = Nodes()

    private var young: EntryOptions {
        var options = EntryOptions()
        options.maximumAge = .seconds(60)
        return options
    }

    @Test func aFailingLoadRunsOnceForAllWhoWaitAndAnOlderAnswerStandsIn() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1)
        nodes.time.advance(by: .seconds(61))
        let tally = Tally()
        let door = Door()
        let results = try await withThrowingTaskGroup(of: CacheResult<Int>.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await cache.result(for: "k", options: young) { _ in
                        tally.add()
                        await door.pass()
                        throw LoadFailure()
                    }
                }
            }
            await door.someoneWaits()
            for _ in 0..<1_000 { await Task.yield() }
            door.open()
            return try await group.reduce(into: [CacheResult<Int>]()) { $0.append($1) }
        }
        #expect(results.count == 100)
        #expect(results.allSatisfy { $0.value == 1 && $0.provenance.source == .stale })
        // Those who came after the first load had failed may have begun one more; nobody goes round in turn.
        #expect(tally.count <= 2)
    }

    /// While its source is left alone it is old for such a caller, and marked so.
    @Test func anOlderAnswerIsMarkedAsStaleInThePauseToo() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1)
        nodes.time.advance(by: .seconds(61))
        for reason in [Provenance.StaleReason.loadFailed, .throttled] {
            let result = try await cache.result(for: "k", options: young) { _ -> Loaded<Int> in throw LoadFailure() }
            #expect(result.value == 1 && result.provenance.source == .stale && result.provenance.staleReason == reason)
        }
        // Others take it for what it is.
        #expect(try await cache.result(for: "k", as: Int.self)?.provenance.source == .memory)
    }

    @Test func whoJoinsAFlightThatFoundAnOlderAnswerLoadsAnew() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: 1)
        nodes.time.advance(by: .seconds(61))
        nodes.remote.hold()
        let tolerant = Task { try await cache.value(for: "k") { 2 } }
        await eventually { nodes.remote.waiting >= 1 }
        let strict = Task { try await cache.value(for: "k", options: young) { 3 } }
        for _ in 0..<1_000 { await Task.yield() }
        nodes.remote.release()
        #expect(try await tolerant.value == 1)
        #expect(try await strict.value == 3)
    }
}
