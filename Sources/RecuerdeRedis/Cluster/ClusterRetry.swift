/// What is to be done about the failure of one command: follow a redirect, wait a little, or give up.
///
/// Redirects are part of the way of a command and are always followed. All else is repeated by the rule of
/// ``RedisRetryPolicy``: what was not executed, and what may have been executed only if the command may be executed
/// twice. Times are nanoseconds; there is no I/O here.
struct ClusterRetry: Sendable {
    enum Target: Sendable, Equatable {
        /// Whoever serves the slot by the table.
        case route
        /// The slot is this node's from now on.
        case moved(slot: Int, RedisURL.Endpoint)
        /// This node, this once, after ASKING.
        case ask(RedisURL.Endpoint)
    }

    enum Decision: Sendable {
        /// Wait, and send again. A new topology ends the wait early if one is wanted.
        case again(Target, after: Int64, wantsTopology: Bool)
        /// Wait, and ask again by `waited`: too much is being repeated already.
        case wait(Int64, wantsTopology: Bool)
        case fail(RedisError)

        /// True if the call waits now.
        var pauses: Bool {
            switch self {
            case .again(_, let pause, _), .wait(let pause, _): pause > 0
            case .fail: false
            }
        }
    }

    /// More in a row than a healthy cluster gives; from there on with pauses.
    static let promptRedirects = 5
    static let shortestPause: Int64 = 10_000_000

    /// True if replicas are not asked, or one has failed to answer.
    private(set) var usesMaster: Bool
    /// The attempt under way has a token, which goes back if that attempt succeeds.
    private(set) var returnsToken = false
    /// What is sent, for the caps.
    var call = CallSize(name: "a command")
    /// Its place among the calls that wait, from its first pause to its end; nil before that.
    var seat: InFlight.Seat?
    /// What is sent is a part of a pipeline, which has one place for all that waits of it.
    var sharesSeat = false
    private let isRepeatable: Bool
    private let policy: RedisRetryPolicy
    private var redirects = 0
    private var pauses = 0
    private var attempts = 0
    /// Attempts in a row that have failed in the same way as the last one.
    private var streak = 0
    private var last: RedisError?
    private var mayHaveExecuted = false
    /// The failure that the repetitions are for.
    private(set) var cause: RedisError?

    init(isReadOnly isRepeatable: Bool, usesMaster: Bool, policy: RedisRetryPolicy = RedisRetryPolicy()) {
        self.isRepeatable = isRepeatable
        self.usesMaster = usesMaster
        self.policy = policy
    }

    /// An attempt has failed.
    ///
    /// - Parameters:
    ///   - error: why.
    ///   - node: who was asked.
    ///   - rest: the time to the caller's deadline.
    ///   - random: a number in 0..<1.
    ///   - take: takes a token of the budget for one repetition; false if there is none.
    mutating func failed(
        _ error: RedisError,
        at node: RedisURL.Endpoint,
        rest: Int64,
        random: Double,
        take: () -> Bool = { true }
    ) -> Decision {
        attempts += 1
        returnsToken = false
        streak = error.code == last?.code && error.serverCode == last?.serverCode ? streak + 1 : 1
        last = error
        mayHaveExecuted = mayHaveExecuted || error.mayHaveExecuted
        if let redirect = ClusterRedirect(error, asked: node) { return follow(redirect, error, rest, random) }
        let repetition = repetition(after: error)
        guard repetition != .never else { return .fail(final(error)) }
        if error.code == .shutDown {
            // The node has left the cluster between being chosen and being asked.
            cause = error
            redirects += 1
            if redirects <= Self.promptRedirects, rest > 0 { return .again(.route, after: 0, wantsTopology: true) }
        }
        guard policy.isEnabled else { return .fail(final(error)) }
        // What went unanswered may have cost the server all it costs: without a token, the caller is told at once.
        if repetition == .unanswered, !take() { return .fail(final(error)) }
        cause = error
        if isRepeatable, !usesMaster, rest > 0 {
            // Whatever keeps the replica from answering, the master may do better.
            usesMaster = true
            if repetition != .refused || takes(take) { return .again(.route, after: 0, wantsTopology: true) }
        }
        return paused(isRefused: repetition == .refused, rest, random, take)
    }

    /// The pause of `wait` is over.
    mutating func waited(rest: Int64, random: Double, take: () -> Bool) -> Decision {
        guard rest > 0 else { return .fail(final(cause)) }
        if takes(take) { return .again(.route, after: 0, wantsTopology: false) }
        return pause(.route, wantsTopology: wantsTopology, rest, random, waits: true)
    }

