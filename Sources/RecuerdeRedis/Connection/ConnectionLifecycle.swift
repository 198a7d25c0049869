/// The life of one place for a connection: asleep, dialing, connected, waiting for the next attempt.
///
/// One attempt at a time; attempts have numbers, and what belongs to an old number is ignored, so that late timers and
/// late sockets do no harm. Times are nanoseconds of any clock; there is no I/O here.
struct ConnectionLifecycle {
    private enum State {
        /// No connection, and nobody has asked for one. Goes to `dialing`.
        case idle
        /// An attempt is under way. Goes to `connected` or `backingOff`.
        case dialing(attempt: Int)
        /// Usable. Goes to `backingOff` when it is lost, and to `idle` when this side closes it.
        case connected(attempt: Int, since: Int64)
        /// Waits for its timer, which callers can bring forward to `soonest`. Goes to `dialing`, or to `idle` if nobody
        /// needs it then.
        case backingOff(until: Int64, soonest: Int64, reason: RedisError)
        /// The end.
        case shutDown
    }

    enum DemandAction: Equatable {
        case dial(attempt: Int)
        /// The wait for the next attempt is shorter than it was; it comes at this time.
        case retry(at: Int64)
        case none
    }

    enum EndAction: Equatable {
        /// Dial again at this time.
        case retry(at: Int64)
        /// The attempt that was to renew the connection is the one to wait for now.
        case awaitRenewal
        /// It belongs to an attempt that is no longer of interest.
        case ignore
    }

    private var state = State.idle
    private var attempts = 0
    private var failures = 0
    /// The attempt under way to replace a connection that is still in use.
    private var renewal: Int?
    /// Why the last attempt failed or the last connection went; nil once connected again.
    private(set) var reason: RedisError?
    private let backoff: RedisBackoff

    init(backoff: RedisBackoff) {
        self.backoff = backoff
    }

    var isConnected: Bool {
        if case .connected = state { true } else { false }
    }

    var isShutDown: Bool {
        if case .shutDown = state { true } else { false }
    }

    /// The attempt that is under way.
    var dialing: Int? {
        if case .dialing(let attempt) = state { attempt } else { nil }
    }

    /// The attempt that is under way or has led to the present connection.
    var current: Int? {
        switch state {
        case .dialing(let attempt), .connected(let attempt, _): attempt
        default: nil
        }
    }

    /// Somebody wants to send. Attempts after a failure wait for their time; but where nobody listened, callers bring the
    /// next one forward, so that a server that is back is used soon, and is dialed rarely while nobody asks for it.
    mutating func demanded(now: Int64) -> DemandAction {
        switch state {
        case .idle:
            return dial()
        case .backingOff(let until, let soonest, let reason) where soonest < until:
            if soonest <= now { return dial() }
            state = .backingOff(until: soonest, soonest: soonest, reason: reason)
            return .retry(at: soonest)
        case .backingOff, .dialing, .connected, .shutDown:
            return .none
        }
    }

    /// Somebody wants one attempt now, backoff or not.
    mutating func demandedNow() -> DemandAction {
        switch state {
        case .idle, .backingOff: dial()
        case .dialing, .connected, .shutDown: .none
        }
    }

    /// The timer of `retry` has fired. A connection that nobody needs now sleeps until it is demanded.
    mutating func retryIsDue(now: Int64, isNeeded: Bool) -> DemandAction {
        guard case .backingOff(let until, _, _) = state, until <= now else { return .none }
        guard isNeeded else {
            state = .idle
            return .none
        }
        return dial()
    }

    private mutating func dial() -> DemandAction {
        attempts += 1
        state = .dialing(attempt: attempts)
        return .dial(attempt: attempts)
    }

    /// False if nobody waits for this attempt any more; then its socket is to be closed.
    mutating func dialSucceeded(_ attempt: Int, now: Int64) -> Bool {
        guard case .dialing(attempt) = state else { return false }
        state = .connected(attempt: attempt, since: now)
        reason = nil
        return true
    }

