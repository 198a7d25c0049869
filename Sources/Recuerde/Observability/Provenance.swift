/// Where an answer came from, how old it is, and how long it lives.
public struct Provenance: Sendable, Hashable {
    /// Where an answer can come from. May grow.
    public struct Source: Sendable, Hashable, CustomStringConvertible {
        /// The word for it, as it stands in answers and metric labels.
        public let rawValue: String

        /// The memory of this process.
        public static let memory = Source(rawValue: "memory")
        /// Redis.
        public static let redis = Source(rawValue: "redis")
        /// It was made for this call, or for one that this call joined.
        public static let load = Source(rawValue: "load")
        /// An entry past its logical expiry, or older than the call accepts; ``Provenance/staleReason`` says why.
        public static let stale = Source(rawValue: "stale")

        public var description: String { rawValue }
    }

    /// Why a stale answer was given. May grow.
    public struct StaleReason: Sendable, Hashable, CustomStringConvertible {
        /// The word for it.
        public let rawValue: String

        /// The load failed.
        public static let loadFailed = StaleReason(rawValue: "load_failed")
        /// The load took longer than it may.
        public static let loadTimedOut = StaleReason(rawValue: "load_timed_out")
        /// The load goes on, and the caller does not wait for it.
        public static let loadSlow = StaleReason(rawValue: "load_slow")
        /// A load has failed a moment ago, and none was tried since.
        public static let throttled = StaleReason(rawValue: "throttled")
        /// The caller asked for what is kept, stale or not, and nothing was loaded.
        public static let notLoaded = StaleReason(rawValue: "not_loaded")

        public var description: String { rawValue }
    }

    /// Where the answer came from.
    public var source: Source
    /// Time since the value was made, or last confirmed by its source.
    public var age: Duration
    /// Time until its logical expiry; negative for a stale one, nil for one that is not kept.
    public var remaining: Duration?
    /// The entry's version.
    public var stamp: Stamp
    /// Why it is stale; nil for one that is not.
    public var staleReason: StaleReason?
    /// Whether the answer is kept in the cache.
    public var stored: Bool
    /// Whether this call joined a load that another had started.
    public var shared: Bool
    /// What the load cost, where it said so.
    public var cost: LoadCost?
    /// Whether the load of this call has found that the value which was there before is still the current one
    /// (``LoadContext/notModified()``).
    public var confirmed: Bool

    /// Makes a provenance.
    public init(
        source: Source,
        age: Duration = .zero,
        remaining: Duration? = nil,
        stamp: Stamp = .zero,
        staleReason: StaleReason? = nil,
        stored: Bool = false,
        shared: Bool = false,
        cost: LoadCost? = nil,
        confirmed: Bool = false
    ) {
        self.source = source
        self.age = age
        self.remaining = remaining
        self.stamp = stamp
        self.staleReason = staleReason
        self.stored = stored
        self.shared = shared
        self.cost = cost
        self.confirmed = confirmed
    }
}

/// A value and where it came from.
public struct CacheResult<Value: Sendable>: Sendable {
    /// The value.
    public var value: Value
    /// Where it came from.
    public var provenance: Provenance

    /// Makes a result.
    public init(value: Value, provenance: Provenance) {
        self.value = value
        self.provenance = provenance
    }
}
