import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// `docs/scenarios-memory-tier.md`, scenarios 28 to 34, as far as they are of the memory tier alone.
@Suite(.timeLimit(.minutes(1))) struct MemoryConcurrencyTests {
    private let nodes = Nodes()

    @Test func scenarios28And29_aThreadFindsWhatItWroteAndNoValueIsTorn() async {
        let time = nodes.time
        let later = time.now().advanced(by: .seconds(1_000))
        var configuration = MemoryConfiguration()
        configuration.maximumEntries = 100_000
        configuration.shards = 4
        let tier = MemoryTier(configuration: configuration, timeSource: time)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    var generator = SplitMix64(seed: UInt64(thread))
                    var model: [Int: [Int]] = [:]
                    for step in 0..<5_000 {
                        let number = Int.random(in: 0..<50, using: &generator)
                        let own = CacheKey("own", "\(thread)", "\(number)")
                        switch step % 4 {
                        case 0:
                            let value = [step, thread, step]
                            tier.put(own, Entry.make(value, Entry.metadata(until: later)))
                            model[number] = value
                        case 1 where step % 20 == 1:
                            #expect(tier.remove(own) == (model[number] != nil))
                            model[number] = nil
                        default:
                            #expect(tier.lookup(own, as: [Int].self, now: time.now())?.value == model[number])
                        }
                        // Keys that all write: a value is whole, whoever wrote it.
                        let shared = CacheKey("shared", "\(number % 5)")
                        tier.put(shared, Entry.make([thread, step, thread &+ step], Entry.metadata(until: later)))
                        let seen = tier.lookup(shared, as: [Int].self, now: time.now())?.value
                        #expect(seen.map { $0.count == 3 && $0[0] &+ $0[1] == $0[2] } ?? false)
                    }
                }
            }
        }
    }

    @Test func scenario32_theListenerAndTheWeigherMayCallBack() async throws {
        let holder = Holder()
        let seen = Mutex<[RemovalReason: Int]>([:])
        let cache = nodes.memoryOnly { configuration in
            configuration.memory.maximumEntries = 8
            configuration.onRemoval = { removal in
                seen.withLock { $0[removal.reason, default: 0] += 1 }
                _ = try? holder.cache?.onlyIfPresent(CacheKey(escapedText: removal.key), as: Int.self)
                _ = holder.cache?.statistics()
            }
            configuration.weigh = { key, _, bytes in
                _ = try? holder.cache?.onlyIfPresent(key, as: Int.self)
                return bytes
            }
        }
        holder.set(cache)
        for number in 0..<20 { try await cache.set(CacheKey("k\(number)"), to: number) }
        try await cache.set("k19", to: 1)
        try await cache.set("k19", to: 2)
        _ = try await cache.delete("k19")
        try await cache.set("brief", to: 1, options: .timeToLive(.seconds(1)))
        nodes.time.advance(by: .seconds(2))
        _ = cache.statistics()
        _ = try await cache.clear()
        let counts = cache.statistics().removals
        #expect(seen.withLock { $0 } == counts.filter { $0.value > 0 })
        #expect(counts[.removed] == 1 && counts[.cleared] ?? 0 > 0 && (counts[.replaced] ?? 0) >= 1)
        holder.set(nil)
    }

    @Test func scenario33_everyValueIsReleasedOnce() async {
        let alive = Alive()
        final class Counted: Sendable {
            let alive: Alive
            init(_ alive: Alive) {
                self.alive = alive
                alive.count.add(1, ordering: .relaxed)
            }
            deinit { alive.count.subtract(1, ordering: .relaxed) }
        }
        let time = nodes.time
        do {
            var configuration = MemoryConfiguration()
            configuration.maximumEntries = 100
            configuration.shards = 2
            let tier = MemoryTier(configuration: configuration, timeSource: time)
            await withTaskGroup(of: Void.self) { group in
                for thread in 0..<4 {
                    group.addTask {
                        var generator = SplitMix64(seed: UInt64(thread))
                        for step in 0..<3_000 {
                            let key = CacheKey("k\(Int.random(in: 0..<300, using: &generator))")
                            let life = Duration.milliseconds(Int.random(in: 1..<100, using: &generator))
                            let metadata = Entry.metadata(until: time.now().advanced(by: life))
                            let value = Counted(alive)
                            // In place, and in a box.
                            if step % 2 == 0 {
                                tier.put(key, Entry.make(value, metadata))
                            } else {
                                tier.put(key, Entry.make(Wide(value: value), metadata))
                            }
                            if step % 5 == 0 { _ = tier.remove(key) }
                            if step % 50 == 0 { time.advance(by: .milliseconds(1)) }
                            _ = tier.lookup(key, as: Counted.self, now: time.now())
                            if step == 2_000 { _ = tier.removeAll() }
                        }
                    }
                }
            }
            let entries = tier.size().entries
            #expect(alive.count.load(ordering: .relaxed) == entries && entries <= 100)
        }
        #expect(alive.count.load(ordering: .relaxed) == 0)
    }

    @Test func scenario34_nothingRunsAfterTheEndAndClosingTwiceIsHarmless() async throws {
        let cache = nodes.memoryOnly()
        let run = Task { try await cache.run() }
        await nodes.time.waitForSleepers(atLeast: 1)
        run.cancel()
        try await run.value
        #expect(nodes.time.sleepers == 0)
        cache.close()
        cache.close()
        await #expect(throws: CacheError.self) { try await cache.set("k", to: 1) }
    }

    @Test func anEntryWhoseLastOwnerCallsBackDoesNotDeadlock() async throws {
        final class CallsBack: Sendable {
            let holder: Holder
            init(_ holder: Holder) { self.holder = holder }
            deinit { _ = holder.cache?.statistics() }
        }
        let holder = Holder()
        let cache = nodes.memoryOnly { $0.memory.maximumEntries = 2 }
        holder.set(cache)
        let later = nodes.time.now().advanced(by: .seconds(10))
        for number in 0..<10 {
            cache.memory.put(CacheKey("k\(number % 4)"), Entry.make(CallsBack(holder), Entry.metadata(until: later)))
        }
        _ = cache.memory.removeAll()
        #expect(cache.statistics().cacheSize == 0)
        holder.set(nil)
    }
}

/// How many objects there are.
final class Alive: Sendable {
    let count: Atomic<Int>

    init(_ count: Int = 0) {
        self.count = Atomic(count)
    }
}

/// A value that does not fit into a slot.
private struct Wide: Sendable {
    var value: any Sendable
    var numbers = (1, 2, 3)
}

/// Lets closures of a configuration reach the cache that is made with it.
final class Holder: Sendable {
    private let state = Mutex<Cache?>(nil)

    var cache: Cache? { state.withLock { $0 } }

    func set(_ cache: Cache?) {
        state.withLock { $0 = cache }
    }
}
