/// What one owner knows of one lease: whether it holds it, when to renew it, and whether there is anything to give back. Free of I/O and of timers.
///
/// All instants are those of the owner's own clock. The store counts from when a question reaches it, which is later than when it was sent; so counted from
/// there, the owner believes in its lease no longer than the store does, as long as both clocks run equally fast.
struct LeaseStateMachine: ~Copyable {
    private enum State {
        /// Not asked for, or another's, or nobody could be asked. Goes to `asking`, or `released`.
        case free
        /// A question is under way. Goes to `held`, `free`, or `released`.
        case asking(since: MonotonicInstant)
        /// Goes to `lost` or `released`.
        case held(until: MonotonicInstant)
        /// It was this owner's, and is not any more, or may not be. Goes to `released`.
        case lost
        case released
    }

    /// What is to be done next about a lease that is held.
    enum Next: Equatable {
        /// Come back at this instant, to ``renewalDue(now:)``.
        case renew(at: MonotonicInstant)
        /// It has been lost at this very moment: whoever relies on it has to be told.
        case lost
        case nothing
    }

    /// The time to renew has come.
    enum Due: Equatable {
        /// Ask for it; an answer that comes later than this is of no use.
        case ask(within: Duration)
        case lost
        case nothing
    }

    private let timeToLive: Duration
    private var state = State.free
    /// Whether the store may hold it for this owner: since a question set out, until it is known to be another's.
    private var mayStand = false

    init(timeToLive: Duration) {
        self.timeToLive = timeToLive
    }

    /// Whether it was this owner's and has been lost.
    func isLost(now: MonotonicInstant) -> Bool {
        switch state {
        case .lost: true
        case .held(let end): now >= end
        case .free, .asking, .released: false
        }
    }

    // MARK: Asking

    /// Somebody is about to ask for it; false where there is nothing to ask for any more.
    mutating func asks(now: MonotonicInstant) -> Bool {
        guard case .free = state else { return false }
        state = .asking(since: now)
        return true
    }

    /// The store has given it.
    mutating func taken(now: MonotonicInstant) -> Next {
        guard case .asking(let since) = state else { return .nothing }
        mayStand = true
        return hold(since: since, now: now)
    }

    /// Another has it.
    mutating func refused() {
        guard case .asking = state else { return }
        state = .free
        mayStand = false
    }

    /// No answer came.
    ///
    /// - Parameter mayHaveSetOut: Whether the question may have reached the store, or may still do so.
    mutating func unanswered(mayHaveSetOut: Bool) {
        if mayHaveSetOut { mayStand = true }
        guard case .asking = state else { return }
        state = .free
    }

    // MARK: Renewal

    mutating func renewalDue(now: MonotonicInstant) -> Due {
        guard case .held(let end) = state else { return .nothing }
        guard now < end else {
            state = .lost
            return .lost
        }
        return .ask(within: now.duration(to: end))
    }

    /// The store has answered whether it still was this owner's.
    mutating func renewed(_ stands: Bool, sentAt: MonotonicInstant, now: MonotonicInstant) -> Next {
        guard case .held = state else { return .nothing }
        guard stands else {
            state = .lost
            mayStand = false
            return .lost
        }
        return hold(since: sentAt, now: now)
    }

    /// No answer came: once more in a while, as long as the lease lasts.
    mutating func renewalFailed(now: MonotonicInstant) -> Next {
        guard case .held(let end) = state else { return .nothing }
        guard now < end else {
            state = .lost
            return .lost
        }
        return .renew(at: min(end, now.advanced(by: timeToLive / 6)))
    }

    private mutating func hold(since: MonotonicInstant, now: MonotonicInstant) -> Next {
        let end = since.advanced(by: timeToLive)
        guard now < end else {
            state = .lost
            return .lost
        }
        state = .held(until: end)
        return .renew(at: since.advanced(by: timeToLive / 3))
    }

    // MARK: End

    /// It is not needed any more. True if the store has to be told; the first time only.
    mutating func released() -> Bool {
        if case .released = state { return false }
        // A question that is still under way counts as one that got no answer.
        if case .asking = state { mayStand = true }
        state = .released
        return mayStand
    }
}
