import Testing

@testable import Recuerde

struct SlotQueueTests {
    @Test func `two queues over the same links behave like two arrays under random operations`() {
        var links = SlotLinks()
        var queues = [SlotQueue(), SlotQueue()]
        // Newest first.
        var models: [[UInt32]] = [[], []]
        var generator = SplitMix64(seed: 3)
        for _ in 0..<5_000 {
            let slot = UInt32(generator.below(64))
            if let at = models.firstIndex(where: { $0.contains(slot) }) {
                links.take(slot, weight: Int(slot), outOf: &queues[at])
                models[at].removeAll { $0 == slot }
            } else {
                let at = generator.below(2)
                links.push(slot, weight: Int(slot), into: &queues[at])
                models[at].insert(slot, at: 0)
            }
            for at in 0..<2 {
                #expect(queues[at].tail == models[at].last ?? SlotQueue.none)
                #expect(queues[at].head == models[at].first ?? SlotQueue.none)
                #expect(queues[at].count == models[at].count)
                #expect(queues[at].weight == models[at].reduce(0) { $0 + Int($1) })
                #expect(queues[at].isEmpty == models[at].isEmpty)
            }
        }
    }

    @Test func `an index of hashes behaves like a dictionary under random operations`() {
        var index = HashIndex()
        var model: [UInt32: UInt32] = [:]
        var generator = SplitMix64(seed: 4)
        for step in 0..<20_000 {
            // Few hashes, so that they come again and chains get long.
            let hash = UInt32(generator.below(300)) &* 0x0101_0101
            if model[hash] != nil, generator.below(2) == 0 {
                index.remove(hash)
                model[hash] = nil
            } else if model[hash] == nil {
                index.insert(hash, slot: UInt32(step))
                model[hash] = UInt32(step)
            }
            index.remove(301 &* 0x0101_0101)
            let other = UInt32(generator.below(300)) &* 0x0101_0101
            #expect(index[other] == model[other])
        }
        for (hash, slot) in model { #expect(index[hash] == slot) }
    }
}
