/// Spares callers the wait for a store that is known to be down. Free of I/O; its owner holds it in a lock.
///
/// Closed: all may pass. Open: nobody may, until the pause is over. Half-open: one may pass as a probe, and its outcome
/// closes or reopens. Source: Nygard, "Release It!", 2nd edition, chapter 5.
package struct CircuitBreaker: Sendable {
    /// What a caller may do.
    package enum Decision: Sendable, Equatable {
        /// Go on.
        case pass
        /// Go on; whether the store is back hangs on this one alone.
        case probe
        /// Do not go.
        case refuse
    }

    /// What changed, so that it is told once and not per request.
    package enum Transition: Sendable, Equatable {
        case opened
        case closed
    }

    private enum State: Sendable, Equatable {
        /// Goes to open with the last of `threshold` failures in a row, or with a certain one.
        case closed(failures: Int)
        /// Goes to half-open at `until`.
        case open(until: MonotonicInstant)
        /// Goes to closed or open with the outcome of the probe; to another probe where that one never reports.
        case halfOpen(probeDeadline: MonotonicInstant)
    }

    private var state = State.closed(failures: 0)
    private let threshold: Int
    private let pause: Duration

    package init(threshold: Int, pause: Duration) {
        self.threshold = max(1, threshold)
        self.pause = max(.zero, pause)
    }

    package var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    /// Whether ``admit(now:)`` would let a caller through.
    package func admits(now: MonotonicInstant) -> Bool {
        switch state {
        case .closed: true
        case .open(let moment), .halfOpen(let moment): now >= moment
        }
    }

    /// Somebody else than a caller found that the store is still down: callers need not find out for another pause.
    package mutating func isStillDown(now: MonotonicInstant) {
        if !isClosed { state = .open(until: now.advanced(by: pause)) }
    }

    /// A caller wants to go to the store.
    package mutating func admit(now: MonotonicInstant) -> Decision {
        switch state {
        case .closed:
            return .pass
        case .open(let until):
            guard now >= until else { return .refuse }
            state = .halfOpen(probeDeadline: now.advanced(by: pause))
            return .probe
        case .halfOpen(let deadline):
            guard now >= deadline else { return .refuse }
            state = .halfOpen(probeDeadline: now.advanced(by: pause))
            return .probe
        }
    }

    /// An operation that had passed was answered.
    package mutating func succeeded() -> Transition? {
        defer { state = .closed(failures: 0) }
        return isClosed ? nil : .closed
    }

    /// An operation that had passed failed; `certain` where one failure proves that the store is down.
    package mutating func failed(certain: Bool, now: MonotonicInstant) -> Transition? {
        switch state {
        case .closed(let failures):
            guard certain || failures + 1 >= threshold else {
                state = .closed(failures: failures + 1)
                return nil
            }
            state = .open(until: now.advanced(by: pause))
            return .opened
        case .halfOpen:
            state = .open(until: now.advanced(by: pause))
            return nil
        case .open:
            // A straggler that had set out before the breaker opened.
            return nil
        }
    }

    /// An operation that had passed ended without saying anything about the store: it was cancelled.
    package mutating func abandoned(_ decision: Decision, now: MonotonicInstant) {
        if decision == .probe, case .halfOpen = state { state = .open(until: now) }
    }
}
