import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// `docs/scenarios-memory-tier.md`, scenarios 11 to 18.
@Suite(.timeLimit(.minutes(1))) struct MemoryBoundTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }
    private var later: MonotonicInstant { time.now().advanced(by: .seconds(1_000)) }

    private func tier(entries: Int = 1_000, bytes: Int = 1 << 20, shards: Int = 1, budget: MemoryBudget? = nil)
        -> MemoryTier
    {
        var configuration = MemoryConfiguration()
        configuration.maximumEntries = entries
        configuration.maximumBytes = bytes
        configuration.shards = shards
        configuration.budget = budget
        return MemoryTier(configuration: configuration, timeSource: time)
    }

    @Test(arguments: [2, 8])
    func scenario11_noBoundIsPassedEvenForAMoment(writers: Int) async {
        let tier = tier(entries: 500, bytes: 100_000, shards: 8)
        let (now, later) = (time.now(), later)
        let writing = Alive(writers)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var generator = SplitMix64(seed: UInt64(writer))
                    for number in 0..<4_000 {
                        let key = CacheKey("k\(Int.random(in: 0..<2_000, using: &generator))")
                        let weight = Int.random(in: 0..<(number % 50 == 0 ? 30_000 : 600), using: &generator)
                        if number % 7 == 0 { _ = tier.remove(key) }
                        tier.put(key, Entry.make(number, until: later, weight: weight))
                    }
                    writing.count.subtract(1, ordering: .relaxed)
                }
            }
            group.addTask {
                // By what stands in the slots, not by the accounts that keep the bound.
                var (mostEntries, mostBytes) = (0, 0)
                while writing.count.load(ordering: .relaxed) > 0 {
                    let held = Self.held(tier, now: now)
                    mostEntries = max(mostEntries, held.entries)
                    mostBytes = max(mostBytes, held.bytes)
                    await Task.yield()
                }
                #expect(mostEntries <= 500 && mostBytes <= 100_000)
            }
        }
        let size = tier.size()
        #expect(size.entries <= 500 && size.bytes <= 100_000 && size.entries > 0)
        let held = Self.held(tier, now: now)
        #expect(held.entries == size.entries && held.bytes == size.bytes)
    }

    /// What stands in the slots of all parts at one moment, counted with all locks held.
    private static func held(_ tier: MemoryTier, now: MonotonicInstant, from part: Int = 0) -> (
        entries: Int, bytes: Int
    ) {
        guard part < tier.parts.count else { return (0, 0) }
        return tier.parts[part].withLock { shard in
            var (entries, bytes) = (0, 0)
            _ = shard.walk(from: 0, limit: Int(shard.slots.used), now: now) { slot in
                entries += 1
                bytes += shard.slots.weight(slot)
            }
            let rest = held(tier, now: now, from: part + 1)
            return (entries + rest.entries, bytes + rest.bytes)
        }
    }

    @Test func scenario11_aBoundThatWasLoweredHoldsWhenTheCallReturns() async {
        let tier = tier(entries: 500, bytes: 1 << 20, shards: 8)
        let (now, later) = (time.now(), later)
        let writing = Alive(2)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<2 {
                group.addTask {
                    for number in 0..<6_000 {
                        tier.put(CacheKey("k\(number % 1_000)", "\(writer)"), Entry.make(number, until: later))
                    }
                    writing.count.subtract(1, ordering: .relaxed)
                }
            }
            group.addTask {
                var broken = 0
                while writing.count.load(ordering: .relaxed) > 0 {
                    tier.setBounds(entries: 100, bytes: 1 << 20)
                    if Self.held(tier, now: now).entries > 100 { broken += 1 }
                    tier.setBounds(entries: 500, bytes: 1 << 20)
                    await Task.yield()
                }
                #expect(broken == 0)
            }
        }
    }

    @Test(arguments: [false, true])
    func whatIsOnItsWayToTheRemoteTierIsNotRefusedForLackOfUses(isProvisional: Bool) {
        let tier = tier(bytes: 1_000)
        for number in 0..<10 { tier.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 100)) }
        for _ in 0..<8 {
            for number in 0..<10 { _ = tier.lookup(CacheKey("k\(number)"), as: Int.self, now: time.now()) }
        }
        var metadata = Entry.metadata(until: later, weight: 300)
        metadata.isProvisional = isProvisional
        tier.put("newcomer", Entry.make(1, metadata))
        #expect((tier.peek("newcomer", now: time.now()) != nil) == isProvisional)
        #expect(tier.ledger.bytes <= 1_000)
    }

    @Test func shrinkingTakesNoMoreThanItHasTo() {
        let tier = tier(entries: 100)
        for number in 0..<100 { tier.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 100)) }
        tier.shrink(toBytes: 9_850)
        #expect(tier.ledger.entries == 98)
    }

    @Test func scenario12_whatIsHeavierThanTheBoundIsRefusedAndNothingElseGoes() {
        let tier = tier(bytes: 1_000)
        for number in 0..<10 { tier.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 100)) }
        tier.put("heavy", Entry.make(0, until: later, weight: 1_001))
        #expect(tier.peek("heavy", now: time.now()) == nil)
        #expect(tier.size().entries == 10 && tier.size().evictions == 0)
        #expect(tier.size()[.refused] == 1)
    }

    @Test func oneEntryMayTakeTheWholeBoundWhateverTheShards() {
        let tier = tier(bytes: 8_000, shards: 8)
        tier.put("heavy", Entry.make(7, until: later, weight: 8_000))
        #expect(tier.peek("heavy", now: time.now())?.value(as: Int.self) == 7)
        #expect(tier.ledger.bytes == 8_000)
    }

    @Test func scenario13_growthInPlaceEvictsOthersOrIsRefused() {
        let tier = tier(bytes: 1_000)
        for number in 0..<10 { tier.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 100)) }
        for weight in stride(from: 100, through: 1_000, by: 100) {
            tier.put("k0", Entry.make(weight, until: later, weight: weight))
            #expect(tier.ledger.bytes <= 1_000)
            let found = tier.peek("k0", now: time.now())?.value(as: Int.self)
            #expect(found == nil || found == weight)
        }
        tier.put("k0", Entry.make(1, until: later, weight: 1_001))
        #expect(tier.peek("k0", now: time.now()) == nil)
        #expect(tier.ledger.bytes <= 1_000)
    }

    @Test func scenario14_theWeightIsKeyValueAndOverhead() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("12345", to: String(repeating: "x", count: 100))
        #expect(cache.statistics().memoryBytes == 5 + 100 + MemoryEntry.overhead)
    }

    @Test func scenario15_aWeightOfZeroCountsAsTheOverhead() async throws {
        let cache = nodes.memoryOnly { $0.weigh = { _, _, _ in 0 } }
        try await cache.set("k", to: "value")
        #expect(try await cache.get("k") == "value")
        #expect(cache.statistics().memoryBytes == MemoryEntry.overhead)
    }

    @Test func theCallerMayWeigh() async throws {
        let cache = nodes.memoryOnly { $0.weigh = { _, value, _ in (value as? [Int])?.count ?? -5 } }
        try await cache.set("k", to: [1, 2, 3])
        #expect(cache.statistics().memoryBytes == MemoryEntry.overhead + 3)
        try await cache.set("k", to: "no array")
        #expect(cache.statistics().memoryBytes == MemoryEntry.overhead)
        _ = try await cache.value(for: "l") { [1, 2] }
        #expect(cache.statistics().memoryBytes == 2 * MemoryEntry.overhead + 2)
    }

    @Test(arguments: [1, 8])
    func scenario16_aLowerBoundTrimsAtOnceAndAHigherOneGivesRoom(shards: Int) {
        let tier = tier(entries: 1_000, shards: shards)
        for number in 0..<1_000 { tier.put(CacheKey("k\(number)"), Entry.make(number, until: later)) }
        tier.setBounds(entries: 100, bytes: 1 << 20)
        #expect(tier.ledger.entries <= 100 && tier.ledger.entries > 90)
        tier.setBounds(entries: 500, bytes: 1 << 20)
        for number in 0..<1_000 { tier.put(CacheKey("l\(number)"), Entry.make(number, until: later)) }
        #expect(tier.ledger.entries <= 500 && tier.ledger.entries > 400)
        tier.setBounds(entries: 500, bytes: 50)
        #expect(tier.ledger.bytes <= 50)
    }

    /// What policies count, and what they should count in their unit.
    private static func weights(_ tier: MemoryTier) -> (counted: Int, bytes: Int, entries: Int) {
        var (counted, bytes, entries) = (0, 0, 0)
        for part in tier.parts {
            part.withLock { shard in
                counted += shard.policy.weight
                bytes += shard.bytes
                entries += shard.count
            }
        }
        return (counted, bytes, entries)
    }

    @Test(arguments: [1, 4])
    func otherBoundsChangeWhatThePolicyCounts(shards: Int) {
        let tier = tier(entries: 1_000, bytes: 1 << 30, shards: shards)
        for number in 0..<1_000 { tier.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: number)) }
        var weights = Self.weights(tier)
        #expect(weights.counted == weights.entries && weights.entries > 900)
        tier.setBounds(entries: 1_000_000, bytes: 100_000)
        weights = Self.weights(tier)
        #expect(weights.counted == weights.bytes && weights.bytes <= 100_000 && weights.bytes > 90_000)
        for number in 0..<1_000 {
            tier.put(CacheKey("l\(number)"), Entry.make(number, until: later, weight: number))
            if number % 3 == 0 { _ = tier.remove(CacheKey("k\(number)")) }
        }
        weights = Self.weights(tier)
        #expect(weights.counted == weights.bytes)
        tier.setBounds(entries: 50, bytes: 1 << 30)
        weights = Self.weights(tier)
        #expect(weights.counted == weights.entries && weights.entries <= 50 && weights.entries > 40)
    }

    @Test func whatOutlivesAChangeOfTheUnitIsWhatIsUsed() {
        let tier = tier(entries: 1_000, bytes: 1 << 30)
        for number in 0..<1_000 { tier.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 100)) }
        for _ in 0..<4 {
            for number in 0..<100 { _ = tier.lookup(CacheKey("k\(number)"), as: Int.self, now: time.now()) }
        }
        tier.setBounds(entries: 1_000_000, bytes: 20_000)
        let kept = (0..<100).count { tier.peek(CacheKey("k\($0)"), now: time.now()) != nil }
        #expect(kept >= 90)
    }

    @Test func shrinkingLetsGoAndKeepsTheBound() async throws {
        let cache = nodes.memoryOnly()
        for number in 0..<1_000 { try await cache.set(CacheKey("k\(number)"), to: number) }
        let full = cache.statistics().memoryBytes
        cache.shrink(to: full / 4)
        #expect(cache.statistics().memoryBytes <= full / 4 && cache.statistics().cacheSize > 200)
        for number in 0..<1_000 { try await cache.set(CacheKey("k\(number)"), to: number) }
        #expect(cache.statistics().memoryBytes == full)
        cache.shrink(to: -1)
        #expect(cache.statistics().cacheSize == 0)
    }

    @Test func scenario17_weightsNearTheEndOfIntegersDoNotOverflow() {
        let tier = tier(bytes: .max, shards: 4)
        for number in 0..<10 {
            tier.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: .max - number))
        }
        for number in 0..<10 { tier.put(CacheKey("l\(number)"), Entry.make(number, until: later, weight: 1 << 47)) }
        tier.put("negative", Entry.make(1, until: later, weight: .min))
        #expect(tier.ledger.bytes == 10 << 47)
        #expect(tier.size().entries == 11)
        #expect(tier.removeAll() == 11 && tier.ledger.bytes == 0)
    }

    @Test(arguments: [1, 4])
    func scenario18_theAccountsReturnToZero(shards: Int) {
        let tier = tier(entries: 200, bytes: 20_000, shards: shards)
        var generator = SplitMix64(seed: 18)
        for step in 0..<20_000 {
            let key = CacheKey("k\(Int.random(in: 0..<400, using: &generator))")
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: _ = tier.remove(key)
            case 1: time.advance(by: .milliseconds(20))
            case 2: _ = tier.lookup(key, as: Int.self, now: time.now())
            default:
                let life = Duration.milliseconds(Int.random(in: 1..<3_000, using: &generator))
                tier.put(
                    key,
                    Entry.make(
                        step,
                        until: time.now().advanced(by: life),
                        weight: Int.random(in: 0..<400, using: &generator)
                    )
                )
            }
            if step % 5_000 == 4_999 { _ = tier.removeAll() }
        }
        for number in 0..<200 { _ = tier.remove(CacheKey("k\(number)")) }
        time.advance(by: .seconds(10))
        let size = tier.size()
        #expect(size.entries == 0 && size.bytes == 0)
        let left = size.removals.reduce(0, +) - size[.refused]
        #expect(size.insertions == left)
    }

    @Test func severalCachesShareOneBudget() {
        let budget = MemoryBudget(maximumBytes: 10_000)
        let first = tier(budget: budget)
        var second: MemoryTier? = tier(budget: budget)
        for number in 0..<100 { first.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 100)) }
        #expect(budget.bytes == 10_000)
        for number in 0..<50 {
            second?.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 100))
            #expect(budget.bytes <= 10_000)
        }
        #expect(second?.ledger.entries == 50 && first.ledger.entries == 50)
        budget.setMaximumBytes(3_000)
        #expect(budget.bytes <= 3_000)
        for tier in [first, second] { #expect((10...20).contains(tier?.ledger.entries ?? 0)) }
        _ = first.removeAll()
        #expect(budget.bytes == second?.ledger.bytes)
        second = nil
        #expect(budget.bytes == 0)
    }
}
