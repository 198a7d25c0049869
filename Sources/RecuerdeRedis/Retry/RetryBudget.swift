/// How many repetitions the commands so far have earned: a bucket of tokens.
///
/// It is looked at after failures only. The number of commands sent so far comes from a counter that wraps around. Times
/// are nanoseconds of any clock; there is no I/O here.
struct RetryBudget {
    /// Commands that lie further back earn nothing any more.
    static let window: Int64 = 10_000_000_000
    /// In this time the whole reserve comes back.
    static let refill: Int64 = 5_000_000_000

    private let share: Double
    private let reserve: Double
    private var tokens: Double
    /// About how many commands were sent within the window.
    private var recentCommands = 0.0
    private var lastCommands: UInt32
    private var lastLook: Int64

    init(policy: RedisRetryPolicy, commands: UInt32 = 0, now: Int64) {
        share = policy.share.isFinite ? min(max(policy.share, 0), 1) : 0
        reserve = Double(max(0, policy.reserve))
        tokens = reserve
        lastCommands = commands
        lastLook = now
    }

    /// Takes a token for each of so many commands that are repeated together; false if there are too few. A bucket that is
    /// full suffices for any number, and is in debt afterwards: else a long pipeline could never be repeated.
    ///
    /// - Parameter commands: how many commands were sent in all, repetitions included.
    mutating func take(_ weight: Int = 1, commands: UInt32, now: Int64) -> Bool {
        accrue(commands: commands, now: now)
        guard tokens >= min(Double(weight), max(1, capacity)) else { return false }
        tokens -= Double(weight)
        // The repetitions will be counted as commands too, and must not earn a part of the next one.
        lastCommands &+= UInt32(truncatingIfNeeded: weight)
        return true
    }

    /// The repetition has turned out to be no burden.
    mutating func giveBack(_ weight: Int = 1) {
        tokens = min(tokens + Double(weight), capacity)
    }

    private var capacity: Double { max(reserve, recentCommands * share) }

    private mutating func accrue(commands: UInt32, now: Int64) {
        let elapsed = Double(max(0, now &- lastLook))
        lastLook = max(lastLook, now)
        // Below zero while a repetition has its token and has not been counted as sent yet.
        let difference = Int32(truncatingIfNeeded: commands &- lastCommands)
        let sent = Double(max(0, difference))
        if difference > 0 { lastCommands = commands }
        let passed = min(1, elapsed / Double(Self.window))
        // What was sent before the window earns nothing, and what was sent evenly since the last look counts as far as it
        // lies within it.
        let counted = elapsed > Double(Self.window) ? sent * Double(Self.window) / elapsed : sent
        recentCommands = recentCommands * (1 - passed) + counted
        tokens = min(tokens + counted * share + reserve * elapsed / Double(Self.refill), capacity)
    }
}
