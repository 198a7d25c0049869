import RecuerdeTesting
import Testing

@testable import Recuerde

@Suite struct SlotTableTests {
    @Test(arguments: 1...6)
    func itHoldsWhatADictionaryHolds(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var table = SlotTable()
        var model: [UInt32: UInt32] = [:]
        // Few hashes, so that they meet and go round the end.
        let spread: UInt32 = seed % 2 == 0 ? .max : 50
        var nextSlot: UInt32 = 0
        for _ in 0..<5_000 {
            if let slot = model.keys.randomElement(using: &generator), Int.random(in: 0..<5, using: &generator) < 2 {
                table.remove(model[slot] ?? 0, slot: slot)
                model[slot] = nil
            } else {
                let hash = UInt32.max - UInt32.random(in: 0..<spread, using: &generator)
                table.insert(hash, slot: nextSlot)
                model[nextSlot] = hash
                nextSlot += 1
            }
            let count = table.count
            #expect(count == model.count)
        }
        for (slot, hash) in model {
            let found = table.find(hash) { $0 == slot }
            #expect(found == slot)
        }
        let absent = table.find(1) { _ in true }
        #expect(spread == .max || absent == nil)
        table.remove(7, slot: 1 << 20)
        for (slot, hash) in model { table.remove(hash, slot: slot) }
        let left = table.count
        #expect(left == 0)
    }
}

@Suite struct SlotKeyTests {
    @Test(arguments: [0, 1, 8, 15, 16, 22, 23, 24, 100, 200])
    func keysOfEveryLengthAreFoundByTheirTextOnly(length: Int) {
        var slots = SlotStore()
        _ = slots.allocate()
        let text = String(repeating: "é", count: length / 2) + String(repeating: "x", count: length % 2)
        let stored = Array(text.utf8).withUnsafeBytes { SlotKey.allocate($0) }
        defer { stored.free() }
        #expect(stored.text == text)
        for other in [text, text + "y", String(text.dropLast()), "z" + text.dropFirst()] {
            let matches = Array(other.utf8).withUnsafeBytes { stored.matches(KeyProbe($0, hash: 0)) }
            #expect(matches == (other == text))
        }
    }
}

@Suite struct EntryDetailsTests {
    @Test(
        arguments: [
            ([], nil), (["a"], nil), (["a", "b"], LoadCost()),
            ([], LoadCost(microdollars: .max, tokensIn: .max, tokensOut: .max, duration: .seconds(1))),
            (
                ["user:1", "ñ", String(repeating: "long", count: 200)],
                LoadCost(microdollars: 127, tokensIn: 128, tokensOut: 0)
            ),
        ] as [([String], LoadCost?)]
    )
    func tagsValidatorsAndCostComeBack(tags: [String], cost: LoadCost?) {
        let marks = TagBook(isBacked: false).set(of: tags)
        for validators in [nil, Validators(etag: "\"e\""), Validators(etag: "", lastModified: "ñ")] {
            let kept = KeptValidators(validators)
            let block = EntryDetails.encode(marks: marks, validators: kept, cost: cost)
            defer { EntryDetails.free(block) }
            #expect((block == 0) == (tags.isEmpty && cost == nil && validators == nil))
            #expect(EntryDetails.decode(block).marks?.tags ?? [] == tags)
            #expect(EntryDetails.decode(block).validators === kept && kept?.validators == validators)
            #expect(EntryDetails.decode(block).cost == cost)
            #expect((EntryDetails.unmanagedTags(block) == nil) == tags.isEmpty)
        }
    }

    @Test func aBlockHoldsItsValidatorsForAsLongAsItLives() throws {
        weak var seen: KeptValidators?
        var block: UInt = 0
        do {
            let kept = try #require(KeptValidators(Validators(etag: "e")))
            seen = kept
            block = EntryDetails.encode(marks: nil, validators: kept, cost: nil)
        }
        #expect(seen != nil)
        EntryDetails.free(block)
        #expect(seen == nil)
    }
}
