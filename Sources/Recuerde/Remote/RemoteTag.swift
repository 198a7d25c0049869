/// What the store keeps of a tag: up to which stamps the entries that carry it are void.
///
/// The record has a name of its own, outside of the entries, and disappears by itself when nothing can need it any more. Where it is missing,
/// nothing tells what it said, so every entry that carries the tag and was stamped before is void. ``RemoteTier/read(_:with:timeout:)`` reads it
/// like an entry: 40 decimal digits, ``expired`` and ``removed``.
public struct RemoteTag: Sendable, Hashable {
    /// Entries that are not stamped later have expired.
    public var expired: Stamp
    /// Entries that are not stamped later are gone, and stand in for nothing. Never later than ``expired``.
    public var removed: Stamp
    /// How long the record still lives.
    public var remaining: Duration
    /// Whether this call has changed it in any way.
    public var isChanged: Bool
    /// The store's clock.
    public var time: Stamp
    /// Whether nothing was done because `validUntil` had passed.
    public var isLate: Bool

    /// Makes an answer.
    public init(
        expired: Stamp,
        removed: Stamp,
        remaining: Duration,
        isChanged: Bool,
        time: Stamp,
        isLate: Bool = false
    ) {
        self.expired = expired
        self.removed = removed
        self.remaining = remaining
        self.isChanged = isChanged
        self.time = time
        self.isLate = isLate
    }

    /// The bytes of a record.
    package static func bytes(expired: Stamp, removed: Stamp) -> [UInt8] {
        Array((expired.wireText + removed.wireText).utf8)
    }

    /// What the bytes of a record say; nil for what is none.
    package static func floors(of bytes: [UInt8]) -> (expired: Stamp, removed: Stamp)? {
        guard bytes.count == 2 * Stamp.width, let expired = Stamp(wireBytes: bytes[..<Stamp.width]),
            let removed = Stamp(wireBytes: bytes[Stamp.width...])
        else { return nil }
        return (expired, removed)
    }
}

/// One step on the record of a tag, atomic by itself.
public struct RemoteTagStep: Sendable, Hashable {
    /// What is done.
    public enum Operation: Sendable, Hashable {
        /// Sees to it that the record is there, and lives as long as it must.
        ///
        /// One that is missing is made: what was stamped until then is void, or what is not stamped later than `missing`, for an entry that began
        /// before the record was looked for.
        case keep(missing: Stamp?)
        /// Makes everything void that is stamped before this step: up to a microsecond past the store's clock, later than what stands there, and
        /// not earlier than `atLeast` (unless that lies more than a minute ahead).
        ///
        /// But not once the store's clock has passed `validUntil`: one that its caller has given up must not make void what was set since.
        case invalidate(atLeast: Stamp, removes: Bool, validUntil: Stamp)
        /// Makes everything void that is not stamped later, and leaves a later floor as it is.
        case raise(to: Stamp, removes: Bool)
    }

    /// The record's name.
    public var name: String
    /// What is done.
    public var operation: Operation
    /// How long the record has to live at least; one that another step than `keep` has to make lives for a day if that is longer, since
    /// nobody knows which loads are under way.
    public var life: Duration

    /// Makes a step.
    public init(name: String, operation: Operation, life: Duration) {
        self.name = name
        self.operation = operation
        self.life = life
    }
}
