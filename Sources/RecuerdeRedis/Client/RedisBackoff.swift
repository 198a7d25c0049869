/// How long to wait before the next attempt to connect: exponential, with full jitter.
///
/// The wait before attempt n after n failures is drawn evenly from zero to `base * 2^n`, at most `cap`.
/// With the default cap of two seconds a client dials an absent server once a second on average, and two to five times a
/// second while commands ask for it. A server that answers and refuses (wrong password, too many clients) is dialed again
/// after half of the cap to all of it.
public struct RedisBackoff: Sendable, Hashable {
    /// The upper end of the first wait.
    public var base: Duration
    /// The upper end of every later wait.
    public var cap: Duration

    /// Makes a backoff; 50 ms and 2 s unless told.
    public init(base: Duration = .milliseconds(50), cap: Duration = .seconds(2)) {
        self.base = base
        self.cap = cap
    }

    /// The upper end of the wait after so many failures in a row, in nanoseconds.
    func ceiling(failures: Int) -> Int64 {
        let cap = max(1, cap.clampedNanoseconds)
        let base = min(cap, max(1, base.clampedNanoseconds))
        // 62 doublings fill an Int64; far fewer reach any sensible cap.
        let doublings = min(max(0, failures - 1), 62)
        let (grown, overflow) = base.multipliedReportingOverflow(by: 1 << doublings)
        return overflow ? cap : min(cap, grown)
    }

    /// The wait after so many failures in a row, in nanoseconds; `random` lies in 0..<1.
    func delay(failures: Int, random: Double) -> Int64 {
        let share = random.isFinite ? min(max(random, 0), 1) : 0.5
        return Int64(Double(ceiling(failures: failures)) * share)
    }

    /// The wait after a server has said that it does not want this client.
    func delayAfterRefusal(random: Double) -> Int64 {
        let share = random.isFinite ? min(max(random, 0), 1) : 0.5
        return Int64(Double(max(1, cap.clampedNanoseconds)) * (0.5 + share / 2))
    }

    /// The wait after a server has said that it loads its data, which passes: 10 to 200 ms.
    func delayWhileLoading(failures: Int, random: Double) -> Int64 {
        10_000_000 + min(delay(failures: failures, random: random), 190_000_000)
    }

    /// The least wait after nobody has listened, while callers ask: 0.2 to 0.4 s.
    func delayOnDemand(random: Double) -> Int64 {
        let share = random.isFinite ? min(max(random, 0), 1) : 0.5
        return Int64(200_000_000 * (1 + share))
    }
}
