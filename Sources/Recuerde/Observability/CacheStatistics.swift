/// What a cache has done since it was made or its statistics were reset.
public struct CacheStatistics: Sendable, Hashable {
    /// The counts of one tier, of one kind of answer, or of the whole.
    public struct Counters: Sendable, Hashable {
        /// Lookups that found a fresh value.
        public var hits = 0
        /// Lookups that did not.
        public var misses = 0
        /// Values written.
        public var sets = 0
        /// Values removed by a caller.
        public var deletes = 0
        /// Operations that failed.
        public var errors = 0

        /// Makes counters that stand at zero.
        public init() {}

        /// Lookups in all.
        public var totalRequests: Int { hits + misses }

        /// Hits among lookups, in percent with two decimals; 0 where there was none.
        public var hitRatePercent: Double {
            guard totalRequests > 0 else { return 0 }
            return (Double(hits) / Double(totalRequests) * 10_000).rounded() / 100
        }
    }

    /// The whole: one count for each operation of a caller.
    public var total = Counters()
    /// The memory tier.
    public var memory = Counters()
    /// The remote tier.
    public var remote = Counters()
    /// Each kind named in ``CacheConfiguration/kinds``, each namespace (``CacheNamespace/name``), whose keys count here and not under their kind, and
    /// `other` for the rest.
    public var perKind: [String: Counters] = [:]
    /// Stale answers given: a load failed, was slow or not tried again yet, or the caller asked for no more.
    public var staleServed = 0
    /// Copies in memory served although nobody vouched for them at that moment, within ``CacheConfiguration/stalenessBound``.
    public var unverifiedServed = 0
    /// Copies in memory that went because others had changed the entry, since the cache was made.
    public var invalidations = 0
    /// Lines that tell of such changes at present: tracked connections, say. Without one, reads ask the remote tier first.
    public var invalidationLines = 0
    /// Loads that were started.
    public var loads = 0
    /// Loads that failed or timed out.
    public var loadFailures = 0
    /// Loads that were started before the value had expired.
    public var earlyRefreshes = 0
    /// Values that callers have expired one by one, whether there was one or not.
    public var expires = 0
    /// Loads that did not begin at once, since another node was loading the same.
    public var leaseWaits = 0
    /// Leases that ran out, or were taken away, before the load that they were for had ended: others may have loaded the
    /// same meanwhile. Counted when the load has ended.
    public var leasesLost = 0
    /// Calls that invalidated by tags, those for changed records included.
    public var tagInvalidations = 0
    /// Looks into memory that found an entry which would be fresh, had not one of its tags been invalidated.
    public var voidInMemory = 0
    /// The same of looks into the remote tier.
    public var voidInRemote = 0
    /// Loads under way for which nobody waits, or did not at some time.
    public var backgroundLoads = 0
    /// Bytes met that did not decode: corrupt, foreign, of another version or type.
    public var decodeFailures = 0
    /// What compression and encryption have done, and what they have refused.
    public var payload = PayloadStatistics()
    /// Entries that gave way to others in memory.
    public var evictions = 0
    /// Entries that expired in memory.
    public var expirations = 0
    /// Entries that memory took in since the cache was made, replacements included.
    public var insertions = 0
    /// Entries that left memory since the cache was made, by reason. Those that were taken in, less those that left (what was refused never
    /// was there), are those that are there.
    public var removals: [RemovalReason: Int] = [:]
    /// Time since the cache was made or the statistics were reset.
    public var uptime: Duration = .zero
    /// What answers at present: `redis` or `memory`.
    public var backend = "memory"
    /// Whether the remote tier answers at present.
    public var redisAvailable = false
    /// Entries in memory.
    public var cacheSize = 0
    /// What they weigh, in bytes.
    public var memoryBytes = 0
    /// Writes that wait for Redis to come back.
    public var journalDepth = 0
    /// The same by the reason for which they wait; every reason is there, at zero too.
    public var journalReasons = Dictionary(uniqueKeysWithValues: JournalReason.allCases.map { ($0, 0) })
    /// How often so many waited that they were collapsed into one clear.
    public var journalOverflows = 0

    /// Makes statistics of nothing.
    public init() {}
}
