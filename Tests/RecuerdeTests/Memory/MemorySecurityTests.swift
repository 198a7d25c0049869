import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-memory-tier.md`, scenario 26.
@Suite struct MemorySecurityTests {
    /// Texts that all have the same hash where it is computed as `31 * hash + byte`, without a seed: any mixture of "Aa" and "BB".
    private func colliding(_ count: Int) -> [String] {
        (0..<count).map { number in
            (0..<17).map { number >> $0 & 1 == 0 ? "Aa" : "BB" }.joined()
        }
    }

    private func meanProbes(_ texts: [String]) -> Double {
        var table = SlotTable()
        for (slot, text) in texts.enumerated() {
            table.insert(UInt32(truncatingIfNeeded: CacheKey(text).hash), slot: UInt32(slot))
        }
        let probes = texts.enumerated().reduce(0) { sum, text in
            sum + table.probes(UInt32(truncatingIfNeeded: CacheKey(text.element).hash), slot: UInt32(text.offset))
        }
        return Double(probes) / Double(texts.count)
    }

    /// The shortest time of some for putting keys into a tier and reading each of them.
    private func time(_ texts: [String]) -> Duration {
        let clock = ContinuousClock()
        var best = Duration.seconds(3_600)
        for _ in 0..<3 {
            var configuration = MemoryConfiguration()
            configuration.maximumEntries = texts.count
            configuration.maximumBytes = 1 << 30
            let tier = MemoryTier(configuration: configuration, timeSource: ManualTimeSource())
            let later = MonotonicInstant.distantFuture
            let keys = texts.map { CacheKey($0) }
            let taken = clock.measure {
                for (number, key) in keys.enumerated() { tier.put(key, Entry.make(number, until: later)) }
                for key in keys { _ = tier.lookup(key, as: Int.self, now: MonotonicInstant(nanoseconds: 0)) }
            }
            best = min(best, taken)
        }
        return best
    }

    @Test func scenario26_operationsOnSuchKeysTakeNoMoreThanThreeTimesAsLong() {
        // As long as the others.
        let random = (0..<100_000).map { number in String(repeating: "k", count: 28) + String(100_000 + number) }
        #expect(time(colliding(100_000)) < time(random) * 3)
    }

    @Test func scenario26_keysThatCollideWithoutASeedAreFoundAsFastAsOthers() {
        let chosen = colliding(100_000)
        func unseeded(_ text: String) -> Int { text.utf8.reduce(0) { $0 &* 31 &+ Int($1) } }
        #expect(Set(chosen.map(unseeded)).count == 1 && Set(chosen).count == chosen.count)
        let random = (0..<100_000).map { "key-\($0)" }
        #expect(meanProbes(chosen) < 3 * meanProbes(random))
    }
}
