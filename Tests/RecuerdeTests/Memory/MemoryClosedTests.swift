import RecuerdeTesting
import Testing

@testable import Recuerde

/// What a closed cache still does with what it holds.
@Suite struct MemoryClosedTests {
    private let nodes = Nodes()

    private func closed() async throws -> Cache {
        let cache = nodes.memoryOnly()
        for number in 0..<100 { try await cache.set(CacheKey("k\(number)"), to: number) }
        cache.close()
        return cache
    }

    @Test func aClosedCacheCanStillBeSaved() async throws {
        let cache = try await closed()
        let other = nodes.memoryOnly()
        #expect(other.restore(cache.snapshot()) == 100)
        #expect(try await other.get("k7") == 7)
    }

    @Test func aClosedCacheTakesNothingIn() async throws {
        let cache = try await closed()
        let snapshot = cache.snapshot()
        cache.shrink(to: 0)
        #expect(cache.restore(snapshot) == 0)
        cache.setMemoryBounds(maximumEntries: 1_000, maximumBytes: 1 << 20)
        #expect(cache.restore(snapshot) == 0 && cache.statistics().cacheSize == 0)
        await #expect(throws: CacheError.self) { try await cache.update("k") { (_: Int?) in 1 } }
        await #expect(throws: CacheError.self) { try await cache.touch("k", timeToLive: .seconds(1)) }
        #expect(throws: CacheError.self) { try cache.onlyIfPresent("k", as: Int.self) }
    }

    @Test func aClosedCacheLetsGoOfWhatItHolds() async throws {
        let cache = try await closed()
        let bytes = cache.statistics().memoryBytes
        cache.shrink(to: bytes / 2)
        #expect(cache.statistics().memoryBytes <= bytes / 2 && cache.statistics().cacheSize > 40)
        cache.setMemoryBounds(maximumEntries: 10, maximumBytes: 1 << 20)
        #expect(cache.statistics().cacheSize == 10)
    }
}
