/// Finds the master that sentinels name, and finds the next one after it.
///
/// One search at a time. It asks sentinels in turn until one names a server that proves to be a master; the sentinel that was
/// right is asked first the next time. A search that fails pauses, longer each time, and begins again. What a sentinel announces
/// (`+switch-master`) is tried before anything else. Times are nanoseconds of any clock; there is no I/O here.
/// Source: https://redis.io/docs/latest/develop/reference/sentinel-clients/
struct SentinelStateMachine {
    typealias Endpoint = RedisURL.Endpoint

    enum Action: Equatable {
        /// Ask this sentinel for the address of the master.
        case ask(Endpoint)
        /// Connect to this server and ask it for its role.
        case prove(Endpoint)
        /// Wait until then, or until something is announced; then say `pauseEnded`.
        case pause(until: Int64)
        /// The search is over.
        case settled
        /// There is nothing to do, or somebody is at it.
        case none
    }

    private enum Phase {
        /// No search. Goes to any of the others when one is asked for.
        case idle
        /// A sentinel is being asked.
        case asking
        /// A server is being proved.
        case proving(Endpoint)
        /// Between two rounds.
        case pausing(until: Int64)
        /// The end.
        case shutDown
    }

    /// However many sentinels announce each other, no more are asked and listened to.
    static let maximumSentinels = 32
    /// Two rounds never begin closer together.
    static let shortestInterval: Int64 = 100_000_000

    private(set) var sentinels: [Endpoint]
    /// The server that has proved to be the master.
    private(set) var master: Endpoint?
    /// There is a connection to it, and nothing speaks against its being the master still.
    private(set) var isMasterTrusted = false
    /// Why there is no master; nil once there is one.
    private(set) var reason: RedisError?
    /// The reason does not pass by itself.
    private var isReasonLasting = false

    private let masterName: String
    private let backoff: RedisBackoff
    private var phase = Phase.idle
    private var announced: Endpoint?
    private var failures = 0
    private var nextRound = Int64.min
    /// Sentinels of this round that have not been asked yet.
    private var left: [Endpoint] = []
    /// Servers of this round that have been tried.
    private var refuted: Set<Endpoint> = []
    private var reasonRank = 0
    /// How near to the goal something went wrong in this round that passes by itself.
    private var passingRank = 0

    init(sentinels: [Endpoint], masterName: String, backoff: RedisBackoff) {
        self.sentinels = Array(sentinels.prefix(Self.maximumSentinels))
        self.masterName = masterName
        // A failover takes about a second; pauses that are much longer would add to it.
        self.backoff = RedisBackoff(base: backoff.base, cap: min(backoff.cap, .seconds(1)))
    }

    var hasAnnouncement: Bool { announced != nil }

    /// A whole round has failed for a reason that does not pass by itself, so that waiting for the next is in vain.
    ///
    /// One sentinel that does not let itself be asked says nothing about the others: while any of them is only away, it may
    /// be the one that answers next time.
    var lastingReason: RedisError? {
        guard case .pausing = phase, isReasonLasting, passingRank < reasonRank else { return nil }
        return reason
    }

    // MARK: What starts a search

    /// Somebody needs a master, or doubts the present one.
    mutating func demanded(now: Int64) -> Action {
        guard case .idle = phase else { return .none }
        return begin(now: now)
    }

    /// A sentinel says by itself that there is a new master. The present search, if there is one, learns of it when it pauses
    /// or takes its next step.
    mutating func announced(_ endpoint: Endpoint, now: Int64) -> Action {
        if case .shutDown = phase { return .none }
        if endpoint == master, isMasterTrusted { return .none }
        announced = endpoint
        guard case .idle = phase else { return .none }
        return begin(now: now)
    }

    // MARK: Answers

    /// A sentinel names a server.
    mutating func named(_ endpoint: Endpoint, by sentinel: Endpoint, now: Int64, random: Double) -> Action {
        guard case .asking = phase else { return .none }
        if let index = sentinels.firstIndex(of: sentinel) { sentinels.insert(sentinels.remove(at: index), at: 0) }
        if let action = followAnnouncement() { return action }
        if endpoint == master, isMasterTrusted { return settle() }
        guard !refuted.contains(endpoint) else { return askNext(now: now, random: random) }
        return prove(endpoint)
    }

    /// A sentinel knows no master of that name.
    mutating func unknown(by sentinel: Endpoint, now: Int64, random: Double) -> Action {
        guard case .asking = phase else { return .none }
        note(
            RedisError(
                .connectFailed,
                phase: .connecting,
                message: "the sentinel at \(sentinel) knows no master named '\(masterName)'; check the name in the URL"
            ),
            rank: 2,
            isLasting: true
        )
        return followAnnouncement() ?? askNext(now: now, random: random)
    }

