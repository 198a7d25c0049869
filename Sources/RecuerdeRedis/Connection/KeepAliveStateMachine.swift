/// Decides when a silent connection is asked for a sign of life, and when it is given up.
///
/// It is looked at by one timer for each connection, never by a command. Times are nanoseconds of any clock; there is no
/// I/O here.
struct KeepAliveStateMachine {
    private enum State {
        /// Waits until the peer has been silent for the interval. Goes to `asked`.
        case watching
        /// PING has been sent. Goes to `watching` by any byte of the peer; else the connection is given up.
        case asked(at: Int64)
    }

    enum Action: Equatable {
        /// Nothing to do until then.
        case look(at: Int64)
        /// Send PING, and look again then.
        case ping(lookAt: Int64)
        /// The peer is gone: replace the connection.
        case replace
    }

    private var state = State.watching
    private let interval: Int64
    private let answerLimit: Int64

    init(interval: Int64, answerLimit: Int64) {
        self.interval = max(1, interval)
        self.answerLimit = max(1, answerLimit)
    }

    /// A new connection. Returns when to look at it for the first time.
    mutating func opened(now: Int64) -> Int64 {
        state = .watching
        return now &+ interval
    }

    /// The timer has fired.
    ///
    /// - Parameters:
    ///   - lastByte: when the peer last sent something.
    ///   - isOwed: somebody still waits for a reply and has time left; their deadline decides then, for one long command
    ///     is allowed to keep the peer silent.
    ///   - isPaused: nothing is read at present, so that silence proves nothing.
    mutating func looked(now: Int64, lastByte: Int64, isOwed: Bool, isPaused: Bool) -> Action {
        if isPaused {
            state = .watching
            return .look(at: now &+ interval)
        }
        if case .asked(let askedAt) = state {
            guard lastByte >= askedAt else { return isOwed ? .look(at: now &+ answerLimit) : .replace }
            state = .watching
        }
        let idleAt = lastByte &+ interval
        guard idleAt <= now else { return .look(at: idleAt) }
        // A connection on which somebody waits is not idle, and a PING would only wait behind.
        guard !isOwed else { return .look(at: now &+ answerLimit) }
        state = .asked(at: now)
        return .ping(lookAt: now &+ answerLimit)
    }
}

/// How old a connection may become.
enum ConnectionAge {
    /// Drawn evenly from 80 to 100 in 100 of the maximum, so that connections made together do not end together.
    static func limit(maximum: Int64, random: Double) -> Int64 {
        let share = random.isFinite ? min(max(random, 0), 1) : 0.5
        return max(1, Int64(Double(max(1, maximum)) * (0.8 + 0.2 * share)))
    }
}
