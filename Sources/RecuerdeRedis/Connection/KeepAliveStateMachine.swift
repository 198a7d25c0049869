/// Decides when a connection is asked for a sign of life, and when it is given up.
///
/// It is asked when it has been silent for an interval; and where there is a pace, at that pace too, however busy it is, for the
/// sake of the answer. It is looked at by one timer for each connection, never by a command. Times are nanoseconds of any clock;
/// there is no I/O here.
struct KeepAliveStateMachine {
    private enum State {
        /// Waits until the peer has been silent for the interval, or the pace is due. Goes to `asked`.
        case watching
        /// The question has been sent. Goes to `watching` by its answer, or, when the time for that is over, by any byte of the
        /// peer; else the connection is given up.
        case asked(at: Int64)
    }

    enum Action: Equatable {
        /// Nothing to do until then.
        case look(at: Int64)
        /// Ask, and look again then.
        case ping(lookAt: Int64)
        /// The peer is gone: replace the connection.
        case replace
    }

    private var state = State.watching
    /// When the pace is due next.
    private var dueAt = Int64.max
    private let interval: Int64?
    private var pace: Int64?
    private let answerLimit: Int64

    /// - Parameters:
    ///   - interval: after how much silence to ask; nil: silence is no reason.
    ///   - pace: how often to ask in any case; nil: silence only.
    ///   - answerLimit: how long an answer may take.
    init(interval: Int64?, pace: Int64? = nil, answerLimit: Int64) {
        self.interval = interval.map { max(1, $0) }
        self.pace = pace.map { max(1, $0) }
        self.answerLimit = max(1, answerLimit)
    }

    /// A new connection. Returns when to look at it for the first time.
    mutating func opened(now: Int64) -> Int64 {
        state = .watching
        dueAt = pace.map { now &+ $0 } ?? .max
        return min(idleAt(lastByte: now), dueAt)
    }

    /// The question has been answered. To be called with a pace, where any other byte does not do.
    mutating func answered() {
        state = .watching
    }

    /// Another pace from now on, where there is one.
    mutating func follow(_ pace: Int64, now: Int64) {
        guard let present = self.pace, present != pace else { return }
        self.pace = max(1, pace)
        dueAt = min(dueAt, now &+ max(1, pace))
    }

    /// There is no more to be known by asking: from now on silence alone is a reason to.
    mutating func stopPace() {
        pace = nil
        dueAt = .max
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
            return .look(at: now &+ (interval ?? answerLimit))
        }
        if case .asked(let askedAt) = state {
            // The pace was due before the answer: one question is out at a time.
            if now < askedAt &+ answerLimit { return .look(at: askedAt &+ answerLimit) }
            guard lastByte >= askedAt else { return isOwed ? .look(at: now &+ answerLimit) : .replace }
            state = .watching
        }
        if dueAt <= now { return ask(now) }
        let idleAt = idleAt(lastByte: lastByte)
        guard idleAt <= now else { return .look(at: min(idleAt, dueAt)) }
        // A connection on which somebody waits is not idle, and a PING would only wait behind.
        guard !isOwed else { return .look(at: min(now &+ answerLimit, dueAt)) }
        return ask(now)
    }

    private mutating func ask(_ now: Int64) -> Action {
        state = .asked(at: now)
        if let pace { dueAt = now &+ pace }
        return .ping(lookAt: min(now &+ answerLimit, dueAt))
    }

    private func idleAt(lastByte: Int64) -> Int64 {
        interval.map { lastByte &+ $0 } ?? .max
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
