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
    /// What its source said about this version.
    package var validators: Validators?
    /// Whether somebody has expired it, whatever its logical expiry says.
    package var isExpired: Bool

    package init(
        stamp: Stamp,
        createdAt: UnixTime,
        logicalExpiry: UnixTime,
        physicalExpiry: UnixTime,
        tags: [String] = [],
        cost: LoadCost? = nil,
        validators: Validators? = nil,
        isExpired: Bool = false
    ) {
        self.stamp = stamp
        self.createdAt = createdAt
        self.logicalExpiry = logicalExpiry
        self.physicalExpiry = physicalExpiry
        self.tags = tags
        self.cost = cost
        self.validators = validators
        self.isExpired = isExpired
    }

    /// Up to when it is fresh, or was: what has been expired was so at `present` already.
    func freshUntil(_ present: UnixTime) -> UnixTime {
        isExpired ? min(logicalExpiry, present) : logicalExpiry
    }
}
