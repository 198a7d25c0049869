import Testing

@testable import Recuerde

/// Nothing grows as a whole under a lock: how much one call makes room for, or moves, is bounded whatever there is already. Counted, not timed.
@Suite struct MemoryGrowthTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    @Test(arguments: [1, 2])
    func aColumnReadsLikeADictionaryAndGrowsByAPieceAtMost(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var column = SlotColumn<UInt32>(filler: 7)
        var model: [UInt32: UInt32] = [:]
        for _ in 0..<3_000 {
            let slot = UInt32(generator.below(100_000))
            let room = column.room
            column[slot] = slot &+ 1
            model[slot] = slot &+ 1
            #expect(column.room - room <= SlotColumn<UInt32>.pieceSize)
            let other = UInt32(generator.below(200_000))
            #expect(column[other] == model[other] ?? 7)
        }
        column.update(10_000..<50_000) { $0 &*= 2 }
        for (slot, value) in model {
            #expect(column[slot] == ((10_000..<50_000).contains(slot) ? value &* 2 : value))
        }
        let written = model.keys.max() ?? 0
        var seen = 0
        column.update(0..<1_000_000) { _ in seen += 1 }
        #expect(seen == column.room && seen > Int(written) / 2)
    }

    @Test func aTableMovesASegmentAtMost() {
        var generator = SplitMix64(seed: 3)
        var table = SlotTable()
        var model: [UInt32: UInt32] = [:]
        var most = 0
        for slot in 0..<200_000 as Range<UInt32> {
            let hash = UInt32(truncatingIfNeeded: generator.next())
            let before = table.moved
            table.insert(hash, slot: slot)
            most = max(most, table.moved - before)
            model[slot] = hash
            if slot % 3 == 2, let gone = model.removeValue(forKey: slot / 3) { table.remove(gone, slot: slot / 3) }
        }
        // Segments below the limit grow by a half.
        #expect(most > SlotTable.largest / 2 && most <= SlotTable.largest * 2)
        let (count, capacity) = (table.count, table.capacity)
        #expect(count == model.count)
        // Between seven in twelve and seven in eight of the cells are in use where nothing goes; here a third has.
        #expect(capacity < model.count * 3)
        var missing = 0
        for (slot, hash) in model where table.find(hash, where: { $0 == slot }) != slot { missing += 1 }
        #expect(missing == 0)
        for (slot, hash) in model { table.remove(hash, slot: slot) }
        let left = table.count
        #expect(left == 0)
    }

    /// Hashes that begin alike are beyond what splitting can do; the table is as good as one of a single segment then.
    @Test func aTableOfHashesThatBeginAlikeStillHoldsThem() {
        var table = SlotTable()
        let count = UInt32(SlotTable.largest * 2)
        for slot in 0..<count { table.insert(.max - slot % 500, slot: slot) }
        var missing = 0
        for slot in 0..<count where table.find(.max - slot % 500, where: { $0 == slot }) != slot { missing += 1 }
        #expect(missing == 0)
        for slot in 0..<count { table.remove(.max - slot % 500, slot: slot) }
        let left = table.count
        #expect(left == 0)
    }

    /// Entries alike, then such as weigh differently, as makes the policy keep weights and an order by value.
    @Test func aPolicyMakesRoomInSmallStepsAlsoWhereItBeginsToWeigh() {
        var policy = EvictionPolicy(bound: 1 << 20, goal: .requests, seed: 4)
        var generator = SplitMix64(seed: 5)
        var most = 0
        for slot in 0..<60_000 as Range<UInt32> {
            let before = policy.room
            policy.insert(
                slot,
                hash: UInt32(truncatingIfNeeded: generator.next()),
                weight: slot < 40_000 ? 1 : 1 + generator.below(9),
                cost: 1
            )
            if slot % 50 == 49 { policy.remove(UInt32(generator.below(Int(slot)))) }
            most = max(most, policy.room - before)
        }
        // Seven columns and the sketch.
        #expect(most <= 7 * SlotColumn<UInt32>.pieceSize + FrequencySketch.growingStep)
        #expect(policy.room > 7 * 20_000)
    }

    @Test func aShardThatGrowsToManyEntriesNeverMovesMoreThanSome() {
        var shard = MemoryShard(maximumEntries: 1 << 20, maximumBytes: 1 << 40, now: start)
        let later = start.advanced(by: .seconds(100))
        var most = 0
        for number in 0..<60_000 {
            let before = shard.table.moved + shard.policy.room + chunks(shard)
            shard.put(CacheKey("k\(number)"), Entry.make(number, until: later), now: start)
            most = max(most, shard.table.moved + shard.policy.room + chunks(shard) - before)
        }
        #expect(most <= 2 * SlotTable.largest + SlotStore.chunkSize + 100)
        let found = (0..<60_000).allSatisfy { shard.peek(CacheKey("k\($0)"), now: start) != nil }
        #expect(found)
    }

    /// Slots that were initialised.
    private func chunks(_ shard: borrowing MemoryShard) -> Int {
        (Int(shard.slots.used) + SlotStore.chunkSize - 1) / SlotStore.chunkSize * SlotStore.chunkSize
    }
}
