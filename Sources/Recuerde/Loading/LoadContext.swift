/// What a load knows about itself, and about the value that it may replace.
public struct LoadContext<Value: Sendable>: Sendable {
    /// The version that its value will have: taken before the load started. As long as a remote tier has never answered, it counts from the
    /// making of the cache.
    public let stamp: Stamp
    private let found: Found<Value>?
    private let begun: MonotonicInstant

    init(stamp: Stamp, previous: Found<Value>? = nil, begun: MonotonicInstant) {
        self.stamp = stamp
        self.found = previous
        self.begun = begun
    }

    /// What is kept under the key at the moment at which the load begins: stale for most loads, still fresh for one before its time
    /// (``EntryOptions/earlyRefresh``) and for one with ``ReadPolicy/refresh``. Nil where nothing is kept that may stand in for the load:
    /// none was, it is of another type, its stale life is over, it was removed or cleared meanwhile, or the cache is bypassed.
    ///
    /// It is decoded already. Costs nothing where nobody asks.
    public var previous: PreviousValue<Value>? {
        found.map { PreviousValue($0, at: begun) }
    }

    /// The answer of a source that was asked whether it has something newer than ``previous``, and has not: value, tags, cost and
    /// validators stay, and the entry gets a new version and a new life, in both tiers.
    ///
    /// What is said besides may be changed in what this returns, such as ``Loaded/timeToLive``; with another value it is no confirmation
    /// any more. It is kept under the same conditions as whatever a load brings: where the key was removed, written or one of its tags
    /// invalidated while the load ran, the value is handed out and not kept. The entry counts as made at this moment. In the remote tier
    /// the value is written anew, as a whole.
    ///
    /// - Throws: ``CacheError`` with code `nothingToConfirm` where there is no ``previous``; thrown on, it is a load that failed.
    public func notModified() throws -> Loaded<Value> {
        guard let found else {
            throw CacheError(
                .nothingToConfirm,
                "the load says that the value was not modified, and there is none that it was asked about; ask the source without "
                    + "conditions where `previous` is nil"
            )
        }
        var loaded = Loaded(
            found.value,
            cost: found.entry.cost,
            tags: found.entry.tags,
            validators: found.entry.validators?.validators
        )
        loaded.isConfirmation = true
        return loaded
    }
}

/// A value that a load may replace, or confirm.
public struct PreviousValue<Value: Sendable>: Sendable {
    /// The value.
    public let value: Value
    /// What its source said about this version of it.
    public let validators: Validators
    /// Its tags.
    public let tags: [String]
    /// What its load cost, where it said so.
    public let cost: LoadCost?
    /// Time since it was made, or last confirmed.
    public let age: Duration
    /// Its version.
    public let stamp: Stamp
    /// Whether it is past its logical expiry.
    public let isStale: Bool

    /// The entity tag that came with it.
    public var etag: String? { validators.etag }
    /// When its source last changed it, in the source's words.
    public var lastModified: String? { validators.lastModified }

    init(_ found: Found<Value>, at now: MonotonicInstant) {
        value = found.value
        validators = found.entry.validators?.validators ?? Validators()
        tags = found.entry.tags
        cost = found.entry.cost
        age = max(.zero, found.entry.createdAt.duration(to: now))
        stamp = found.entry.stamp
        isStale = !found.isFresh(at: now, maximumAge: nil)
    }
}
