/// What a load knows about itself.
public struct LoadContext: Sendable {
    /// The version that its value will have: taken before the load started. As long as a remote tier has never answered, it counts from the making of the
    /// cache.
    public let stamp: Stamp

    package init(stamp: Stamp) {
        self.stamp = stamp
    }
}

/// What a load gives: the value, and what the load alone can know about it.
public struct Loaded<Value: Sendable>: Sendable {
    /// The value.
    public var value: Value
    /// Whether it may be kept.
    public var store: Bool
    /// Time to live, in place of the call's.
    public var timeToLive: Duration?
    /// What the load cost; kept with the entry.
    public var cost: LoadCost?
    /// Tags, in place of the call's. Those of the call are known while the load runs, so that nobody joins it who comes after one of them was
    /// invalidated; prefer them where they are known. Something that is no tag keeps the value from being kept.
    public var tags: [String]?

    /// Makes the outcome of a load.
    public init(
        _ value: Value,
        store: Bool = true,
        timeToLive: Duration? = nil,
        cost: LoadCost? = nil,
        tags: [String]? = nil
    ) {
        self.value = value
        self.store = store
        self.timeToLive = timeToLive
        self.cost = cost
        self.tags = tags
    }
}
