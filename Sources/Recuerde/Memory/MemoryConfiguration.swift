/// The bounds of the memory tier.
public struct MemoryConfiguration: Sendable, Hashable {
    /// Most entries held at once.
    public var maximumEntries = 10_000
    /// Most bytes held at once, by weight: key, encoded value and a fixed overhead for each entry.
    public var maximumBytes = 64 * 1_024 * 1_024
    /// How many parts the tier is divided into, each with a lock of its own and an equal share of the bounds; nil
    /// chooses by the number of processors and by the bounds, so that no part gets too small.
    public var shards: Int?

    /// The defaults suit a small container: 10 000 entries and 64 MiB.
    public init() {}

    /// How many parts there are.
    func shardCount(processors: Int) -> Int {
        if let shards { return max(1, min(shards, 1_024)) }
        let bySize = max(1, min(maximumEntries / 1_024, maximumBytes / (8 * 1_024 * 1_024)))
        var count = 1
        while count * 2 <= min(processors * 4, bySize, 64) { count *= 2 }
        return count
    }
}
