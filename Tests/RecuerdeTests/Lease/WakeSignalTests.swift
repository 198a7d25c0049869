import RecuerdeTesting
import Testing

@testable import Recuerde

/// Who waits is woken once, by whatever comes first.
@Suite struct WakeSignalTests {
    private let time = ManualTimeSource()
    private let watch: DeadlineWatch
    private let signal = WakeSignal()

    init() {
        watch = DeadlineWatch(timeSource: time)
    }

    private func wait(_ duration: Duration) async throws {
        try await signal.wait(until: time.now().advanced(by: duration), watch: watch, timeSource: time)
    }

    @Test func aCallBeforeTheWaitIsNotLostAndCountsOnce() async throws {
        signal.wake()
        signal.wake()
        try await wait(.seconds(1))
        async let second: Void = wait(.seconds(1))
        await eventually { watch.count == 1 }
        signal.wake()
        try await second
        await eventually { watch.count == 0 }
    }

    @Test func itsTimeEndsIt() async throws {
        async let waiting: Void = wait(.seconds(1))
        await time.waitForSleepers(atLeast: 1)
        for _ in 0..<4 {
            time.advance(by: .milliseconds(250))
            for _ in 0..<20 { await Task.yield() }
        }
        await eventually {
            time.advance(by: .milliseconds(250))
            return watch.count == 0
        }
        try await waiting
    }

    @Test func aTimeThatIsOverEndsItAtOnce() async throws {
        async let waiting: Void = wait(.zero)
        await eventually {
            time.advance(by: .milliseconds(1))
            return watch.count == 0
        }
        try await waiting
    }

    @Test func cancellationEndsIt() async throws {
        for isEarly in [true, false] {
            let door = Door()
            let task = Task {
                await door.pass()
                try await wait(.seconds(1))
            }
            await door.someoneWaits()
            if isEarly { task.cancel() }
            door.open()
            if !isEarly {
                await eventually { watch.count == 1 }
                task.cancel()
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(watch.count == 0)
        }
        // What ended a wait does not end the next.
        async let next: Void = wait(.seconds(1))
        await eventually { watch.count == 1 }
        signal.wake()
        try await next
    }
}
