import Recuerde
import RecuerdeTesting
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import Testing

@testable import RecuerdeCommands

@Suite(.timeLimit(.minutes(1))) struct BoundedShutdownTests {
    /// Ends when it is cancelled, with an error, or of itself so long after a graceful shutdown.
    private struct Slow: Service {
        let clock: ManualTimeSource
        let seconds: Int64
        let ended: @Sendable (Bool) -> Void

        func run() async throws {
            do {
                try await gracefulShutdown()
                try await clock.sleep(until: clock.now().advanced(by: .seconds(seconds)))
                ended(true)
            } catch {
                ended(false)
                throw error
            }
        }
    }

    private func run(seconds: Int64, bound: Int64) async throws -> Bool? {
        let clock = ManualTimeSource()
        let ending = Ending()
        let slow = Slow(clock: clock, seconds: seconds) { ending.finished.store($0 ? 1 : 2, ordering: .relaxed) }
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await BoundedShutdown(inner: slow, bound: .seconds(bound), timeSource: clock).run()
                }
                trigger.triggerGracefulShutdown()
                await clock.waitForSleepers(atLeast: 2)
                clock.advance(by: .seconds(min(seconds, bound)))
                try await group.waitForAll()
            }
        }
        let finished = ending.finished.load(ordering: .relaxed)
        return finished == 0 ? nil : finished == 1
    }

    private final class Ending: Sendable {
        let finished = Atomic(0)
    }

    @Test func whatEndsInTimeIsNotCutOff() async throws {
        #expect(try await run(seconds: 4, bound: 5) == true)
    }

    @Test func whatDoesNotEndInTimeIsCutOffAndIsNoFailure() async throws {
        #expect(try await run(seconds: 6, bound: 5) == false)
    }

    @Test func anErrorOfTheServiceIsPassedOn() async throws {
        struct Broken: Service {
            struct Fault: Error {}
            func run() async throws { throw Fault() }
        }
        await #expect(throws: Broken.Fault.self) {
            try await BoundedShutdown(inner: Broken(), bound: .seconds(5), timeSource: ManualTimeSource()).run()
        }
    }
}
