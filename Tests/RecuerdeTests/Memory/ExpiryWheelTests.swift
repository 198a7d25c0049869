import Testing

@testable import Recuerde

@Suite struct ExpiryWheelTests {
    @Test(arguments: 1...8)
    func itGivesBackJustWhatIsDueWhateverTheJumps(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        var now = MonotonicInstant(nanoseconds: Int64.random(in: 0..<1_000_000_000_000, using: &generator))
        var slots = SlotStore()
        var wheel = ExpiryWheel(now: now)
        var deadlines: [UInt32: MonotonicInstant] = [:]
        // One tick is about a millisecond, and an entry is given back within two of its deadline.
        let slack = Duration.nanoseconds(2 << 20)
        for _ in 0..<400 {
            for _ in 0..<Int.random(in: 0..<6, using: &generator) {
                let exponent = Int64.random(in: 18..<58, using: &generator)
                let deadline = now.advanced(by: .nanoseconds(Int64.random(in: 0..<(1 << exponent), using: &generator)))
                let allocated = slots.allocate()
                let slot = try #require(allocated)
                slots.hot(slot).pointee.physicalExpiry = deadline.nanoseconds
                wheel.schedule(slot, in: slots)
                deadlines[slot] = deadline
            }
            if let victim = deadlines.keys.randomElement(using: &generator), Bool.random(using: &generator) {
                wheel.cancel(victim, in: slots)
                deadlines[victim] = nil
            }
            for slot in deadlines.keys.sorted() where Int.random(in: 0..<4, using: &generator) == 0 {
                // Another deadline, be it earlier or later.
                let exponent = Int64.random(in: 18..<58, using: &generator)
                let deadline = now.advanced(by: .nanoseconds(Int64.random(in: 0..<(1 << exponent), using: &generator)))
                let old = slots.hot(slot).pointee.physicalExpiry
                slots.hot(slot).pointee.physicalExpiry = deadline.nanoseconds
                wheel.reschedule(slot, from: old, in: slots)
                deadlines[slot] = deadline
            }
            let jump = Int64.random(in: 10..<50, using: &generator)
            now = now.advanced(by: .nanoseconds(Int64.random(in: 0..<(1 << jump), using: &generator)))
            var expired: [UInt32] = []
            while wheel.advance(to: now, limit: 3, in: slots, expired: { expired.append($0) }) {}
            for slot in expired {
                let deadline = deadlines.removeValue(forKey: slot)
                #expect(deadline.map { $0 <= now } == true)
            }
            let overdue = deadlines.values.filter { $0.advanced(by: slack) <= now }
            #expect(overdue.isEmpty)
            let count = wheel.count
            #expect(count == deadlines.count)
        }
    }

    @Test func whatIsWrittenAgainForLaterStaysWhereItIsUntilItsBucketsTurn() throws {
        var slots = SlotStore()
        var wheel = ExpiryWheel(now: MonotonicInstant(nanoseconds: 0))
        let allocated = slots.allocate()
        let slot = try #require(allocated)
        slots.hot(slot).pointee.physicalExpiry = 1 << 30
        wheel.schedule(slot, in: slots)
        let place = slots.cold(slot).pointee.previous
        for later in [Int64(1) << 31, 1 << 40, 1 << 32] {
            let old = slots.hot(slot).pointee.physicalExpiry
            slots.hot(slot).pointee.physicalExpiry = later
            wheel.reschedule(slot, from: old, in: slots)
            // Only the last is earlier than the one before.
            #expect((slots.cold(slot).pointee.previous == place) == (later != 1 << 32))
        }
        slots.hot(slot).pointee.physicalExpiry = 1 << 34
        wheel.reschedule(slot, from: 1 << 32, in: slots)
        var expired: [UInt32] = []
        for time in [Int64(1) << 33, 1 << 34, 1 << 35] {
            _ = wheel.advance(to: MonotonicInstant(nanoseconds: time), limit: 100, in: slots) { expired.append($0) }
            #expect(expired.isEmpty == (time <= 1 << 34))
        }
        let count = wheel.count
        #expect(count == 0)
    }

    @Test func lifetimesOfCenturiesAreSafe() throws {
        var slots = SlotStore()
        var wheel = ExpiryWheel(now: MonotonicInstant(nanoseconds: 5))
        for deadline in [Int64.max, 1 << 62] {
            let allocated = slots.allocate()
            let slot = try #require(allocated)
            slots.hot(slot).pointee.physicalExpiry = deadline
            wheel.schedule(slot, in: slots)
        }
        var expired: [UInt32] = []
        _ = wheel.advance(to: MonotonicInstant(nanoseconds: 1 << 61), limit: 10, in: slots) { expired.append($0) }
        #expect(expired.isEmpty)
        _ = wheel.advance(to: MonotonicInstant(nanoseconds: (1 << 62) + (1 << 22)), limit: 10, in: slots) {
            expired.append($0)
        }
        #expect(expired == [1])
    }
}
