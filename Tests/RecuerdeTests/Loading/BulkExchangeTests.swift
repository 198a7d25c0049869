import RecuerdeTesting
import Testing

@testable import Recuerde

/// What loads of several values cost.
@Suite(.timeLimit(.minutes(1))) struct BulkExchangeTests: BulkSuite {
    let fleet = Fleet()

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
}
