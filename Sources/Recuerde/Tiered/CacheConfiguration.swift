/// How a cache behaves.
public struct CacheConfiguration: Sendable {
    /// What the names of its entries in Redis begin with. Caches with different prefixes never touch each other's; under
    /// the plain format, which writes it as it is, that holds where no prefix is `other prefix` + `:` + something.
    public var prefix = "subjunctive"
    /// Time to live of entries for which neither the call nor the kind says one.
    public var defaultTimeToLive: Duration = .seconds(3_600)
    /// How long past its logical life an entry may stand in when its load fails, where neither call nor kind says.
    public var defaultMaximumStaleness: Duration = .zero
    /// Time to live of entries which say that there is no value, where neither call nor kind says: see ``EntryOptions/negativeTimeToLive``.
    /// Nil: as long as a value.
    public var defaultNegativeTimeToLive: Duration?
    /// By how much entries live shorter than said, by chance, where neither call nor kind says.
    public var defaultJitter = Jitter.none
    /// How entries are written in Redis.
    public var format = WireFormat.envelope
    /// What becomes of entries outside of memory: compression, encryption, hidden names.
    public var payload = PayloadConfiguration()
    /// How values are read that were written in another version of their type's schema; see ``CacheSchemaVersioned``.
    public var schemaUpgrades = CacheSchemaUpgrades()
    /// The bounds of the memory tier.
    public var memory = MemoryConfiguration()
    /// Which tier is asked first.
    public var readingOrder = ReadingOrder.memoryFirst
    /// How long what memory holds may be served although nobody tells any more of its changes, since the connection that did is gone or
    /// silent. It is looked after meanwhile, and checked before it is served later than that. Zero: nothing that was read over a connection that is
    /// gone. A connection that stands is believed for 300 ms after its last proof at least, whatever the bound.
    public var stalenessBound: Duration = .seconds(5)
    /// The same while Redis cannot be asked. Nil: until its logical expiry.
    public var stalenessBoundWhenDetached: Duration?
    /// The most that one call waits for Redis, all its waits together.
    public var remoteDeadline: Duration = .milliseconds(250)
    /// How many exchanges in a row may time out before Redis counts as down. A refused connection counts at once.
    public var breakerThreshold = 3
    /// For how long Redis is left alone once it counts as down, before one caller tries it again.
    public var breakerPause: Duration = .seconds(2)
    /// How long a load may take before it is cancelled and its key is free again, where the call does not say; nil for as long as it likes.
    public var defaultLoadTimeout: Duration? = .seconds(60)
    /// How long a caller waits for a load while there is a stale value, where the call does not say; nil: to the end of the load.
    public var defaultSoftTimeout: Duration?
    /// How long a caller waits for a load at all, where the call does not say; nil: to the end of the load.
    public var defaultHardTimeout: Duration?
    /// For how long a key whose load has failed is not loaded again while there is a stale value, where the call does not say. Zero: each call
    /// tries.
    public var defaultFailureThrottle: Duration = .seconds(10)
    /// How early values are loaded anew before they expire, where the call does not say: see ``EntryOptions/earlyRefresh``. Zero: not at all.
    public var defaultEarlyRefresh = 0.0
    /// Whether a load runs once in the whole cluster, where the call does not say: see ``EntryOptions/loadsOncePerCluster``.
    public var defaultLoadsOncePerCluster = false
    /// After how long a node that is gone, or cut off from Redis, loses the lease of a load. While it lives it renews it every third of that. At least a
    /// tenth of a second.
    public var leaseTimeToLive: Duration = .seconds(5)
    /// The longest that a load waits for those of other nodes before it begins all the same; and never longer than it may take itself
    /// (``EntryOptions/loadTimeout``).
    public var leaseWait: Duration = .seconds(30)
    /// The most loads for which nobody waits, since those who did have got a stale value, have given up, or it is an early refresh. One beyond
    /// that is cancelled, or does not begin. One keeps its place to its end, should somebody wait for it again.
    public var maximumBackgroundLoads = 1_000
    /// A value whose encoding is larger, in bytes and before it is compressed, is handed out and not kept. Nor is a compressed one read that would be.
    public var maximumEntryBytes = 8 * 1_024 * 1_024
    /// Most writes that wait for Redis to come back; past this they collapse into one clear.
    public var journalMaximumIntents = 10_000
    /// Most bytes of values that wait for Redis to come back; past this they collapse into one clear.
    public var journalMaximumBytes = 32 * 1_024 * 1_024
    /// How long a shutdown waits for such writes, and before that for loads in the background.
    public var shutdownTimeout: Duration = .seconds(2)
    /// What is forgotten when a record of the application changes; see ``Cache/recordChanged(_:id:by:)``.
    public var dependencies = CacheDependencies()
    /// Kinds that are counted apart.
    public var kinds: [CacheKind] = []
    /// What an entry weighs in memory, by its key, its value and the bytes of its encoding; nil takes the bytes of key, encoding and tags.
    /// In both cases a fixed overhead is added (see `docs/design.md`). Called without any lock; what is below zero counts as zero.
    public var weigh: (@Sendable (_ key: CacheKey, _ value: any Sendable, _ encodedBytes: Int) -> Int)?
    /// Is told of every entry that leaves memory, and why, after it has left. Called on the thread of whoever caused it, without any lock,
    /// so it may use the cache; it should return soon. Costs a copy of each such key's text.
    public var onRemoval: (@Sendable (MemoryRemoval) -> Void)?
    /// Whether a caller gets an error where the remote tier failed, instead of the answer from memory.
    public var rethrowsRemoteErrors = false

