import RecuerdeTesting
import Testing

@testable import Recuerde

@Suite struct MemoryShardTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    private func entry(
        _ value: Int,
        stamp: Int64 = 1,
        weight: Int = 10,
        life: Duration = .seconds(100),
        provisional: Bool = false
    ) -> MemoryEntry {
        TypedMemoryEntry(
            value: value,
            metadata: MemoryMetadata(
                stamp: Stamp(microseconds: stamp),
                createdAt: start,
                logicalExpiry: start.advanced(by: life),
                physicalExpiry: start.advanced(by: life),
                weight: weight,
                isProvisional: provisional
            )
        )
    }

    private func shard(entries: Int = 100, bytes: Int = 1_000) -> MemoryShard {
        MemoryShard(maximumEntries: entries, maximumBytes: bytes, now: start)
    }

    @Test func whatIsUsedStaysWhenOneHasToGo() {
        var shard = shard(entries: 3)
        for number in 0..<3 { shard.put("k\(number)", entry(number), now: start) }
        for _ in 0..<4 { _ = shard.lookup("k0", now: start) }
        shard.put("k3", entry(3), now: start)
        let found2 = shard.lookup("k0", now: start)
        #expect(found2?.value(as: Int.self) == 0)
        let seen1 = shard.count == 3
        #expect(seen1)
        let seen2 = shard.evictions + shard.removals(.refused) == 1
        #expect(seen2)
    }

    @Test func weightsAreBoundedAndReturnToZero() {
        var shard = shard(bytes: 100)
        var generator = SplitMix64(seed: 3)
        for step in 0..<5_000 {
            let key = CacheKey("k\(Int.random(in: 0..<40, using: &generator))")
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: _ = shard.remove(key, now: start)
            case 1: _ = shard.lookup(key, now: start)
            default: shard.put(key, entry(step, weight: Int.random(in: 0..<120, using: &generator)), now: start)
            }
            let seen3 = shard.bytes <= 100
            #expect(seen3)
        }
        _ = shard.removeAll(now: start)
        let seen4 = shard.bytes == 0 && shard.count == 0
        #expect(seen4)
    }

    @Test func anEntryHeavierThanTheBoundIsRefusedAndTakesAwayOnlyItsOwnPast() {
        var shard = shard(bytes: 100)
        shard.put("small", entry(1), now: start)
        shard.put("big", entry(2), now: start)
        shard.put("big", entry(3, weight: 101), now: start)
        shard.put("absurd", entry(4, weight: .max), now: start)
        let found3 = shard.lookup("big", now: start)
        #expect(found3 == nil)
        let found4 = shard.lookup("small", now: start)
        #expect(found4 != nil)
        let seen5 = shard.evictions == 0
        #expect(seen5)
    }

    @Test func expiryIsExactToTheNanosecond() {
        var shard = shard()
        shard.put("k", entry(1, life: .nanoseconds(5)), now: start)
        let found5 = shard.lookup("k", now: start.advanced(by: .nanoseconds(4)))
        #expect(found5 != nil)
        let seen6 = shard.peek("k", now: start.advanced(by: .nanoseconds(5))) == nil
        #expect(seen6)
        let found6 = shard.lookup("k", now: start.advanced(by: .nanoseconds(5)))
        #expect(found6 == nil)
        let seen7 = shard.bytes == 0
        #expect(seen7)
    }

    @Test func theDeadAreGivenBackWithoutBeingAskedFor() {
        var shard = shard(entries: 10_000, bytes: 1 << 30)
        for number in 0..<5_000 {
            shard.put("k\(number)", entry(number, life: .milliseconds(number + 1)), now: start)
        }
        while shard.purge(now: start.advanced(by: .seconds(10)), limit: 64) {}
        let seen8 = shard.count == 0 && shard.bytes == 0
        #expect(seen8)
        let seen9 = shard.expirations == 5_000
        #expect(seen9)
    }

    @Test func aValueOfAnotherTypeIsNotGivenOut() {
        var shard = shard()
        shard.put("k", entry(1), now: start)
        let found = shard.lookup("k", now: start)
        #expect(found?.value(as: String.self) == nil)
        #expect(found?.value(as: Int?.self) == nil)
        #expect(found?.value(as: Int.self) == 1)
    }

    @Test func aFillIsVoidOnceItsKeyWasWrittenOrRemoved() {
        for intervene in [
            { (shard: inout MemoryShard) in _ = shard.remove("k", now: start) },
            { shard in shard.put("k", entry(9, stamp: 9), now: start) },
            { shard in _ = shard.removeAll(now: start) },
        ] {
            var shard = shard()
            let before = shard.openGuard("k")
            intervene(&shard)
            let after = shard.openGuard("k")
            let seen10 = !shard.isValid(before, of: "k")
            #expect(seen10)
            let seen11 = shard.isValid(after, of: "k")
            #expect(seen11)
            let filledLate = shard.closeGuard(before, of: "k", filling: entry(1), now: start)
            #expect(!filledLate)
            let seen12 = shard.peek("k", now: start)?.value(as: Int.self) != 1
            #expect(seen12)
            let filled = shard.closeGuard(after, of: "k", filling: entry(10, stamp: 10), now: start)
            #expect(filled)
        }
    }

    @Test func aFillDoesNotReplaceWhatIsNewer() {
        var shard = shard()
        shard.put("k", entry(2, stamp: 2), now: start)
        let fill = shard.openGuard("k")
        let filled = shard.closeGuard(fill, of: "k", filling: entry(1, stamp: 1), now: start)
        #expect(!filled)
        let found7 = shard.lookup("k", now: start)
        #expect(found7?.value(as: Int.self) == 2)
    }

    @Test func anAcknowledgementStampsTheEntryAndBringsNothingBack() {
        var shard = shard()
        let mine = entry(1, stamp: 50, provisional: true)
        let own = shard.putGuarded("k", mine, now: start)
        shard.acknowledge(own, "k", mine, stamp: Stamp(microseconds: 40), now: start)
        let seen13 = shard.peek("k", now: start)?.stamp == Stamp(microseconds: 40)
        #expect(seen13)
        let seen14 = shard.peek("k", now: start)?.isProvisional == false
        #expect(seen14)
        let again = shard.putGuarded("k", mine, now: start)
        _ = shard.remove("k", now: start)
        shard.acknowledge(again, "k", mine, stamp: Stamp(microseconds: 60), now: start)
        let seen15 = shard.peek("k", now: start) == nil
        #expect(seen15)
    }

    /// A read that was carried out before an own write, over another connection, and whose answer comes after that of the write.
    @Test func whatAWriteHasOvertakenIsNotFilledInOnceTheWriteIsEvicted() {
        var shard = shard()
        let mine = entry(1, stamp: 50, provisional: true)
        let own = shard.putGuarded("k", mine, now: start)
        let reading = shard.openGuard("k")
        shard.acknowledge(own, "k", mine, stamp: Stamp(microseconds: 60), now: start)
        while let slot = shard.find("k") { shard.release(slot, .size, now: start) }
        let filled = shard.closeGuard(reading, of: "k", filling: entry(0, stamp: 40), now: start)
        #expect(!filled)
        // The write itself, or what came after it, may be.
        let later = shard.openGuard("k")
        let refilled = shard.closeGuard(later, of: "k", filling: entry(1, stamp: 60), now: start)
        #expect(refilled)
    }

    @Test(arguments: [true, false])
    func ofTwoConcurrentWritesTheOneStampedLaterStaysOrNone(firstIsAcknowledgedFirst: Bool) {
        var shard = shard()
        let first = entry(1, stamp: 1, provisional: true)
        let second = entry(2, stamp: 2, provisional: true)
        let ownFirst = shard.putGuarded("k", first, now: start)
        let ownSecond = shard.putGuarded("k", second, now: start)
        // The remote tier carried out the second one before the first.
        if firstIsAcknowledgedFirst {
            shard.acknowledge(ownFirst, "k", first, stamp: Stamp(microseconds: 11), now: start)
            shard.acknowledge(ownSecond, "k", second, stamp: Stamp(microseconds: 10), now: start)
            let seen16 = shard.peek("k", now: start) == nil
            #expect(seen16)
        } else {
            shard.acknowledge(ownSecond, "k", second, stamp: Stamp(microseconds: 10), now: start)
            shard.acknowledge(ownFirst, "k", first, stamp: Stamp(microseconds: 11), now: start)
            let seen17 = shard.peek("k", now: start)?.value(as: Int.self) == 1
            #expect(seen17)
        }
    }

    @Test func ofTwoOnTheirWayTheLaterStampStaysWhicheverComesFirst() {
        var shard = shard()
        shard.put("k", entry(2, stamp: 2, provisional: true), now: start)
        shard.put("k", entry(1, stamp: 1, provisional: true), now: start)
        let seen18 = shard.peek("k", now: start)?.value(as: Int.self) == 2
        #expect(seen18)
    }

    @Test func aRemovalTakesWhatCameWhileItWentOn() {
        var shard = shard()
        let fill = shard.openGuard("k")
        let filled = shard.closeGuard(fill, of: "k", filling: entry(1, stamp: 5), now: start)
        #expect(filled)
        let late = shard.openGuard("k")
        shard.removeUpTo(Stamp(microseconds: 9), "k", isAcknowledged: true, now: start)
        let seen19 = shard.peek("k", now: start) == nil
        #expect(seen19)
        let seen20 = !shard.isValid(late, of: "k")
        #expect(seen20)
        shard.put("k", entry(2, stamp: 10), now: start)
        shard.removeUpTo(Stamp(microseconds: 9), "k", isAcknowledged: true, now: start)
        let seen21 = shard.peek("k", now: start)?.value(as: Int.self) == 2
        #expect(seen21)
    }

    @Test(arguments: [(10_000, 64 << 20, 2, 8), (64, 64 << 20, 2, 1), (1 << 20, 1 << 30, 64, 64), (0, 0, 4, 1)])
    func smallBoundsUseOneShard(entries: Int, bytes: Int, processors: Int, expected: Int) {
        var configuration = MemoryConfiguration()
        configuration.maximumEntries = entries
        configuration.maximumBytes = bytes
        #expect(configuration.shardCount(processors: processors) == expected)
    }

    @Test func theWholeTierKeepsItsBoundWhileManyWrite() async {
        let time = ManualTimeSource()
        var configuration = MemoryConfiguration()
        configuration.maximumEntries = 5_000
        configuration.maximumBytes = 32 << 20
        let tier = MemoryTier(configuration: configuration, timeSource: time)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<3_000 {
                        let now = time.now()
                        tier.put(
                            CacheKey("w\(writer)", "\(number)"),
                            TypedMemoryEntry(
                                value: number,
                                metadata: MemoryMetadata(
                                    stamp: Stamp(microseconds: 1),
                                    createdAt: now,
                                    logicalExpiry: now.advanced(by: .seconds(9)),
                                    physicalExpiry: now.advanced(by: .seconds(9)),
                                    weight: 10_000
                                )
                            )
                        )
                    }
                }
            }
            group.addTask {
                for _ in 0..<200 {
                    let size = tier.size()
                    #expect(size.entries <= 5_000 && size.bytes <= 32 << 20)
                    await Task.yield()
                }
            }
        }
        #expect(tier.size().bytes <= 32 << 20)
        _ = tier.removeAll()
        #expect(tier.size().entries == 0)
    }
}
