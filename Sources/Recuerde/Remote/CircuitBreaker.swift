/// Spares callers the wait for a store that is known to be down. Free of I/O; its owner holds it in a lock.
///
/// Closed: all may pass. Open: nobody may, until the pause is over. Half-open: one may pass as a probe, and its outcome
/// closes or reopens. Source: Nygard, "Release It!", 2nd edition, chapter 5.
package struct CircuitBreaker: Sendable {
    /// A caller's leave to go to the store. Whose leave dates from before the breaker last opened or closed says nothing
    /// about the store as it is now.
    package struct Admission: Sendable, Equatable {
        fileprivate let generation: UInt64
        /// Whether the store is back hangs on this one alone.
        package let isProbe: Bool
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
    /// Counts how often it has opened and closed.
    private var generation: UInt64 = 0
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

    /// A caller wants to go to the store. Nil: do not go.
    package mutating func admit(now: MonotonicInstant) -> Admission? {
        switch state {
        case .closed:
            return Admission(generation: generation, isProbe: false)
        case .open(let moment), .halfOpen(let moment):
            guard now >= moment else { return nil }
            state = .halfOpen(probeDeadline: now.advanced(by: pause))
            return Admission(generation: generation, isProbe: true)
        }
    }

    /// For somebody who goes past the breaker: what comes of it counts only if nothing has changed meanwhile.
    package var pass: Admission { Admission(generation: generation, isProbe: false) }

    /// Whether what came of this admission says something about the store as it is now. Nil stands for somebody who asked
    /// past the breaker.
    package func isCurrent(_ admission: Admission?) -> Bool {
        admission.map { $0.generation == generation } ?? true
    }

    /// An operation was answered.
    package mutating func succeeded(_ admission: Admission?) -> Transition? {
        guard isCurrent(admission) else { return nil }
        let wasClosed = isClosed
        state = .closed(failures: 0)
        guard !wasClosed else { return nil }
        generation += 1
        return .closed
    }

    /// An operation failed; `certain` where one failure proves that the store is down.
    package mutating func failed(_ admission: Admission?, certain: Bool, now: MonotonicInstant) -> Transition? {
        guard isCurrent(admission) else { return nil }
        switch state {
        case .closed(let failures):
            guard certain || failures + 1 >= threshold else {
                state = .closed(failures: failures + 1)
                return nil
            }
            generation += 1
            state = .open(until: now.advanced(by: pause))
            return .opened
        case .halfOpen, .open:
            state = .open(until: now.advanced(by: pause))
            return nil
        }
    }

    /// An operation that had passed ended without saying anything about the store.
    package mutating func abandoned(_ admission: Admission, now: MonotonicInstant) {
        if admission.isProbe, isCurrent(admission), case .halfOpen = state { state = .open(until: now) }
    }
}