    /// A number in 0 ..< 1, drawn anew each time: what jitter goes by.
    package var chance: @Sendable () -> Double = { .random(in: 0..<1) }

    /// The defaults.
    public init() {}
}

/// Which tier a read asks first.
public enum ReadingOrder: String, Sendable, Hashable, CaseIterable {
    /// Redis while it is up, memory when it is not: what another node wrote or removed is seen at once.
    case remoteFirst
    /// Memory, as long as Redis tells of what others change; what nobody vouches for is checked. With a remote tier that
    /// cannot tell, the same as ``remoteFirst``.
    case memoryFirst
    /// Memory, then Redis, whatever others write: for values that never change under a key, since another node's write is not
    /// seen before the copy in memory expires.
    case memoryUnchecked
}

/// How one call wants its answer.
public struct EntryOptions: Sendable {
    /// Time to live; nil takes the kind's, else the cache's default. Zero and less: the value is not kept.
    public var timeToLive: Duration?
    /// How long past its logical life the entry may stand in when its load fails; nil takes the kind's or the default.
    public var maximumStaleness: Duration?
    /// Time to live of an entry which says that there is no value: nil, where the type of what is kept is an optional one, however it came
    /// there, by a load or a ``Cache/set(_:to:options:)``. Usually shorter than that of a value, since what is not there yet may come. Nil
    /// takes the kind's, else the cache's default, else ``timeToLive``. Zero and less: that there is none is not kept. A load that sets
    /// ``Loaded/timeToLive`` says it for what it has found.
    public var negativeTimeToLive: Duration?
    /// By how much the entry is fresh for less time than said, by chance; nil takes the kind's, else the cache's default.
    public var jitter: Jitter?
    /// Tags of the entry, any number; what invalidates one of them (``Cache/invalidate(tags:by:)``) makes the entry void. A load may choose others
    /// (``Loaded/tags``), which are not known while it runs. With a remote tier the format `plain` has no room for them, and they are ignored.
    ///
    /// An empty tag, or one longer than a key may be, is refused (``CacheError/Code/invalidTag``) where something is kept. All together have to fit
    /// into 64 KiB; an entry with more is not brought to the remote tier, nor kept.
    public var tags: [String] = []
    /// How long the load may take, for all who wait for it; then it is cancelled, and its key is free whether or not it heeds that. Zero: it does not begin,
    /// as if it had failed. Nil takes the cache's default.
    public var loadTimeout: Duration?
    /// How long this caller waits for a load while there is a stale value that may stand in; after that it gets the stale value, and the load goes on,
    /// keeps what it has loaded, and may be joined. Counted from when the caller begins to wait, the look into Redis included. Zero: the stale value at once.
    /// Nil takes the cache's default. Without a stale value it has no effect.
    public var softTimeout: Duration?
    /// How long this caller waits for a load at all; after that it gets a stale value, or else an error (``CacheError/Code/waitTimedOut``), and
    /// the load goes on as above. Zero: what is at hand at this moment, or the error. Nil takes the cache's default.
    ///
    /// Other than ``loadTimeout``, which cancels the load itself for all who wait for it, and is what counts with ``ReadPolicy/bypass``.
    public var hardTimeout: Duration?
    /// For how long the key is not loaded again once its load has failed and a stale value has stood in, so that a source that is down is not
    /// hammered: meanwhile the stale value is served at once. Each node keeps that by itself. A call with ``ReadPolicy/refresh`` loads all the same. Nil takes the cache's
    /// default; zero means no pause.
    public var failureThrottle: Duration?
    /// How early the value is loaded anew before it expires, in the background, by chance that grows with the load's duration and the expiry's
    /// nearness: 1 is the optimum of the paper, more is earlier, zero never. Nil takes the cache's default.
    ///
    /// The duration of loads is kept with the entries then, which costs a block of memory for each.
    public var earlyRefresh: Double?
    /// Whether the load runs once in the whole cluster: a node that wants to load takes a lease in Redis first, and one that finds it taken waits for the value that comes of it,
    /// within ``CacheConfiguration/leaseWait``. This caller's own patience (``softTimeout``, ``hardTimeout``) and stale values hold meanwhile. With
    /// ``earlyRefresh``, a node that does not get the lease at once does not refresh. Nil takes the cache's default.
    ///
    /// A wish, and no promise: where Redis is away or refuses the lease, where a node is stopped for longer than the lease lasts, and where the wait is over, a load begins
    /// all the same. Nothing depends on it but how often the source is asked. Costs three exchanges for each load, all of them within
    /// ``CacheConfiguration/remoteDeadline`` but the last, for which nobody waits; a hit costs nothing. With ``ReadPolicy/refresh`` nothing is waited for, and with
    /// ``ReadPolicy/bypass`` no lease is asked for.
    public var loadsOncePerCluster: Bool?
    /// Whether a read that does not load (``Cache/result(for:as:options:)``, ``ReadPolicy/onlyIfCached``) takes a stale value, marked as such.
    public var acceptsStale = false
    /// How far the cache may be used for this call.
    public var readPolicy = ReadPolicy.normal
    /// An entry older than this counts as absent for this call; only where the load fails, or the caller does not wait for it, may an older one stand in,
    /// marked as stale (RFC 9111, section 5.2.1.1; RFC 5861, section 4).
    public var maximumAge: Duration?

    /// The defaults.
    public init() {}

    /// Options with a time to live.
    public static func timeToLive(_ timeToLive: Duration) -> EntryOptions {
        var options = EntryOptions()
        options.timeToLive = timeToLive
        return options
    }
}

/// How far the cache may be used for one call.
public enum ReadPolicy: Sendable, Hashable {
    /// Read, else load and keep.
    case normal
    /// Do not read; load and keep (RFC 9111, request directive `no-cache`).
    case refresh
    /// Neither read nor keep (`no-store`).
    case bypass
    /// Read only; without an entry the call throws ``CacheError/Code/notCached`` (`only-if-cached`).
    case onlyIfCached
}
