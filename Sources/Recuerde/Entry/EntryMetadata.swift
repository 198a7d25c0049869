/// All that is known of an entry besides its key and value; the header of an envelope carries it.
package struct EntryMetadata: Sendable, Hashable {
    package var stamp: Stamp
    /// When the value was made, in civil time of the writer.
    package var createdAt: UnixTime
    /// Fresh before this.
    package var logicalExpiry: UnixTime
    /// Stale before this, dead from then on.
    package var physicalExpiry: UnixTime
    package var tags: [String]
    package var cost: LoadCost?

    package init(
        stamp: Stamp,
        createdAt: UnixTime,
        logicalExpiry: UnixTime,
        physicalExpiry: UnixTime,
        tags: [String] = [],
        cost: LoadCost? = nil
    ) {
        self.stamp = stamp
        self.createdAt = createdAt
        self.logicalExpiry = logicalExpiry
        self.physicalExpiry = physicalExpiry
        self.tags = tags
        self.cost = cost
    }
}
