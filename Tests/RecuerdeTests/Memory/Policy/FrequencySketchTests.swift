import Testing

@testable import Recuerde

struct FrequencySketchTests {
    @Test func `an estimate is what was noted, or more where counters are shared`() {
        var sketch = FrequencySketch(entries: 1_000)
        var generator = SplitMix64(seed: 1)
        let noted = (0..<1_000).map { _ in
            (hash: UInt32(truncatingIfNeeded: generator.next()), frequency: UInt8(generator.below(16)))
        }
        for item in noted { sketch.raise(item.hash, to: item.frequency) }
        #expect(noted.allSatisfy { sketch.estimate($0.hash) >= $0.frequency })
        let exact = noted.count { sketch.estimate($0.hash) == $0.frequency }
        #expect(exact > 900)
    }

    @Test func `a key that was never seen is mostly estimated at zero`() {
        var sketch = FrequencySketch(entries: 1_000)
        var generator = SplitMix64(seed: 2)
        for _ in 0..<1_000 { sketch.raise(UInt32(truncatingIfNeeded: generator.next()), to: 5) }
        let wrong = (0..<1_000).count { _ in sketch.estimate(UInt32(truncatingIfNeeded: generator.next())) > 0 }
        #expect(wrong < 50)
    }

    @Test func `halving halves every count`() {
        var sketch = FrequencySketch(entries: 16)
        sketch.raise(1, to: 15)
        sketch.raise(2, to: 2)
        sketch.halve()
        #expect(sketch.estimate(1) == 7)
        #expect(sketch.estimate(2) >= 1)
        for _ in 0..<3 { sketch.halve() }
        #expect(sketch.estimate(1) == 0)
    }

    @Test(arguments: [1, 7, 64, 10_000])
    func `halving in steps halves every count once, and says when it is done`(step: Int) {
        var inSteps = FrequencySketch(entries: 500)
        var generator = SplitMix64(seed: 3)
        let hashes = (0..<500).map { _ in UInt32(truncatingIfNeeded: generator.next()) }
        for hash in hashes { inSteps.raise(hash, to: UInt8(generator.below(16))) }
        var atOnce = inSteps
        atOnce.halve()
        var start = 0
        var steps = 1
        while inSteps.halve(from: start, limit: step) {
            start += step
            steps += 1
        }
        #expect(hashes.allSatisfy { inSteps.estimate($0) == atOnce.estimate($0) })
        let words = inSteps.bytes / 8
        #expect(steps == (words + step - 1) / step)
    }

    @Test func `no count exceeds fifteen, and a lower one changes nothing`() {
        var sketch = FrequencySketch(entries: 16)
        sketch.raise(9, to: 200)
        sketch.raise(9, to: 3)
        #expect(sketch.estimate(9) == 15)
    }

    @Test func `growing loses no count`() {
        var sketch = FrequencySketch(entries: 8)
        for hash in 0..<64 as Range<UInt32> { sketch.raise(hash &* 0x9E37_79B1, to: 4) }
        var blocks = sketch.blocks
        while sketch.bytes < 200_000 {
            sketch.reserve(entries: 100_000)
            // Never all of it in one go, and no count is lost on the way either.
            #expect(sketch.blocks > blocks && sketch.blocks <= blocks + FrequencySketch.growingStep)
            blocks = sketch.blocks
            #expect((0..<64 as Range<UInt32>).allSatisfy { sketch.estimate($0 &* 0x9E37_79B1) >= 4 })
        }
    }

    @Test(arguments: [0, -5, 1])
    func `a senseless size is made a sensible one`(entries: Int) {
        var sketch = FrequencySketch(entries: entries)
        sketch.raise(1, to: 1)
        #expect(sketch.estimate(1) == 1)
    }
}