    /// A sentinel cannot be asked.
    mutating func unreachable(_ sentinel: Endpoint, _ error: RedisError, now: Int64, random: Double) -> Action {
        guard case .asking = phase else { return .none }
        note(error, rank: 1, isLasting: Self.isLasting(error))
        return followAnnouncement() ?? askNext(now: now, random: random)
    }

    /// A server is connected to and says that it is a master.
    mutating func proved(_ endpoint: Endpoint) -> Action {
        guard case .proving(endpoint) = phase else { return .none }
        master = endpoint
        isMasterTrusted = true
        return followAnnouncement() ?? settle()
    }

    /// A server cannot be connected to, or says that it is none.
    mutating func refuted(_ endpoint: Endpoint, _ error: RedisError, now: Int64, random: Double) -> Action {
        guard case .proving(endpoint) = phase else { return .none }
        refuted.insert(endpoint)
        note(error, rank: 3, isLasting: Self.isLasting(error))
        return followAnnouncement() ?? askNext(now: now, random: random)
    }

    /// The moment of `pause` has come, or something was announced.
    mutating func pauseEnded(now: Int64) -> Action {
        guard case .pausing(let until) = phase else { return .none }
        if let action = followAnnouncement() { return action }
        guard now >= until else { return .pause(until: until) }
        return startRound(now: now)
    }

    // MARK: What becomes known otherwise

    /// The connection to the master is up, which includes that it has shown its role.
    mutating func masterConnected(_ endpoint: Endpoint) {
        guard endpoint == master else { return }
        isMasterTrusted = true
        reason = nil
        isReasonLasting = false
    }

    /// The connection to the master is lost, or it says that it takes no writes. True if it was trusted until now.
    mutating func masterDoubted(_ endpoint: Endpoint) -> Bool {
        guard endpoint == master, isMasterTrusted else { return false }
        isMasterTrusted = false
        return true
    }

    /// A sentinel names others. Returns those that are new.
    mutating func learned(_ endpoints: [Endpoint]) -> [Endpoint] {
        var new: [Endpoint] = []
        for endpoint in endpoints where !sentinels.contains(endpoint) {
            guard sentinels.count < Self.maximumSentinels else { break }
            sentinels.append(endpoint)
            new.append(endpoint)
        }
        return new
    }

    mutating func shutDown() {
        phase = .shutDown
        announced = nil
    }

    // MARK: Steps

    private mutating func begin(now: Int64) -> Action {
        if let action = followAnnouncement() {
            // Should it be refuted, the sentinels are asked.
            prepareRound(now: now)
            return action
        }
        guard now >= nextRound else {
            phase = .pausing(until: nextRound)
            return .pause(until: nextRound)
        }
        return startRound(now: now)
    }

    private mutating func startRound(now: Int64) -> Action {
        prepareRound(now: now)
        guard !left.isEmpty else { return .none }
        phase = .asking
        return .ask(left.removeFirst())
    }

    private mutating func prepareRound(now: Int64) {
        nextRound = now.addingReportingOverflow(Self.shortestInterval).partialValue
        left = sentinels
        refuted = []
        reasonRank = 0
        passingRank = 0
    }

    private mutating func askNext(now: Int64, random: Double) -> Action {
        guard left.isEmpty else {
            phase = .asking
            return .ask(left.removeFirst())
        }
        // They disagree with a master that works: it stays.
        if isMasterTrusted { return settle() }
        failures = min(failures + 1, 30)
        let delay = max(Self.shortestInterval / 2, backoff.delay(failures: failures, random: random))
        nextRound = max(nextRound, now.addingReportingOverflow(delay).partialValue)
        phase = .pausing(until: nextRound)
        return .pause(until: nextRound)
    }

    private mutating func followAnnouncement() -> Action? {
        guard let endpoint = announced else { return nil }
        announced = nil
        if endpoint == master, isMasterTrusted { return nil }
        // Announced at a moment when it had not been promoted, it may be tried again.
        return prove(endpoint)
    }

    private mutating func prove(_ endpoint: Endpoint) -> Action {
        phase = .proving(endpoint)
        return .prove(endpoint)
    }

    private mutating func settle() -> Action {
        phase = .idle
        failures = 0
        reason = nil
        isReasonLasting = false
        return .settled
    }

    /// Credentials, certificates and rights are mended by people.
    private static func isLasting(_ error: RedisError) -> Bool {
        error.code == .authenticationFailed || error.code == .tls || error.serverCode == "NOPERM"
    }

    /// Of what went wrong in a round, that is kept which lies nearest to the goal.
    private mutating func note(_ error: RedisError, rank: Int, isLasting: Bool) {
        if !isLasting { passingRank = max(passingRank, rank) }
        guard rank >= reasonRank else { return }
        reasonRank = rank
        reason = error
        isReasonLasting = isLasting
    }
}
