import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-memory-tier.md`, scenarios 14, 35 and 37, by the memory that is resident. Each in a process of its own: what other tests let
/// go of meanwhile would count here too. The same for longer, with a larger bound: `MemoryBench --churn`.
@Suite(.serialized, .timeLimit(.minutes(5))) struct MemoryResidentTests {
    @Test func scenario14_residentMemoryIsWithinThirteenTenthsOfTheBoundAfterTenTimesAsMuch() async {
        await #expect(processExitsWith: .success) {
            // What a first use takes once and for all, code above all, is none of the entries'.
            var first = Churn(bound: 4 << 20)
            try await first.putOneBound()
            _ = try await first.cache.clear()
            var churn = Churn(bound: 16 << 20)
            for _ in 0..<10 { try await churn.putOneBound() }
            #expect(churn.cache.statistics().memoryBytes <= churn.bound)
            #expect(churn.residentBytes * 10 <= churn.bound * 13, "\(churn.residentBytes) of \(churn.bound)")
            // What holds nothing takes nothing.
            #expect(churn.residentBytes * 2 >= churn.bound, "\(churn.residentBytes) of \(churn.bound)")
        }
    }

    @Test func scenario37_residentMemoryStaysLevelWhileEntriesComeAndGo() async {
        await #expect(processExitsWith: .success) {
            var churn = Churn(bound: 8 << 20)
            // Until the allocator has holes of every size.
            for _ in 0..<20 { try await churn.putOneBound() }
            let before = churn.residentBytes
            for _ in 0..<40 { try await churn.putOneBound() }
            // Of a bound that is a thirtieth of a large one, a twentieth is less than what the allocator holds back; a leak of eight bytes an
            // entry would be four times as much as this.
            #expect(churn.residentBytes - before <= churn.bound / 10, "\(before), then \(churn.residentBytes)")
        }
    }

    @Test func scenario35_residentMemoryGoesBackAfterAClear() async {
        await #expect(processExitsWith: .success) {
            var first = Churn(bound: 4 << 20)
            try await first.putOneBound()
            _ = try await first.cache.clear()
            let start = ProcessUse.residentBytes
            var churn = Churn(bound: 64 << 20)
            try await churn.putOneBound()
            let taken = churn.residentBytes
            _ = try await churn.cache.clear()
            let left = churn.residentBytes
            #expect(taken >= 32 << 20)
            #expect(left <= taken / 5 && left <= start / 5, "\(left) of \(taken) are left, beside \(start)")
        }
    }
}

/// Puts new keys, each with 16 to 2 048 bytes, most of them few, so that the allocator has holes of every size to fill.
private struct Churn {
    let bound: Int
    let cache: Cache
    private let start: Int
    private var generator = SplitMix64(seed: 37)
    private var puts = 0

    init(bound: Int) {
        var configuration = CacheConfiguration()
        configuration.memory.maximumEntries = 10_000_000
        configuration.memory.maximumBytes = bound
        self.bound = bound
        start = ProcessUse.residentBytes
        cache = Cache(configuration: configuration)
    }

    /// Bytes that are resident and were not before.
    var residentBytes: Int { ProcessUse.residentBytes - start }

    /// Puts as much as the bound holds.
    mutating func putOneBound() async throws {
        var weight = 0
        while weight < bound {
            // A power of two that is chosen at random, and some more: long-tailed.
            let size = (16 + Int.random(in: 0..<16, using: &generator)) << Int.random(in: 0..<7, using: &generator)
            // Every other key is too long to lie in its slot, and some entries have tags, which have blocks of their own too.
            let key = puts % 2 == 0 ? CacheKey("churn-\(puts)") : CacheKey("a key of more than 23 bytes", "\(puts)")
            let tags = puts % 8 == 0 ? ["tag-\(puts % 100)"] : []
            var options = EntryOptions()
            options.tags = tags
            try await cache.set(key, to: [UInt8](repeating: 1, count: size), options: options)
            weight += MemoryEntry.weight(key: key, bytes: size, tags: tags)
            puts += 1
        }
    }
}
