import Synchronization

/// Stands between the cache and its remote tier: keeps the caller's deadline, the breaker and the journal, and knows
/// whether the remote tier answers.
final class RemoteGate: Sendable {
    struct Status: Sendable {
        var isAvailable: Bool
        var since: UnixTime
        var lastError: String?
    }

    /// Writes of an entry that are under way, or were given up and may still be carried out.
    struct Fence {
        /// How many of them there are.
        var count = 0
        /// Until when the last of them is valid.
        var until = Stamp.zero
        /// The latest stamp that was made for the entry meanwhile.
        var latest = Stamp.zero
    }

    struct State {
        var breaker: CircuitBreaker
        var journal: RecoveryJournal
        var status: Status
        /// Whether the remote tier has ever answered, or failed to.
        var isKnown = false
        var fences: [String: Fence] = [:]
        /// At which number of fences those are thrown away that have had their time.
        var fencesToSweep = 1_024
        /// Until when a value that was given up without an answer may still be written there, and how far values of the journal are
        /// stamped ahead.
        var adriftUntil = Stamp.zero
        var isReplaying = false
        /// Clears that callers are carrying out: what they have noted is theirs to settle.
        var clearing = 0
        var nextReplay = MonotonicInstant(nanoseconds: .min)
        /// Whether the last that was seen of the remote tier is that nobody is there.
        var isGone = false
        /// What came of the last exchange that failed: why that waits for which nobody asks the remote tier.
        var lastReason = JournalReason.unavailable
        /// Whether the marks of this cache have ever been seen.
        var knowsMarks = false
        /// The epoch of marks that this node has made when it had never seen any.
        var firstEpoch: Stamp?
        /// Whether they have to be seen to: at first, and after an outage, in which the remote tier may have lost them.
        var wantsMarks = true
        /// When the remote tier last answered.
        var lastSign = MonotonicInstant(nanoseconds: .min)
    }

    let tier: any RemoteTier
    let clock: HybridClock
    let deadline: Duration
    /// How long a load may take, unless its call says otherwise; a day for one without an end.
    let defaultLoadTimeout: Duration
    /// After so long without an answer the upkeep asks for one.
    let silence = Duration.seconds(2)
    let format: WireFormat
    let keySpace: KeySpace
    let pipeline: PayloadPipeline
    let memory: MemoryTier
    /// Hears of changes; nil where nobody does.
    let invalidation: Invalidation?
    let timeSource: any TimeSource
    let log: CacheLog
    let state: Mutex<State>
    /// Whether the journal holds anything, readable without the lock: reads ask at every hit.
    let hasIntents = Atomic(false)

    init(
        tier: any RemoteTier,
        configuration: CacheConfiguration,
        keySpace: KeySpace,
        memory: MemoryTier,
        invalidation: Invalidation?,
        clock: HybridClock,
        timeSource: any TimeSource,
        log: CacheLog
    ) {
        self.tier = tier
        self.invalidation = invalidation
        self.clock = clock
        self.deadline = configuration.remoteDeadline
        self.defaultLoadTimeout = configuration.defaultLoadTimeout ?? .seconds(86_400)
        self.format = configuration.format
        self.keySpace = keySpace
        self.pipeline = PayloadPipeline(configuration)
        self.memory = memory
        self.timeSource = timeSource
        self.log = log
        self.state = Mutex(
            State(
                breaker: CircuitBreaker(threshold: configuration.breakerThreshold, pause: configuration.breakerPause),
                journal: RecoveryJournal(
                    maximumIntents: configuration.journalMaximumIntents,
                    maximumBytes: configuration.journalMaximumBytes
                ),
                status: Status(isAvailable: false, since: timeSource.unixTime())
            )
        )
    }

    var status: Status {
        state.withLock { $0.status }
    }

    /// Whether a caller would be let through to the remote tier now.
    var admitsCallers: Bool {
        let now = timeSource.now()
        return state.withLock { $0.breaker.admits(now: now) }
    }

    var journal: (depth: Int, overflows: Int, reasons: [JournalReason: Int]) {
        state.withLock { ($0.journal.count, $0.journal.overflows, $0.journal.reasons) }
    }
}
