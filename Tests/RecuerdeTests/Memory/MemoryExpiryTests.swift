import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// `docs/scenarios-memory-tier.md`, scenarios 1 to 10.
@Suite(.timeLimit(.minutes(1))) struct MemoryExpiryTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    @Test(arguments: [Duration.milliseconds(1), .seconds(1), .seconds(3_600), .seconds(86_400 * 365 * 10)])
    func scenario1_readableOneNanosecondBeforeTheDeadlineAndAbsentAtIt(life: Duration) async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(life))
        time.advance(by: life - .nanoseconds(1))
        #expect(try await cache.get("k") == 1)
        time.advance(by: .nanoseconds(1))
        #expect(try await cache.get("k", as: Int.self) == nil)
        time.advance(by: .seconds(86_400))
        #expect(try await cache.get("k", as: Int.self) == nil)
    }

    @Test(arguments: [Int64(-86_400), 86_400])
    func scenario3_civilTimeMayJumpAndNoEntryLivesLongerOrShorter(seconds: Int64) async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(10)))
        time.setUnixTime(time.unixTime().advanced(by: .seconds(seconds)))
        time.advance(by: .seconds(10) - .nanoseconds(1))
        #expect(try await cache.get("k") == 1)
        time.advance(by: .nanoseconds(1))
        #expect(try await cache.get("k", as: Int.self) == nil)
    }

    @Test func scenario4_anOverwriteReplacesTheDeadlineExactly() async throws {
        let cache = nodes.memoryOnly { $0.defaultTimeToLive = .seconds(1_000) }
        try await cache.set("shorter", to: 1, options: .timeToLive(.seconds(100)))
        try await cache.set("shorter", to: 2, options: .timeToLive(.seconds(5)))
        try await cache.set("longer", to: 1, options: .timeToLive(.seconds(5)))
        try await cache.set("longer", to: 2, options: .timeToLive(.seconds(100)))
        try await cache.set("default", to: 1, options: .timeToLive(.seconds(5)))
        try await cache.set("default", to: 2)
        time.advance(by: .seconds(5))
        #expect(try await cache.get("shorter", as: Int.self) == nil)
        #expect(try await cache.get("longer") == 2)
        time.advance(by: .seconds(95))
        #expect(try await cache.get("longer", as: Int.self) == nil)
        #expect(try await cache.get("default") == 2)
        time.advance(by: .seconds(900))
        #expect(try await cache.get("default", as: Int.self) == nil)
    }

    @Test(arguments: [Int64(1 << 20), 64 << 20, 4_096 << 20])
    func scenario9_noDeadEntryIsCountedHoweverManyFallDueTogether(border: Int64) {
        var configuration = MemoryConfiguration()
        configuration.maximumEntries = 100_000
        configuration.maximumBytes = 1 << 30
        configuration.shards = 1
        let tier = MemoryTier(configuration: configuration, timeSource: time)
        // Just before a border of the wheel's ticks, where what is due lies among what is not.
        let due = (time.now().nanoseconds / border + 2) * border - 1
        for number in 0..<30_000 {
            let wait = Int64(number % 3) * 5_000_000
            let until = MonotonicInstant(nanoseconds: due + (number % 6 == 1 ? 1 : wait))
            tier.put(CacheKey("k\(number)"), Entry.make(number, until: until))
        }
        time.advance(by: .nanoseconds(due - time.now().nanoseconds))
        #expect(tier.size().entries == 20_000)
        #expect(tier.size().expirations == 10_000)
        time.advance(by: .nanoseconds(1))
        #expect(tier.size().entries == 15_000)
        time.advance(by: .nanoseconds(10_000_000 - 1))
        #expect(tier.size().entries == 0)
    }

    @Test func whatWasDeadAlreadyHasExpiredWhateverTookIt() {
        var configuration = MemoryConfiguration()
        configuration.maximumEntries = 2
        configuration.shards = 1
        let told = Mutex<[RemovalReason]>([])
        let tier = MemoryTier(configuration: configuration, timeSource: time) { removal in
            told.withLock { $0.append(removal.reason) }
        }
        func put(_ key: CacheKey, life: Int64 = 1) {
            tier.put(key, Entry.make(1, until: time.now().advanced(by: .nanoseconds(life))))
        }
        put("k")
        time.advance(by: .nanoseconds(1))
        put("k")
        time.advance(by: .nanoseconds(1))
        #expect(tier.removeAll() == 0)
        put("a")
        put("b")
        time.advance(by: .nanoseconds(1))
        put("c", life: 1_000_000_000)
        let size = tier.size()
        #expect(size.entries == 1)
        #expect(size.removals[RemovalReason.Wrapped.expired.rawValue] == 4 && size.removals.reduce(0, +) == 4)
        #expect(told.withLock { $0 } == Array(repeating: .expired, count: 4))
    }

    private enum Way: CaseIterable {
        case upTo, allUpTo, same, settled, absent, restored, given, trimmed, acknowledged
    }

    @Test(arguments: Way.allCases)
    private func whatWasDeadAlreadyHasExpiredOnEveryWayOut(way: Way) {
        var configuration = MemoryConfiguration()
        configuration.shards = 1
        let told = Mutex<[RemovalReason]>([])
        let tier = MemoryTier(configuration: configuration, timeSource: time) { removal in
            told.withLock { $0.append(removal.reason) }
        }
        // Just before the end of a tick, so that the wheel does not come first.
        time.advance(by: .nanoseconds((1 << 20) - time.now().nanoseconds % (1 << 20) + 5))
        let metadata = Entry.metadata(until: time.now().advanced(by: .nanoseconds(1)))
        let entry =
            way == .restored
            ? Entry.make(RestoredValue(bytes: [], fingerprint: TypeFingerprint(of: Int.self)), metadata)
            : Entry.make(1, metadata)
        let own = tier.putGuarded("k", entry)
        time.advance(by: .nanoseconds(1))
        let stamp = Stamp(microseconds: 1)
        switch way {
        case .upTo: tier.removeUpTo(stamp, "k", isAcknowledged: true)
        case .allUpTo: tier.removeAllUpTo(stamp)
        case .same: tier.removeIfSame("k", as: entry)
        case .settled: tier.settle("k", stamp: stamp, final: stamp, survives: false)
        case .absent: tier.removeUnlessProvisional("k")
        case .restored: tier.removeRestored("k", stamp: stamp)
        case .given: tier.shrink(toBytes: 0)
        case .trimmed: tier.setBounds(entries: 0, bytes: 0)
        case .acknowledged:
            let later = tier.openGuard("k")
            tier.acknowledge(later, "k", Entry.make(2, metadata), stamp: Stamp(microseconds: 1), voidsFills: false)
            tier.acknowledge(own, "k", entry, stamp: .zero, voidsFills: false)
        }
        #expect(told.withLock { $0 } == [.expired])
        #expect(tier.size()[.expired] == 1 && tier.ledger.entries == 0)
    }

    @Test func aLifetimeCanBeChangedInPlace() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(5)))
        let late = time.now().advanced(by: .seconds(50))
        #expect(cache.memory.setLifetime("k", logicalExpiry: late, physicalExpiry: late))
        time.advance(by: .seconds(50) - .nanoseconds(1))
        #expect(try await cache.get("k") == 1)
        #expect(cache.memory.setLifetime("k", logicalExpiry: time.now(), physicalExpiry: time.now()))
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(cache.memory.ledger.bytes == 0)
        #expect(!cache.memory.setLifetime("k", logicalExpiry: late, physicalExpiry: late))
    }

    @Test func scenario5_theUpkeepGivesAllTheDeadBackWithoutAnyCall() async throws {
        let cache = nodes.memoryOnly {
            $0.memory.maximumEntries = 1_000_000
            $0.memory.maximumBytes = 1 << 30
        }
        var generator = SplitMix64(seed: 5)
        let start = time.now()
        for number in 0..<1_000_000 {
            let life = Duration.milliseconds(Int.random(in: 1...100_000, using: &generator))
            cache.memory.put(CacheKey("k\(number)"), Entry.make(number, until: start.advanced(by: life)))
        }
        #expect(cache.memory.ledger.entries > 900_000)
        let run = Task { try await cache.run() }
        await time.waitForSleepers(atLeast: 1)
        // The longest life and one tick of the wheel.
        time.advance(by: .milliseconds(100_000) + .nanoseconds(1 << 20))
        await time.waitForSleepers(atLeast: 1)
        #expect(cache.memory.ledger.entries == 0 && cache.memory.ledger.bytes == 0)
        run.cancel()
        try await run.value
    }

    @Test func scenario6_noLockIsHeldForMoreThanSomeSteps() {
        let start = MonotonicInstant(nanoseconds: 0)
        var shard = MemoryShard(maximumEntries: 100_000, maximumBytes: 1 << 40, now: start)
        let due = start.advanced(by: .seconds(3_600))
        for number in 0..<20_000 { shard.put(CacheKey("k\(number)"), Entry.make(number, until: due), now: start) }
        let now = due.advanced(by: .seconds(1))
        shard.put("one more", Entry.make(1, until: now.advanced(by: .seconds(1))), now: now)
        let afterWrite = shard.count
        #expect(afterWrite >= 20_001 - 8)
        var before = shard.count
        var longest = 0
        while shard.purge(now: now, limit: 64) {
            longest = max(longest, before - shard.count)
            before = shard.count
        }
        #expect(longest <= 64)
        let left = shard.count
        #expect(left == 1)
    }

    @Test func scenario7_theRemainingLifeIsTold() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(100)))
        time.advance(by: .seconds(40))
        #expect(try await cache.result(for: "k", as: Int.self)?.provenance.remaining == .seconds(60))
        #expect(try await cache.explain("k").memory?.remaining == .seconds(60))
    }

    @Test func scenario8_aDeadlineAtTheEndOfTimeDoesNotOverflow() {
        let late = MonotonicInstant(nanoseconds: .max - 10)
        var shard = MemoryShard(maximumEntries: 10, maximumBytes: 1 << 20, now: late)
        shard.put("k", Entry.make(1, until: .distantFuture), now: late)
        let found = shard.peek("k", now: MonotonicInstant(nanoseconds: .max - 1))
        #expect(found?.value(as: Int.self) == 1)
        let more = shard.purge(now: .distantFuture, limit: 10)
        #expect(!more)
    }

    @Test func scenario9_nothingShowsAnExpiredEntry() async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .timeToLive(.seconds(1)))
        try await cache.set("l", to: 2, options: .timeToLive(.seconds(2)))
        time.advance(by: .seconds(1))
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try cache.onlyIfPresent("k", as: Int.self) == nil)
        #expect(try await !cache.contains("k"))
        #expect(try await cache.keys().keys == ["l"])
        #expect(cache.statistics().cacheSize == 1)
        let other = nodes.memoryOnly()
        #expect(other.restore(cache.snapshot()) == 1)
        time.advance(by: .seconds(1))
        #expect(other.restore(cache.snapshot()) == 0)
        #expect(cache.statistics().cacheSize == 0 && cache.statistics().memoryBytes == 0)
    }
}

/// Entries for tests of the tier's parts.
enum Entry {
    static func make(_ value: Int, until: MonotonicInstant, weight: Int = 10, stamp: Int64 = 1) -> MemoryEntry {
        make(value, metadata(until: until, weight: weight, stamp: stamp))
    }

    static func make<Value: Sendable>(_ value: Value, _ metadata: MemoryMetadata) -> MemoryEntry {
        TypedMemoryEntry(value: value, metadata: metadata)
    }

    static func metadata(until: MonotonicInstant, weight: Int = 10, stamp: Int64 = 1) -> MemoryMetadata {
        MemoryMetadata(
            stamp: Stamp(microseconds: stamp),
            createdAt: MonotonicInstant(nanoseconds: 0),
            logicalExpiry: until,
            physicalExpiry: until,
            weight: weight
        )
    }
}
