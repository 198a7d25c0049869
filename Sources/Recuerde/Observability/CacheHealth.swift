/// How a cache is: what is, not what was configured.
public struct CacheHealth: Sendable, Hashable {
    /// The remote tier.
    public struct Redis: Sendable, Hashable {
        /// Whether it is in use at present.
        public var available: Bool
        /// Whether it answered just now.
        public var healthy: Bool
        /// Where it is, without secrets; nil where none is configured.
        public var url: String?
        /// How long it took to answer just now.
        public var latency: Duration?
        /// Since when it is available, or not.
        public var since: UnixTime?
        /// Why it is not available, without secrets.
        public var lastError: String?
    }

    /// The memory tier, which answers when Redis does not.
    public struct Fallback: Sendable, Hashable {
        /// Always true: memory is there as long as the process is.
        public var available: Bool
        /// Entries.
        public var size: Int
        /// What they weigh, in bytes.
        public var bytes: Int
    }

    /// Whether a remote tier was configured.
    public var configured: Bool
    /// The remote tier.
    public var redis: Redis
    /// The memory tier.
    public var fallback: Fallback
    /// What the cache has done.
    public var statistics: CacheStatistics
}
