/// When the topology is asked for: never twice at once, and not more often than its interval allows, however many
/// callers want it. A wish is never lost: one that comes too early is fulfilled when its time has come.
///
/// Times are nanoseconds of any clock; there is no I/O here.
struct ClusterRefreshPolicy {
    private enum State {
        case idle
        /// Somebody is on the way to ask.
        case scheduled
        /// Somebody is asking; what was wanted meanwhile may be newer than the answer.
        case running(isWantedAgain: Bool)
    }

    private var state = State.idle
    private var lastStart: Int64?
    private var failures = 0

    /// With this distance there are two or three in the first second of a storm.
    static let interval: Int64 = 500_000_000
    /// After three failures in a row.
    static let intervalOfFailures: Int64 = 1_000_000_000

    /// Somebody wants a fresh topology. Returns when to ask; nil if that is taken care of.
    mutating func wanted(now: Int64) -> Int64? {
        switch state {
        case .idle:
            state = .scheduled
            return nextStart(now)
        case .scheduled:
            return nil
        case .running:
            state = .running(isWantedAgain: true)
            return nil
        }
    }

    /// Asking begins.
    mutating func started(now: Int64) {
        state = .running(isWantedAgain: false)
        lastStart = now
    }

    /// Asking is over. Returns when to ask again, if that is wanted.
    mutating func finished(succeeded: Bool, now: Int64) -> Int64? {
        failures = succeeded ? 0 : min(failures + 1, 1000)
        guard case .running(isWantedAgain: true) = state else {
            state = .idle
            return nil
        }
        state = .scheduled
        return nextStart(now)
    }

    /// True if asking began last so long ago.
    func isOlder(than age: Int64, now: Int64) -> Bool {
        lastStart.map { now &- $0 >= age } ?? false
    }

    private func nextStart(_ now: Int64) -> Int64 {
        guard let lastStart else { return now }
        let distance = failures < 3 ? Self.interval : Self.intervalOfFailures
        return max(now, lastStart.addingReportingOverflow(distance).partialValue)
    }
}
