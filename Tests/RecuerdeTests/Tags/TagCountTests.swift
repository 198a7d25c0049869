import RecuerdeTesting
import Testing

@testable import Recuerde

/// What statistics tell of tags.
@Suite(.timeLimit(.minutes(1))) struct TagCountTests {
    private let fleet = Fleet()

    private func voids(_ cache: Cache) -> [Int] {
        let statistics = cache.statistics()
        return [statistics.voidInMemory, statistics.voidInRemote]
    }

    /// Which tiers are asked, and hold it, tells where it is found void.
    private func expected(_ setting: TagSetting) -> [Int] {
        switch setting {
        case .memoryOnly: [1, 0]
        case .remoteFirst: [0, 1]
        case .memoryFirst, .memoryUnchecked: [1, 1]
        }
    }

    @Test(arguments: TagSetting.allCases, TagInvalidation.allCases)
    func aLookThatFindsAnEntryVoidIsCountedInItsTier(setting: TagSetting, manner: TagInvalidation) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: .tagged("x", staleness: .seconds(50)))
        try await cache.set("l", to: 1, options: .tagged("y"))
        #expect(try await cache.int("k") == 1)
        #expect(voids(cache) == [0, 0])
        try await cache.invalidate(tags: ["x"], by: manner)
        // Nothing has looked yet.
        #expect(voids(cache) == [0, 0])
        #expect(try await cache.int("k") == nil)
        #expect(voids(cache) == expected(setting))
        // Neither another entry, nor a miss, nor what is written anew.
        #expect(try await cache.int("l") == 1)
        #expect(try await cache.int("m") == nil)
        try await cache.set("k", to: 2, options: .tagged("x"))
        #expect(try await cache.int("k") == 2)
        #expect(voids(cache) == expected(setting))
    }

    @Test(arguments: TagSetting.allCases) func aLoadCountsWhatItFoundVoid(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: .tagged("x"))
        try await cache.invalidate(tags: ["x"])
        #expect(try await cache.value(for: "k", options: .tagged("x")) { 2 } == 2)
        #expect(voids(cache) == expected(setting))
        #expect(try await cache.value(for: "k", options: .tagged("x")) { 3 } == 2)
        #expect(voids(cache) == expected(setting))
    }

    @Test(arguments: TagSetting.allCases) func whatIsPastItsOwnTimeIsNotCounted(setting: TagSetting) async throws {
        let cache = fleet.cache(setting)
        try await cache.set("k", to: 1, options: .tagged("x", timeToLive: .seconds(10), staleness: .seconds(50)))
        try await cache.invalidate(tags: ["x"])
        fleet.time.advance(by: .seconds(11))
        #expect(try await cache.int("k") == nil)
        #expect(voids(cache) == [0, 0])
    }

    @Test func whatAnotherNodeInvalidatedIsCountedWhereItIsFound() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 1, options: .tagged("x"))
        #expect(try await two.int("k") == 1)
        try await one.invalidate(tags: ["x"])
        #expect(try await two.int("k") == nil)
        #expect(voids(one) == [0, 0])
        #expect(two.statistics().voidInRemote == 1)
        #expect(one.statistics().tagInvalidations == 1)
        #expect(two.statistics().tagInvalidations == 0)
    }

    @Test func callsAreCountedAndNotTheirTags() async throws {
        let cache = fleet.node(1)
        try await cache.invalidate(tags: ["x", "y", "z"])
        try await cache.recordChanged("verb", id: "ser")
        try await cache.recordsChanged([CacheRecord("verb", id: "ir"), CacheRecord("verb", id: "dar")])
        #expect(cache.statistics().tagInvalidations == 3)
        try await cache.invalidate(tags: [])
        try await cache.recordsChanged([])
        await #expect(throws: CacheError.self) { try await cache.invalidate(tags: [""]) }
        #expect(cache.statistics().tagInvalidations == 3)
        cache.resetStatistics()
        #expect(cache.statistics().tagInvalidations == 0)
    }
}
