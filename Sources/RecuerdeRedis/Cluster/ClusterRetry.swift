/// What is to be done about the failure of one command: follow a redirect, wait a little, or give up.
///
/// What was not executed is repeated; what may have been executed only if the command reads. Times are nanoseconds;
/// there is no I/O here.
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
        case fail(RedisError)
    }

    /// More in a row than a healthy cluster gives; from there on with pauses.
    static let promptRedirects = 5
    static let shortestPause: Int64 = 10_000_000
    static let longestPause: Int64 = 200_000_000

    /// True if replicas are not asked, or one has failed to answer.
    private(set) var usesMaster: Bool
    private let isReadOnly: Bool
    private var redirects = 0
    private var pauses = 0
    private var attempts = 0
    private var mayHaveExecuted = false
    private var cause: RedisError?

    init(isReadOnly: Bool, usesMaster: Bool) {
        self.isReadOnly = isReadOnly
        self.usesMaster = usesMaster
    }

    /// An attempt has failed.
    ///
    /// - Parameters:
    ///   - error: why.
    ///   - node: who was asked.
    ///   - rest: the time to the caller's deadline.
    ///   - random: a number in 0..<1.
    mutating func failed(
        _ error: RedisError,
        at node: RedisURL.Endpoint,
        rest: Int64,
        random: Double
    ) -> Decision {
        attempts += 1
        mayHaveExecuted = mayHaveExecuted || error.mayHaveExecuted
        if let redirect = ClusterRedirect(error, asked: node) { return follow(redirect, error, rest, random) }
        guard isRepeatable(error) else { return .fail(final(error)) }
        cause = error
        if error.code == .shutDown {
            // The node has left the cluster between being chosen and being asked.
            redirects += 1
            if redirects <= Self.promptRedirects, rest > 0 { return .again(.route, after: 0, wantsTopology: true) }
        }
        if isReadOnly, !usesMaster, rest > 0 {
            // Whatever keeps the replica from answering, the master may do better.
            usesMaster = true
            return .again(.route, after: 0, wantsTopology: true)
        }
        return pause(
            .route,
            wantsTopology: error.serverCode != "TRYAGAIN" && error.serverCode != "LOADING",
            rest,
            random
        )
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

    private func isRepeatable(_ error: RedisError) -> Bool {
        switch error.code {
        case .server:
            ["TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "READONLY"].contains(error.serverCode ?? "")
        case .connectionLost, .connectFailed, .shutDown:
            !error.mayHaveExecuted || isReadOnly
        default:
            false
        }
    }

    private mutating func pause(
        _ target: Target,
        wantsTopology: Bool,
        _ rest: Int64,
        _ random: Double
    ) -> Decision {
        // What is left must suffice for a pause and an attempt.
        guard rest >= 2 * Self.shortestPause else { return .fail(final(cause)) }
        pauses = min(pauses + 1, 10)
        let ceiling = min(Self.longestPause, Self.shortestPause << Int64(pauses))
        let share = random.isFinite ? min(max(random, 0), 1) : 0.5
        let pause = Self.shortestPause + Int64(Double(ceiling - Self.shortestPause) * share)
        return .again(target, after: min(pause, rest / 2), wantsTopology: wantsTopology)
    }

    /// The failure that the caller gets to see: the real cause, also when only the time has run out.
    private func final(_ error: RedisError?) -> RedisError {
        guard let error else {
            return RedisError(.deadlineExceeded, phase: .waiting, message: "the deadline has passed")
        }
        guard let cause, attempts > 1 else { return error }
        let isLate = error.code == .deadlineExceeded && cause != error
        let shown = isLate ? cause : error
        return RedisError(
            isLate && error.mayHaveExecuted ? error.code : shown.code,
            serverCode: shown.serverCode,
            phase: error.phase,
            mayHaveExecuted: mayHaveExecuted,
            message: isLate
                ? "\(error.message); before that: \(cause.message)"
                : "\(error.message) (still so after \(attempts) attempts within the deadline)"
        )
    }
}
