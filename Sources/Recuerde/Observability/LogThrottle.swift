import Synchronization

/// Lets one line through in a while, and counts what it held back.
final class LogThrottle: Sendable {
    private struct State {
        var next = MonotonicInstant(nanoseconds: .min)
        var held = 0
    }

    private let state = Mutex(State())
    private let interval: Duration

    init(interval: Duration) {
        self.interval = interval
    }

    /// How many were held back since the last line; nil where this one is to be held back too.
    func admit(now: MonotonicInstant) -> Int? {
        state.withLock { state in
            guard now >= state.next else {
                state.held += 1
                return nil
            }
            state.next = now.advanced(by: interval)
            defer { state.held = 0 }
            return state.held
        }
    }
}
