/// A kind of answer: its name, how long it lives, and the statistics it is counted under.
///
/// Kinds are few and fixed (`feedback`, `hint`, `insights`); a cache counts each apart when it is named in
/// ``CacheConfiguration/kinds``.
public struct CacheKind: Hashable, Sendable {
    /// The name, as it appears in statistics and metric labels.
    public var name: String
    /// Time to live of entries of this kind; nil takes the cache's default.
    public var timeToLive: Duration?
    /// How long past that an entry may stand in when its load fails; nil takes the cache's default.
    public var maximumStaleness: Duration?
    /// Time to live of entries of this kind which say that there is no value; see ``EntryOptions/negativeTimeToLive``. Nil takes the
    /// cache's default.
    public var negativeTimeToLive: Duration?
    /// By how much entries of this kind live shorter, by chance; nil takes the cache's default.
    public var jitter: Jitter?

    /// Makes a kind.
    public init(
        _ name: String,
        timeToLive: Duration? = nil,
        maximumStaleness: Duration? = nil,
        negativeTimeToLive: Duration? = nil,
        jitter: Jitter? = nil
    ) {
        self.name = name
        self.timeToLive = timeToLive
        self.maximumStaleness = maximumStaleness
        self.negativeTimeToLive = negativeTimeToLive
        self.jitter = jitter
    }
}
