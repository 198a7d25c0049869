/// The bounds of the memory tier.
public struct MemoryConfiguration: Sendable, Hashable {
    /// Most entries held at once.
    public var maximumEntries = 10_000
    /// Most bytes held at once, by weight: key, encoded value and a fixed overhead for each entry.
    public var maximumBytes = 64 * 1_024 * 1_024
    /// Bytes that this cache shares with others, besides its own bounds; nil shares nothing.
    public var budget: MemoryBudget?
    /// What to get the most of when not everything can be kept.
    public var goal = EvictionGoal.requests
    /// How many parts the tier is divided into, each with a lock of its own; nil chooses by the number of processors and by the bounds, so
    /// that no part gets too small. The bounds hold for all parts together, and one entry may take all that there is.
    public var shards: Int?

    /// The defaults suit a small container: 10 000 entries and 64 MiB.
    public init() {}

    /// Most entries for which a part's table grows in a moment that nobody notices.
    private static let largestPart = 1 << 15

    /// How many parts there are.
    func shardCount(processors: Int) -> Int {
        // More than this fit into no part.
        let entries = min(maximumEntries, maximumBytes / 128)
        let least = max(1, min(1_024, entries / (SlotStore.limit / 2)))
        if let shards { return max(least, min(shards, 1_024)) }
        let bySize = max(1, min(maximumEntries / 1_024, maximumBytes / (8 * 1_024 * 1_024)))
        var count = 1
        while count * 2 <= min(processors * 4, bySize, 64) { count *= 2 }
        while count < 1_024, entries / count > Self.largestPart { count *= 2 }
        return max(least, count)
    }
}
