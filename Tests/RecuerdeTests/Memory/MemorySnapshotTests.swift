import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-memory-tier.md`, scenarios 38 to 40.
@Suite struct MemorySnapshotTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    private struct Answer: Codable, Sendable, Equatable {
        var text: String
        var numbers: [Int]
    }

    private func filled(_ count: Int) async throws -> Cache {
        let cache = nodes.memoryOnly()
        for number in 0..<count {
            let options = EntryOptions.timeToLive(.seconds(number + 10))
            switch number % 3 {
            case 0: try await cache.set(CacheKey("k\(number)"), to: number, options: options)
            case 1: try await cache.set(CacheKey("k\(number)"), to: "text \(number)", options: options)
            default:
                try await cache.set(CacheKey("k\(number)"), to: Answer(text: "á", numbers: [number]), options: options)
            }
        }
        return cache
    }

    @Test func scenario38_aRestoredCacheAnswersAsManyAndKeepsAllDeadlines() async throws {
        func bounded() -> Cache { nodes.memoryOnly { $0.memory.maximumEntries = 500 } }
        let skewed = Skewed(keys: 5_000)
        func hits(_ cache: Cache, requests: Int, seed: UInt64) async throws -> Int {
            var generator = SplitMix64(seed: seed)
            var hits = 0
            for _ in 0..<requests {
                let number = skewed.key(&generator)
                let key = CacheKey("k\(number)")
                if try await cache.get(key, as: Int.self) != nil {
                    hits += 1
                } else {
                    try await cache.set(key, to: number, options: .timeToLive(.seconds(1_000 + number)))
                }
            }
            return hits
        }
        // Of one pair chance decides by some hundredths, since each cache has a seed of its own.
        var (went, came) = (0, 0)
        for round in UInt64(0)..<12 {
            let cache = bounded()
            _ = try await hits(cache, requests: 20_000, seed: 38 + round)
            let restored = bounded()
            let keys = try await cache.keys(limit: 1_000).keys
            #expect(restored.restore(cache.snapshot()) == keys.count && keys.count == 500)
            for text in keys {
                let (here, there) = (
                    try await cache.explain(CacheKey(text)), try await restored.explain(CacheKey(text))
                )
                #expect(here.memory?.remaining != nil && here.memory?.remaining == there.memory?.remaining)
            }
            went += try await hits(cache, requests: 10_000, seed: 138 + round)
            came += try await hits(restored, requests: 10_000, seed: 138 + round)
        }
        #expect(went > 36_000 && Double(came) >= 0.98 * Double(went), "\(came) of \(went)")
    }

    @Test func scenario38_whatWasThereComesBackWithItsDeadlines() async throws {
        let cache = try await filled(300)
        let restored = nodes.memoryOnly()
        #expect(restored.restore(cache.snapshot()) == 300)
        // Once more, from what nobody has read yet.
        let again = nodes.memoryOnly()
        #expect(again.restore(restored.snapshot()) == 300)
        for cache in [restored, again] {
            #expect(try await cache.get("k3") == 3)
            #expect(try await cache.get("k4") == "text 4")
            #expect(try await cache.get("k5") == Answer(text: "á", numbers: [5]))
            #expect(try await cache.get("k6", as: String.self) == nil)
            #expect(try await cache.get("k3") == 3)
            #expect(cache.statistics().cacheSize == 300)
            #expect(try await cache.explain("k299").memory?.remaining == .seconds(309))
        }
        #expect(restored.restore(cache.snapshot()) == 0)
    }

    @Test func tagsCostAndNilComeBack() async throws {
        let cache = nodes.memoryOnly()
        _ = try await cache.result(for: "k") { _ in
            var loaded = Loaded(Int?.none)
            loaded.tags = ["a", "b"]
            loaded.cost = LoadCost(microdollars: 5, tokensIn: 6)
            return loaded
        }
        let restored = nodes.memoryOnly()
        #expect(restored.restore(cache.snapshot()) == 1)
        let found = try await restored.result(for: "k", as: Int?.self)
        #expect(found?.value == .some(nil) && found?.provenance.cost == LoadCost(microdollars: 5, tokensIn: 6))
        #expect(try await restored.explain("k").memory?.tags == ["a", "b"])
    }

    @Test func scenario39_aDamagedFileLoadsNothingOrAPrefix() async throws {
        let snapshot = try await filled(40).snapshot()
        for length in stride(from: 0, to: snapshot.count, by: 7) {
            #expect(nodes.memoryOnly().restore(Array(snapshot.prefix(length))) < 40)
        }
        var generator = SplitMix64(seed: 39)
        for _ in 0..<300 {
            var damaged = snapshot
            let place = Int.random(in: 0..<damaged.count, using: &generator)
            damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            let cache = nodes.memoryOnly()
            #expect(cache.restore(damaged) < 40)
            let seen = try await cache.get("k0", as: Int.self)
            #expect(seen == nil || seen == 0)
        }
        var otherVersion = snapshot
        otherVersion[3] = 2
        #expect(nodes.memoryOnly().restore(otherVersion) == 0)
        #expect(nodes.memoryOnly().restore(Array("no snapshot at all".utf8)) == 0)
    }

    @Test func scenario39_ofALargerFileComesWhatThereIsRoomFor() async throws {
        let snapshot = try await filled(40).snapshot()
        let small = nodes.memoryOnly { $0.memory.maximumEntries = 10 }
        #expect(small.restore(snapshot) == 10)
        #expect(small.statistics().evictions == 0 && small.statistics().cacheSize == 10)
    }

    @Test func scenario39_whatIsTooHeavyIsPassedOverAndTheRestComes() async throws {
        let cache = nodes.memoryOnly { $0.memory.shards = 1 }
        try await cache.set("heavy", to: String(repeating: "x", count: 50_000))
        for number in 0..<20 { try await cache.set(CacheKey("k\(number)"), to: number) }
        let small = nodes.memoryOnly { $0.memory.maximumBytes = 20_000 }
        #expect(small.restore(cache.snapshot()) == 20)
        #expect(small.statistics().evictions == 0)
    }

    @Test func aSnapshotTakesNothingFromWhoSharesTheBudget() async throws {
        let snapshot = try await filled(40).snapshot()
        let budget = MemoryBudget(maximumBytes: 5_000)
        let other = nodes.memoryOnly { $0.memory.budget = budget }
        for number in 0..<10 { try await other.set(CacheKey("k\(number)"), to: number) }
        let before = other.statistics().cacheSize
        let restored = nodes.memoryOnly { $0.memory.budget = budget }
        #expect(restored.restore(snapshot) > 0)
        #expect(other.statistics().cacheSize == before && budget.bytes <= 5_000)
    }

    @Test func theCallersWeightCountsFromTheFirstReadOn() async throws {
        let snapshot = try await filled(1).snapshot()
        let restored = nodes.memoryOnly { $0.weigh = { _, value, _ in (value as? Int).map { $0 + 1_000 } ?? -1 } }
        #expect(restored.restore(snapshot) == 1)
        #expect(try await restored.get("k0") == 0)
        #expect(restored.statistics().memoryBytes == MemoryEntry.overhead + 1_000)
    }

    @Test func aFirstReadIsNoReplacement() async throws {
        let snapshot = try await filled(3).snapshot()
        let told = Tally()
        let restored = nodes.memoryOnly { $0.onRemoval = { _ in told.add() } }
        #expect(restored.restore(snapshot) == 3)
        let insertions = restored.statistics().insertions
        #expect(try restored.onlyIfPresent("k0") == 0)
        #expect(try await restored.get("k0") == 0)
        #expect(try restored.onlyIfPresent("k0") == 0)
        #expect(told.count == 0 && restored.statistics().insertions == insertions)
    }

    private struct Fussy: Codable, Sendable {
        var number = -1

        init() {}

        init(from decoder: any Decoder) throws {
            number = try decoder.singleValueContainer().decode(Int.self)
            if number < 0 { throw LoadFailure() }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(number)
        }
    }

    @Test func whatNoLongerDecodesIsTriedOnceAndRemoved() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: Fussy())
        let restored = nodes.memoryOnly()
        #expect(restored.restore(cache.snapshot()) == 1)
        #expect(try restored.onlyIfPresent("k", as: Fussy.self) == nil)
        #expect(restored.statistics().cacheSize == 1)
        for _ in 0..<3 { #expect(try await restored.get("k", as: Fussy.self) == nil) }
        #expect(restored.statistics().cacheSize == 0 && restored.statistics().decodeFailures == 1)
        #expect(restored.statistics().removals[.removed] == 1)
    }

    @Test func scenario40_theTimeBetweenCounts() async throws {
        let cache = try await filled(100)
        let snapshot = cache.snapshot()
        time.advance(by: .seconds(60))
        let restored = nodes.memoryOnly()
        #expect(restored.restore(snapshot) == 49)
        #expect(try await restored.get("k50", as: Answer.self) == nil)
        #expect(try await restored.get("k51") == 51)
        time.advance(by: .seconds(1))
        #expect(try await restored.get("k51", as: Int.self) == nil)
    }

    @Test func aCacheWithARemoteTierTakesNothing() async throws {
        let snapshot = try await filled(3).snapshot()
        #expect(nodes.node().restore(snapshot) == 0)
    }

    /// Whatever the clock of the machine is set to meanwhile.
    @Test(arguments: [false, true]) func whatWasStaleStaysSo(isExpired: Bool) async throws {
        let cache = nodes.memoryOnly()
        try await cache.set(["k": 1, "l": 2], options: .standingIn)
        if isExpired { try await cache.expire("k") } else { time.advance(by: .seconds(60)) }
        if !isExpired { try await cache.set("l", to: 2, options: .standingIn) }
        let snapshot = cache.snapshot()
        time.setUnixTime(time.unixTime().advanced(by: .seconds(-30)))
        let restored = nodes.memoryOnly()
        #expect(restored.restore(snapshot) == 2)
        #expect(try await restored.get("k", as: Int.self) == nil)
        #expect(try await restored.failing("k")?.value == 1)
        #expect(try await restored.get("l") == 2)
    }
}
