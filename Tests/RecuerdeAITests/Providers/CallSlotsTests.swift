import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeAI

@Suite(.timeLimit(.minutes(2))) struct CallSlotsTests {
    @Test func placesAreGivenInOrderAndComeBack() async {
        let time = ManualTimeSource()
        let slots = CallSlots(count: 1, maximumWaiting: 2, timeSource: time)
        let deadline = time.now().advanced(by: .seconds(10))
        #expect(await slots.acquire(until: deadline) == .acquired)
        async let second = slots.acquire(until: deadline)
        await time.waitForSleepers(atLeast: 1)
        slots.release()
        #expect(await second == .acquired)
        slots.release()
        #expect(await slots.acquire(until: deadline) == .acquired)
        #expect(time.sleepers == 0)
    }

    @Test func whoWaitsTooLongIsToldAndTheQueueIsBounded() async {
        let time = ManualTimeSource()
        let slots = CallSlots(count: 1, maximumWaiting: 1, timeSource: time)
        let deadline = time.now().advanced(by: .seconds(10))
        #expect(await slots.acquire(until: deadline) == .acquired)
        async let waiting = slots.acquire(until: deadline)
        await time.waitForSleepers(atLeast: 1)
        #expect(await slots.acquire(until: deadline) == .busy)
        time.advance(by: .seconds(10))
        #expect(await waiting == .busy)
        slots.release()
        #expect(await slots.acquire(until: deadline) == .acquired)
    }

    @Test func aCancelledWaiterTakesNoPlaceWithIt() async {
        let time = ManualTimeSource()
        let slots = CallSlots(count: 1, maximumWaiting: 8, timeSource: time)
        let deadline = time.now().advanced(by: .seconds(10))
        #expect(await slots.acquire(until: deadline) == .acquired)
        let waiting = Task { await slots.acquire(until: deadline) }
        await time.waitForSleepers(atLeast: 1)
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        slots.release()
        #expect(await slots.acquire(until: deadline) == .acquired)
    }
}
