import RecuerdeTesting
import Testing

@testable import Recuerde

/// The tier beside a trivial model: a dictionary with expiry and without a bound.
@Suite struct MemoryModelTests {
    @Test(arguments: 1...12)
    func itNeverReturnsWhatTheModelDoesNotHold(seed: Int) {
        let time = ManualTimeSource()
        var generator = SplitMix64(seed: UInt64(seed))
        var configuration = MemoryConfiguration()
        configuration.maximumEntries = seed % 3 == 0 ? 100_000 : 60
        configuration.maximumBytes = 50_000
        configuration.shards = seed % 2 == 0 ? 4 : 1
        let isRoomy = seed % 3 == 0
        let tier = MemoryTier(configuration: configuration, timeSource: time)
        var model: [CacheKey: (value: [Int], until: MonotonicInstant)] = [:]
        func live(_ key: CacheKey) -> [Int]? { model[key].flatMap { time.now() < $0.until ? $0.value : nil } }
        for step in 0..<6_000 {
            let number = Int.random(in: 0..<200, using: &generator)
            // Short keys and long ones.
            let key = CacheKey(String(repeating: "k", count: number % 40) + "\(number)")
            switch Int.random(in: 0..<12, using: &generator) {
            case 0:
                let found = tier.remove(key)
                #expect(!found || live(key) != nil)
                if isRoomy { #expect(found == (live(key) != nil)) }
                model[key] = nil
            case 1:
                time.advance(by: .nanoseconds(Int64.random(in: 0..<(1 << 31), using: &generator)))
            case 2 where step % 500 == 0:
                _ = tier.removeAll()
                model = [:]
            case 3...6:
                let until = time.now().advanced(by: .nanoseconds(Int64.random(in: 1..<(1 << 34), using: &generator)))
                tier.put(key, Entry.make([step], Entry.metadata(until: until, weight: 20)))
                model[key] = ([step], until)
            case 7:
                let until = time.now().advanced(by: .nanoseconds(Int64.random(in: 1..<(1 << 34), using: &generator)))
                let changed = tier.setLifetime(key, logicalExpiry: until, physicalExpiry: until)
                #expect(!changed || live(key) != nil)
                if changed { model[key]?.until = until }
                // What was evicted before must not be expected with its former life either.
                if !changed { model[key] = nil }
            default:
                let found = tier.lookup(key, as: [Int].self, now: time.now())
                #expect(found == nil || found?.value == live(key))
                if isRoomy { #expect(found?.value == live(key)) }
            }
        }
        #expect(tier.size().entries <= model.values.filter { time.now() < $0.until }.count)
    }
}