    /// The connection has reached its age: one more attempt begins while it stays in use.
    mutating func renewalIsDue(_ attempt: Int) -> DemandAction {
        guard case .connected(attempt, _) = state, renewal == nil else { return .none }
        attempts += 1
        renewal = attempts
        return .dial(attempt: attempts)
    }

    /// True while this attempt is to replace a connection that is still in use.
    func isRenewal(_ attempt: Int) -> Bool {
        renewal == attempt
    }

    /// True if the attempt was to replace a connection; that one stays in use.
    mutating func renewalFailed(_ attempt: Int) -> Bool {
        guard renewal == attempt else { return false }
        renewal = nil
        return true
    }

    /// The new connection takes the place of the old one. False if nobody waits for it any more.
    mutating func renewed(_ attempt: Int, now: Int64) -> Bool {
        guard renewal == attempt, case .connected(_, let since) = state else { return false }
        renewal = nil
        if hasLasted(since: since, now: now) { failures = 0 }
        state = .connected(attempt: attempt, since: now)
        reason = nil
        return true
    }

    mutating func dialFailed(
        _ attempt: Int,
        reason: RedisError,
        now: Int64,
        random: Double
    ) -> EndAction {
        guard case .dialing(attempt) = state else { return .ignore }
        failures += 1
        return end(reason: reason, now: now, random: random)
    }

    /// A connection that had been usable is gone.
    mutating func connectionLost(
        _ attempt: Int,
        reason: RedisError,
        now: Int64,
        random: Double
    ) -> EndAction {
        guard case .connected(attempt, let since) = state else { return .ignore }
        failures = hasLasted(since: since, now: now) ? 1 : failures + 1
        if let renewal {
            self.renewal = nil
            self.reason = reason
            state = .dialing(attempt: renewal)
            return .awaitRenewal
        }
        return end(reason: reason, now: now, random: random)
    }

    /// This side has closed a connection that it had no use for. The server has done nothing wrong: there is nothing to wait
    /// for, and nothing to tell anybody who asks for the next one.
    mutating func closedByUs(_ attempt: Int, now: Int64) {
        guard case .connected(attempt, let since) = state else { return }
        if hasLasted(since: since, now: now) { failures = 0 }
        reason = nil
        if let renewal {
            self.renewal = nil
            state = .dialing(attempt: renewal)
        } else {
            state = .idle
        }
    }

    /// A server that accepts and closes at once must not be dialed in a tight loop: only a connection that has lasted, for
    /// much longer than was waited for it, makes the earlier failures forgotten.
    private func hasLasted(since: Int64, now: Int64) -> Bool {
        now - since >= min(backoff.cap.clampedNanoseconds, 10 * min(backoff.ceiling(failures: failures), .max / 10))
    }

    private mutating func end(reason: RedisError, now: Int64, random: Double) -> EndAction {
        let delay =
            if reason.isRefusalByServer {
                backoff.delayAfterRefusal(random: random)
            } else if reason.serverCode == "LOADING" {
                backoff.delayWhileLoading(failures: failures, random: random)
            } else {
                backoff.delay(failures: failures, random: random)
            }
        let until = now &+ delay
        let soonest = reason.isNobodyListening ? now &+ backoff.delayOnDemand(random: random) : until
        self.reason = reason
        state = .backingOff(until: until, soonest: min(soonest, until), reason: reason)
        return .retry(at: until)
    }

    /// When the next attempt comes, and why the last one failed; nil if none failed or one is under way.
    var nextAttempt: (at: Int64, reason: RedisError)? {
        if case .backingOff(let until, _, let reason) = state { (until, reason) } else { nil }
    }

    mutating func shutDown() {
        renewal = nil
        state = .shutDown
    }
}

extension RedisError {
    /// The server answered that it does not want this client; asking again soon will not change that.
    fileprivate var isRefusalByServer: Bool {
        // What a server says while it loads its data passes by itself.
        phase == .handshake && serverCode != nil && serverCode != "LOADING"
    }

    /// Nobody accepted the connection. To be asked again costs such a server nothing.
    fileprivate var isNobodyListening: Bool {
        phase == .connecting && code == .connectFailed
    }
}
