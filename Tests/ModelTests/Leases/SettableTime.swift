import Recuerde
import RecuerdeTesting
import Synchronization

/// The time of a store whose clock somebody sets, to and fro. No two looks at it show the same time, unless it was put back.
final class SettableTime: TimeSource {
    private let manual: ManualTimeSource
    private let state = Mutex((offset: Duration.zero, ticks: 0))

    init(_ manual: ManualTimeSource) {
        self.manual = manual
    }

    func set(ahead offset: Duration) {
        state.withLock { $0.offset = offset }
    }

    func now() -> MonotonicInstant { manual.now() }

    func unixTime() -> UnixTime {
        let ahead = state.withLock { state in
            state.ticks += 3
            return state.offset + .microseconds(state.ticks)
        }
        return manual.unixTime().advanced(by: ahead)
    }

    func sleep(until deadline: MonotonicInstant) async throws { try await manual.sleep(until: deadline) }
}