    /// There is nobody to send to.
    mutating func nobody(because error: RedisError, rest: Int64, random: Double) -> Decision {
        // A cluster whose nodes refuse to be asked is not one to wait for.
        guard error.code != .authenticationFailed, error.code != .tls, error.code != .invalidCommand,
            error.code != .shutDown
        else { return .fail(error) }
        // That the time is over is no cause.
        if cause == nil || error.code != .deadlineExceeded { cause = error }
        return pause(.route, wantsTopology: true, rest, random)
    }

    private mutating func follow(
        _ redirect: ClusterRedirect,
        _ error: RedisError,
        _ rest: Int64,
        _ random: Double
    ) -> Decision {
        // What made a node unable to answer says more than that another one is to be asked.
        cause = cause ?? error
        redirects += 1
        usesMaster = true
        let target: Target =
            redirect.isAsk ? .ask(redirect.endpoint) : .moved(slot: redirect.slot, redirect.endpoint)
        guard redirects > Self.promptRedirects else {
            return rest > 0 ? .again(target, after: 0, wantsTopology: !redirect.isAsk) : .fail(final(error))
        }
        return pause(target, wantsTopology: !redirect.isAsk, rest, random)
    }

    private func repetition(after error: RedisError) -> RetryStateMachine.Repetition {
        RetryStateMachine.repetition(
            after: error,
            of: .init(isRepeatable: isRepeatable, rediscovers: true, deadline: .max)
        )
    }

    // MARK: Pauses

    private mutating func takes(_ take: () -> Bool) -> Bool {
        returnsToken = take()
        return returnsToken
    }

    /// The table has nothing to do with these.
    private var wantsTopology: Bool {
        !["TRYAGAIN", "LOADING", "BUSY", "MISCONF", "NOREPLICAS"].contains(cause?.serverCode ?? "")
    }

    private mutating func paused(isRefused: Bool, _ rest: Int64, _ random: Double, _ take: () -> Bool) -> Decision {
        guard rest >= 2 * Self.shortestPause else { return .fail(final(cause)) }
        // The state that the server is in passes; waiting without a token is no load.
        let waits = isRefused && !takes(take)
        return pause(.route, wantsTopology: wantsTopology, rest, random, waits: waits)
    }

    private mutating func pause(
        _ target: Target,
        wantsTopology: Bool,
        _ rest: Int64,
        _ random: Double,
        waits: Bool = false
    ) -> Decision {
        // What is left must suffice for a pause and an attempt.
        guard rest >= 2 * Self.shortestPause else { return .fail(final(cause)) }
        let longest = max(1_000_000, policy.longestPause.clampedNanoseconds)
        let first = min(longest, max(1_000_000, policy.firstPause.clampedNanoseconds))
        let (grown, overflow) = first.multipliedReportingOverflow(by: 1 << Int64(pauses))
        pauses = min(pauses + 1, 10)
        let ceiling = overflow ? longest : min(longest, grown)
        let floor = min(Self.shortestPause, ceiling)
        let share = random.isFinite ? min(max(random, 0), 1) : 0.5
        let pause = min(floor + Int64(Double(ceiling - floor) * share), rest / 2)
        return waits
            ? .wait(pause, wantsTopology: wantsTopology) : .again(target, after: pause, wantsTopology: wantsTopology)
    }

    // MARK: The end

    /// There is no room to wait in.
    func refused(_ overload: RedisError) -> RedisError {
        overload.with(mayHaveExecuted: overload.mayHaveExecuted || mayHaveExecuted)
    }

    /// The failure that the caller gets to see: the real cause, also when only the time has run out.
    private func final(_ error: RedisError?) -> RedisError {
        guard let error else {
            return RedisError(.deadlineExceeded, phase: .waiting, message: "the deadline has passed")
        }
        let mayHaveExecuted = mayHaveExecuted || error.mayHaveExecuted
        if error.code == .deadlineExceeded, let cause, cause != error, attempts > 1 {
            return RedisError(
                error.mayHaveExecuted ? error.code : cause.code,
                serverCode: cause.serverCode,
                phase: error.phase,
                mayHaveExecuted: mayHaveExecuted,
                message: "\(error.message); before that: \(cause.message)"
            )
        }
        // Only of what was seen more than once it can be said that it is still so.
        guard streak > 1, let last, error.code == last.code, error.serverCode == last.serverCode,
            repetition(after: error) != .never || ["MOVED", "ASK"].contains(error.serverCode ?? "")
        else { return error.with(mayHaveExecuted: mayHaveExecuted) }
        return RedisError(
            error.code,
            serverCode: error.serverCode,
            phase: error.phase,
            mayHaveExecuted: mayHaveExecuted,
            message: "\(error.message) (still so after \(streak) attempts within the deadline)"
        )
    }
}
