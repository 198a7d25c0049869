import RecuerdeTesting
import Testing

@testable import Recuerde

/// What happens to keys while several are loaded.
@Suite(.timeLimit(.minutes(1))) struct BulkMeanwhileTests: BulkSuite {
    let fleet = Fleet()

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
}
