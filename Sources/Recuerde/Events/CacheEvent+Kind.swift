extension CacheEvent {
    /// What can happen. May grow.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// The word for it.
        public let rawValue: String

        public var description: String { rawValue }
    }
}

// Reads and loads.
extension CacheEvent.Kind {
    /// A lookup has found a fresh value, in ``CacheEvent/tier``. Counted in ``CacheStatistics/Counters/hits``.
    public static let hit = Self(rawValue: "hit")
    /// A lookup has not, whatever was served in the end. Counted in ``CacheStatistics/Counters/misses``.
    public static let miss = Self(rawValue: "miss")
    /// A lookup that was a miss got a stale value, for ``CacheEvent/staleReason``. Counted in ``CacheStatistics/staleServed``.
    public static let staleServed = Self(rawValue: "stale_served")
    /// A load has begun. Counted in ``CacheStatistics/loads``. Each ends in one ``loadEnded`` or ``loadFailed``.
    public static let loadBegan = Self(rawValue: "load_began")
    /// A load has brought a value, or that there is none, after ``CacheEvent/duration``.
    public static let loadEnded = Self(rawValue: "load_ended")
    /// A load has failed after ``CacheEvent/duration``, in the background too, with ``CacheEvent/error``: ``CacheError/Code/loadTimedOut`` where it took too
    /// long, `CancellationError` where it was cancelled since nobody waited for it. Counted in ``CacheStatistics/loadFailures``, but for those
    /// that were cancelled and those with ``ReadPolicy/bypass``.
    public static let loadFailed = Self(rawValue: "load_failed")
    /// A value is to be loaded before it expires. Counted in ``CacheStatistics/earlyRefreshes``.
    public static let earlyRefresh = Self(rawValue: "early_refresh")
}

// Writes and removals.
extension CacheEvent.Kind {
    /// A value was set, or kept after its load. Counted in ``CacheStatistics/Counters/sets``.
    public static let set = Self(rawValue: "set")
    /// A call has removed a key. Counted in ``CacheStatistics/Counters/deletes``.
    public static let removed = Self(rawValue: "removed")
    /// A call has expired a key. Counted in ``CacheStatistics/expires``.
    public static let expired = Self(rawValue: "expired")
    /// All was cleared: by a call, which has found ``CacheEvent/count`` entries; or elsewhere, by a flush of all of Redis. (A clear of another node is
    /// told entry by entry, as ``invalidated``. Of a flush Redis does not tell of which database: it may be another one.)
    public static let cleared = Self(rawValue: "cleared")
    /// Tags were invalidated by a call: counted in ``CacheStatistics/tagInvalidations``. Or, of ``CacheEvent/Origin/elsewhere``, the record of a tag that
    /// this node knows entries of has changed in Redis: it was invalidated there, or Redis has let go of it, or, most often, it was only given a longer
    /// life; which of them is read when an entry with the tag is asked for.
    public static let tagsInvalidated = Self(rawValue: "tags_invalidated")
    /// A copy in memory went, since another has changed, removed or expired the entry, or Redis has let go of it. Counted in
    /// ``CacheStatistics/invalidations``.
    public static let invalidated = Self(rawValue: "invalidated")
    /// An entry has left memory, or was not let in, for ``CacheEvent/removalReason``: ``RemovalReason/size``, ``RemovalReason/weight``,
    /// ``RemovalReason/refused``, or ``RemovalReason/expired``, which is found out when its room is given back. Counted in
    /// ``CacheStatistics/removals``, also where nobody listens; dead entries that a clear takes are counted there and not told.
    public static let evicted = Self(rawValue: "evicted")
}

// The remote tier.
extension CacheEvent.Kind {
    /// Redis answers, for the first time or again; ``CacheEvent/count`` writes wait for it.
    public static let remoteAvailable = Self(rawValue: "remote_available")
    /// Redis could not be reached at first, or does not answer any more, for ``CacheEvent/error``. Memory answers in its stead.
    public static let remoteUnavailable = Self(rawValue: "remote_unavailable")
    /// Redis is left alone for a while (``CacheConfiguration/breakerPause``).
    public static let breakerOpened = Self(rawValue: "breaker_opened")
    /// Callers go to Redis again.
    public static let breakerClosed = Self(rawValue: "breaker_closed")
    /// Something waits in the journal until Redis takes it, for ``CacheEvent/journalReason``: a write, removal or expiry of the key, an invalidation of
    /// the tags, or, without either, a clear.
    public static let journalQueued = Self(rawValue: "journal_queued")
    /// Something that waited was brought to Redis, or turned out to be void there. What a later write of its key or a clear makes void, and what gives way
    /// where the journal is full, leaves it without an event.
    public static let journalReplayed = Self(rawValue: "journal_replayed")
    /// So much waits that it was collapsed into one clear. Counted in ``CacheStatistics/journalOverflows``.
    public static let journalOverflowed = Self(rawValue: "journal_overflowed")
}

// The subscription.
extension CacheEvent.Kind {
    /// At this place ``CacheEvent/count`` events are missing: they came while the buffer was full.
    public static let missed = Self(rawValue: "missed")
}
