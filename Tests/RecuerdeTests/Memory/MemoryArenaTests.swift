import Testing

@testable import Recuerde

@Suite struct MemoryArenaTests {
    @Test(arguments: 1...4)
    func aMapOfARegionAgreesWithAnArrayOfItsUnits(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var map = BlockMap()
        var model = [Bool](repeating: false, count: BlockMap.units)
        var runs: [(first: Int, count: Int)] = []
        let longest = [3, 64, 200, 1_024][seed - 1]
        for _ in 0..<2_000 {
            if Bool.random(using: &generator), let run = runs.randomElement(using: &generator) {
                map.free(run.first, count: run.count)
                runs.removeAll { $0.first == run.first }
                for unit in run.first..<run.first + run.count { model[unit] = false }
            } else {
                let count = Int.random(in: 1...longest, using: &generator)
                let expected = (0...(BlockMap.units - count)).first { first in
                    !model[first..<first + count].contains(true)
                }
                #expect(map.take(count) == expected)
                guard let expected else { continue }
                runs.append((expected, count))
                for unit in expected..<expected + count { model[unit] = true }
            }
            #expect(map.isEmpty == !model.contains(true))
            #expect(map.room == model.count { !$0 })
        }
        #expect(map.take(BlockMap.units + 1) == nil)
    }

    @Test func blocksDoNotMeetAndGoBackToTheSystem() {
        let arena = MemoryArena(threshold: 100_000)
        var generator = SplitMix64(seed: 5)
        var blocks: [(block: MemoryBlock, filling: UInt8)] = []
        func fills(_ block: MemoryBlock, _ byte: UInt8) -> Bool {
            UnsafeRawBufferPointer(start: block.start, count: block.byteCount).allSatisfy { $0 == byte }
        }
        for step in 0..<600 {
            if step % 3 == 2, !blocks.isEmpty {
                let (block, filling) = blocks.remove(at: Int.random(in: 0..<blocks.count, using: &generator))
                #expect(fills(block, filling))
                arena.deallocate(block)
            }
            // Now and then one that is larger than a region.
            let size = step % 100 == 99 ? SystemRegion.size + step : Int.random(in: 1...40_000, using: &generator)
            let block = arena.allocate(size)
            let filling = UInt8(truncatingIfNeeded: step)
            block.start.initializeMemory(as: UInt8.self, repeating: filling, count: block.byteCount)
            #expect(UInt(bitPattern: block.start) % 64 == 0)
            blocks.append((block, filling))
        }
        #if os(Linux)
            #expect(arena.mappedBytes > SystemRegion.size)
        #endif
        for (block, filling) in blocks {
            #expect(fills(block, filling))
            arena.deallocate(block)
        }
        #expect(arena.mappedBytes == 0)
    }

    @Test func aSmallShardAsksForNoRegionAndAGreatOneGivesThemBack() {
        let start = MonotonicInstant(nanoseconds: 0)
        let later = start.advanced(by: .seconds(100))
        var shard = MemoryShard(maximumEntries: 1_000_000, maximumBytes: 1 << 40, now: start)
        func put(_ numbers: Range<Int>) {
            for number in numbers { shard.put(CacheKey("k\(number)"), Entry.make(number, until: later), now: start) }
        }
        put(0..<10_000)
        let small = shard.arena.mappedBytes
        #expect(small == 0)
        put(10_000..<120_000)
        let great = shard.arena.mappedBytes
        #if os(Linux)
            #expect(great > 0)
        #endif
        // What the table had before it grew is filled with slots; less than two regions are not needed.
        let slots = (120_000 / SlotStore.chunkSize + 1) * SlotStore.chunkSize * (64 + 40)
        let needed = slots + shard.table.capacity * 8
        #expect(great <= needed - MemoryArena.threshold + 2 * SystemRegion.size)
        let found = (0..<120_000).allSatisfy { shard.peek(CacheKey("k\($0)"), now: start) != nil }
        #expect(found)
        _ = shard.removeAll(now: start)
        let left = shard.arena.mappedBytes
        #expect(left == 0)
    }
}
