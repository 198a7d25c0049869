/// Something in a configuration that contradicts something else, or itself; see ``CacheConfiguration/problems``.
///
/// A cache is made all the same: each problem says what the cache does about it. Nothing is a problem that a call's own ``EntryOptions``
/// may make sense of.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    /// Which contradiction it is. May grow.
    public struct ID: Sendable, Hashable, CustomStringConvertible {
        /// The word for it, as it stands in the log.
        public let rawValue: String

        init(_ rawValue: String) {
            self.rawValue = rawValue
        }

        public var description: String { rawValue }
    }

    /// How bad it is. May grow.
    public struct Severity: Sendable, Hashable, CustomStringConvertible {
        /// The word for it.
        public let rawValue: String

        /// Something has no effect, or counts as something else.
        public static let warning = Severity(rawValue: "warning")
        /// The cache cannot do what it is for: nothing is kept, loaded or brought to the remote tier.
        public static let error = Severity(rawValue: "error")

        public var description: String { rawValue }
    }

    /// Which contradiction it is.
    public let id: ID
    /// How bad it is.
    public let severity: Severity
    /// The kind whose own settings it concerns; nil for the cache's defaults.
    public let kind: String?
    /// What contradicts what, and what the cache does about it.
    public let message: String
    /// What to change.
    public let advice: String

    init(_ id: ID, severity: Severity = .warning, kind: String? = nil, _ message: String, advice: String) {
        self.id = id
        self.severity = severity
        self.kind = kind
        self.message = message
        self.advice = advice
    }

    public var description: String {
        let place = kind.map { " (kind \($0))" } ?? ""
        return "\(severity) \(id)\(place): \(message); \(advice)"
    }
}

extension ConfigurationProblem.ID {
    /// A time to live of zero or less: nothing is kept, nor does it stand in.
    public static let noTimeToLive = Self("time_to_live_of_nothing")
    /// A stale life that ends before the time to live does (`maximumStaleness`, which is counted past the time to live, is below zero).
    /// Counts as ending with it.
    public static let staleLifeShorterThanTimeToLive = Self("stale_life_shorter_than_time_to_live")
    /// A pause after failures that outlasts the stale value which is served meanwhile. It ends with that.
    public static let throttleLongerThanStaleLife = Self("throttle_longer_than_stale_life")
    /// A jitter below zero, above half of the time to live, or that is no number. Counts as the nearest that is possible.
    public static let jitterOutOfRange = Self("jitter_out_of_range")
    /// Early refresh of what is not kept. It never begins.
    public static let earlyRefreshWithoutLife = Self("early_refresh_without_life")
    /// An early refresh below zero, infinite, or that is no number. Each hit refreshes where it is infinite, none where it is not.
    public static let earlyRefreshOutOfRange = Self("early_refresh_out_of_range")
    /// A hard limit that is over before the soft one. The soft one has no effect: at the hard one a stale value is served, if there is one.
    public static let hardLimitBelowSoft = Self("hard_limit_below_soft")
    /// Loads that end before a soft limit is over. It has no effect.
    public static let loadTimeoutBelowSoft = Self("load_timeout_below_soft")
    /// Loads that may take no time. None begins, and each counts as failed.
    public static let noLoadTimeout = Self("load_timeout_of_nothing")
    /// No loads in the background, where time limits or early refreshes make some. A load that nobody waits for is cancelled, and none
    /// begins early.
    public static let noBackgroundLoads = Self("background_loads_of_none")
    /// One load per cluster, where nobody gives leases: without a remote tier, or with one that does not offer them. Each node loads by
    /// itself.
    public static let noLeases = Self("leases_without_a_store")
    /// One load per cluster, and no time to wait for another node's. Each node loads by itself.
    public static let noLeaseWait = Self("lease_wait_of_nothing")
    /// Leases that would end with a pause of a busy process. They last a tenth of a second.
    public static let leaseTooShort = Self("lease_time_to_live_too_short")
    /// A remote tier, and no time to wait for it. It is never asked.
    public static let noRemoteDeadline = Self("remote_deadline_of_nothing")
    /// A time that is below zero. Counts as zero.
    public static let negativeTime = Self("time_below_zero")
    /// A breaker that opens after no failure. It opens after the first.
    public static let noBreakerThreshold = Self("breaker_threshold_of_nothing")
    /// A journal without room. Each write that the remote tier does not take becomes a clear of the whole prefix.
    public static let noJournal = Self("journal_of_nothing")
    /// A memory tier without room. Nothing is kept in it.
    public static let noMemory = Self("memory_of_nothing")
    /// No value is small enough. None is kept.
    public static let noEntryBytes = Self("entry_bytes_of_nothing")
    /// Two kinds of one name. They are counted as one.
    public static let kindNamedTwice = Self("kind_named_twice")
    /// Tags of records, under a format that has no room for tags. `recordChanged` throws where it needs them.
    public static let dependenciesWithoutTags = Self("dependencies_without_tags")
}
