import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// `docs/scenarios-memory-tier.md`, scenarios 35 to 37 and 41. What is measured in bytes and time stands in `scripts/bench memory`;
/// here is what it follows from.
@Suite struct MemorySpaceTests {
    private let nodes = Nodes()
    private let start = MonotonicInstant(nanoseconds: 0)
    private var later: MonotonicInstant { start.advanced(by: .seconds(100)) }

    @Test func aHitReadsOneLineOfTheProcessorsCache() {
        #expect(MemoryLayout<HotSlot>.stride == 64)
        #expect(MemoryLayout<ColdSlot>.stride == 40)
        var slots = SlotStore()
        for _ in 0..<600 {
            let slot = slots.allocate() ?? 0
            let address = UInt(bitPattern: slots.hot(slot))
            let place = UInt(bitPattern: slots.valuePlace(slot))
            #expect(address % 64 == 0)
            #expect(Int(place - address) == MemoryLayout<HotSlot>.offset(of: \.value))
        }
    }

    @Test func scenario35_aClearTakesEverythingOutInOneStepAndLetsGoOfItLater() {
        var shard = MemoryShard(maximumEntries: 10_000, maximumBytes: 1 << 30, now: start)
        for number in 0..<5_000 { shard.put(CacheKey("k\(number)"), Entry.make(number, until: later), now: start) }
        let taken = shard.takeAll()
        let used = shard.slots.used
        let capacity = shard.table.capacity
        #expect(used == 0 && capacity == 0)
        let live = taken.count(now: start, tells: nil).live
        #expect(live == 5_000)
        shard.put("k", Entry.make(1, until: later), now: start)
        let found = shard.peek("k", now: start)
        #expect(found != nil)
    }

    @Test func scenario36_anIdleCacheHasNoSlotsAndNoTimer() {
        let cache = nodes.memoryOnly {
            $0.memory.maximumEntries = 1_000_000
            $0.memory.maximumBytes = 1 << 30
        }
        #expect(nodes.time.sleepers == 0)
        for part in cache.memory.parts {
            let (used, capacity) = part.withLock { ($0.slots.used, $0.table.capacity) }
            #expect(used == 0 && capacity == 0)
        }
    }

    @Test func scenario36_anIdleCacheTakesLessThan64KiB() {
        let count = 100
        let before = ProcessUse.residentBytes
        let caches = (0..<count).map { _ in
            nodes.memoryOnly {
                $0.memory.maximumEntries = 1_000_000
                $0.memory.maximumBytes = 1 << 30
            }
        }
        let each = (ProcessUse.residentBytes - before) / count
        #expect(each < 64 * 1_024)
        withExtendedLifetime(caches) {}
    }

    @Test func scenario37_churnTakesNoMoreSlotsThanTheBound() {
        var shard = MemoryShard(maximumEntries: 1_000, maximumBytes: 1 << 30, now: start)
        for number in 0..<100_000 { shard.put(CacheKey("k\(number)"), Entry.make(number, until: later), now: start) }
        let used = shard.slots.used
        let capacity = shard.table.capacity
        #expect(used <= 1_001)
        #expect(capacity <= 2_000)
    }

    @Test func memoryOfAShardWhoseLastEntryDiedGoesBack() {
        var shard = MemoryShard(maximumEntries: 1_000, maximumBytes: 1 << 30, now: start)
        for number in 0..<1_000 { shard.put(CacheKey("k\(number)"), Entry.make(number, until: later), now: start) }
        while shard.purge(now: later.advanced(by: .seconds(1)), limit: 64) {}
        let used = shard.slots.used
        #expect(used == 0)
        shard.put("k", Entry.make("other type", Entry.metadata(until: .distantFuture)), now: start)
        let found = shard.peek("k", now: start)
        #expect(found?.value(as: String.self) == "other type")
    }

    private enum Leaving: CaseIterable {
        case shrunk, removed, foundDead
    }

