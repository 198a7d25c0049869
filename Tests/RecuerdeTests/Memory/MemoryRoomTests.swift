import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// How room is made for newcomers: in steps, and with what others have.
@Suite(.timeLimit(.minutes(1))) struct MemoryRoomTests {
    private let time = ManualTimeSource()
    private var later: MonotonicInstant { time.now().advanced(by: .seconds(1_000)) }

    private func tier(
        bytes: Int,
        shards: Int = 1,
        listener: (@Sendable (MemoryRemoval) -> Void)? = nil
    ) -> MemoryTier {
        var configuration = MemoryConfiguration()
        configuration.maximumEntries = 100_000
        configuration.maximumBytes = bytes
        configuration.shards = shards
        return MemoryTier(configuration: configuration, timeSource: time, listener: listener)
    }

    @Test func noMoreThanSomeDozensGoUnderOneLock() {
        let now = time.now()
        var shard = MemoryShard(maximumEntries: 100_000, maximumBytes: 2_000 * 300, now: now)
        for number in 0..<2_000 {
            shard.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 300), now: now)
        }
        shard.put("heavy", Entry.make(0, until: later, weight: 300), now: now)
        for _ in 0..<12 { _ = shard.lookup("heavy", now: now) }
        _ = shard.remove("heavy", now: now)
        var room = MemoryRoom()
        var (steps, most) = (0, 0)
        var goesOn = true
        while goesOn, steps < 100 {
            let before = shard.count
            goesOn = shard.makeWay("heavy", weight: 300_000, cost: 0, isProvisional: false, room: &room, now: now)
            most = max(most, before - shard.count)
            let isWithin = shard.ledger.bytes <= 2_000 * 300 && shard.ledger.bytes >= shard.bytes + room.bytes
            #expect(isWithin)
            steps += 1
        }
        #expect(most <= MemoryShard.mostVictims && steps > 10 && steps < 20)
        #expect(room.bytes == 300_000 && room.entries == 1)
        shard.take(room)
        shard.put("heavy", Entry.make(1, until: later, weight: 300_000), now: now)
        let (isThere, bytes, reserved) = (shard.find("heavy") != nil, shard.bytes, shard.ledger.bytes)
        #expect(isThere && bytes == reserved)
    }

    @Test func withoutStepsNoMoreGoEither() {
        let now = time.now()
        var shard = MemoryShard(maximumEntries: 100_000, maximumBytes: 2_000 * 10, now: now)
        for number in 0..<2_000 {
            shard.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 10), now: now)
        }
        shard.put("heavy", Entry.make(0, until: later, weight: 10), now: now)
        for _ in 0..<12 { _ = shard.lookup("heavy", now: now) }
        _ = shard.remove("heavy", now: now)
        let before = shard.count
        shard.put("heavy", Entry.make(1, until: later, weight: 10_000), now: now)
        let (count, bytes, reserved) = (shard.count, shard.bytes, shard.ledger.bytes)
        #expect(count < before && count >= before - MemoryShard.mostVictims && bytes == reserved)
    }

    @Test(arguments: [1, 4], [false, true])
    func aHeavyEntryGetsItsRoomInSteps(shards: Int, isReplaced: Bool) {
        let tier = tier(bytes: 3_000 * 300, shards: shards)
        // Asked for often, so that it wins against those that are there.
        tier.put("heavy", Entry.make(0, until: later, weight: 300))
        for _ in 0..<12 { _ = tier.lookup("heavy", as: Int.self, now: time.now()) }
        if !isReplaced { _ = tier.remove("heavy") }
        for number in 0..<3_000 { tier.put(CacheKey("k\(number)"), Entry.make(number, until: later, weight: 300)) }
        let refused = tier.size()[.refused]
        var metadata = Entry.metadata(until: later, weight: 700_000)
        // One that grows in place would have its turn to go among the others, but for this.
        metadata.isProvisional = isReplaced
        tier.put("heavy", Entry.make(1, metadata))
        #expect(tier.peek("heavy", now: time.now())?.value(as: Int.self) == 1)
        let size = tier.size()
        #expect(size.bytes <= 900_000 && size.bytes >= 700_000 && size[.refused] == refused)
        #expect(tier.removeAll() == size.entries && tier.ledger.bytes == 0 && tier.ledger.entries == 0)
    }

    @Test func whoIsBusyIsWaitedForBeforeANewcomerIsRefused() async {
        let refusals = Mutex<[RemovalReason]>([])
        let tier = tier(bytes: 3_000, shards: 2) { removal in refusals.withLock { $0.append(removal.reason) } }
        // All that there is stands in one part.
        let first = tier.parts[0]
        var number = 0
        while tier.ledger.bytes < 3_000 {
            let key = CacheKey("k\(number)")
            if tier.part(of: key) == first { tier.put(key, Entry.make(number, until: later, weight: 300)) }
            number += 1
        }
        while tier.part(of: CacheKey("n\(number)")) == first { number += 1 }
        let key = CacheKey("n\(number)")
        let entry = Entry.make(7, until: later, weight: 300)
        let asked = tier.giver.load(ordering: .relaxed)
        let held = Alive()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                first.withLock { _ in
                    held.count.store(1, ordering: .releasing)
                    // Until the other one has asked, and found the lock taken; bounded, should it never ask.
                    for _ in 0..<50_000_000 where tier.giver.load(ordering: .relaxed) < asked + 2 {}
                }
            }
            group.addTask {
                while held.count.load(ordering: .acquiring) == 0 { await Task.yield() }
                tier.put(key, entry)
            }
        }
        #expect(tier.peek(key, now: time.now())?.value(as: Int.self) == 7)
        #expect(refusals.withLock { $0 } == [.weight])
        #expect(tier.ledger.bytes <= 3_000)
    }
}