    @Test(arguments: Leaving.allCases)
    private func memoryGoesBackHoweverTheLastEntryLeft(leaving: Leaving) {
        var shard = MemoryShard(maximumEntries: 1_000, maximumBytes: 1 << 30, now: start)
        for number in 0..<1_000 { shard.put(CacheKey("k\(number)"), Entry.make(number, until: later), now: start) }
        switch leaving {
        case .shrunk: while shard.giveSome(limit: 16, downTo: 0, now: start) {}
        case .removed: for number in 0..<1_000 { _ = shard.remove(CacheKey("k\(number)"), now: start) }
        case .foundDead: for number in 0..<1_000 { _ = shard.lookup(CacheKey("k\(number)"), now: later) }
        }
        let (count, used, capacity) = (shard.count, shard.slots.used, shard.table.capacity)
        #expect(count == 0 && used == 0 && capacity == 0)
    }

    @Test func oneChunkStaysWhereEntriesComeAndGoOneAtATime() {
        var shard = MemoryShard(maximumEntries: 1_000, maximumBytes: 1 << 30, now: start)
        for number in 0..<100 {
            shard.put(CacheKey("k\(number)"), Entry.make(number, until: later), now: start)
            _ = shard.remove(CacheKey("k\(number)"), now: start)
        }
        let (count, used) = (shard.count, shard.slots.used)
        #expect(count == 0 && used == 1)
    }

    @Test func theAllocatorIsAskedAfterALargeFallAndSeldom() {
        var schedule = TrimSchedule()
        let megabyte = 1_024 * 1_024
        var now = start
        // Megabytes held, seconds since the last look, and whether it is time to ask.
        let looks: [(megabytes: Int, pause: Int, isDue: Bool)] = [
            (100, 1, false), (51, 1, false), (50, 1, true),
            // What rises and falls all the time is asked for once in thirty seconds.
            (100, 1, false), (10, 1, false), (10, 27, false), (10, 1, true), (10, 60, false),
            // Half of little is little.
            (7, 60, false),
        ]
        for look in looks {
            now = now.advanced(by: .seconds(look.pause))
            let isDue = schedule.isDue(bytes: look.megabytes * megabyte, now: now)
            #expect(isDue == look.isDue, "\(look)")
        }
    }

    @Test func scenario41_whatWentInIsThereOrLeftForAReason() async throws {
        let cache = nodes.memoryOnly { $0.memory.maximumEntries = 50 }
        var generator = SplitMix64(seed: 41)
        var gets = 0
        for step in 0..<3_000 {
            let key = CacheKey("k\(Int.random(in: 0..<120, using: &generator))")
            switch step % 5 {
            case 0, 1: try await cache.set(key, to: step, options: .timeToLive(.milliseconds(step % 700 + 1)))
            case 2: nodes.time.advance(by: .milliseconds(3))
            case 3 where step % 15 == 3: _ = try await cache.delete(key)
            default:
                gets += 1
                _ = try await cache.get(key, as: Int.self)
            }
            if step == 1_500 { _ = try await cache.clear() }
        }
        let statistics = cache.statistics()
        #expect(statistics.total.hits + statistics.total.misses == gets)
        #expect(statistics.memory.hits == statistics.total.hits)
        let left = statistics.removals.filter { $0.key != .refused }.values.reduce(0, +)
        #expect(statistics.insertions - left == statistics.cacheSize)
        for reason in [RemovalReason.expired, .size, .replaced, .removed, .cleared] {
            #expect((statistics.removals[reason] ?? 0) > 0, "\(reason)")
        }
    }

    @Test func onlyIfPresentDisturbsNothing() async throws {
        let cache = nodes.memoryOnly { $0.defaultMaximumStaleness = .seconds(100) }
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(1)))
        let before = cache.statistics()
        #expect(try cache.onlyIfPresent("k") == 1)
        #expect(try cache.onlyIfPresent("k", as: String.self) == nil)
        #expect(try cache.onlyIfPresent("absent", as: Int.self) == nil)
        #expect(cache.statistics() == before)
        nodes.time.advance(by: .seconds(1))
        #expect(try cache.onlyIfPresent("k", as: Int.self) == nil)
        #expect(throws: CacheError.self) { try cache.onlyIfPresent("", as: Int.self) }
    }
}
