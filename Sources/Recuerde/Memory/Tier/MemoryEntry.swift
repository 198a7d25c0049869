/// A value in the memory tier, decoded, with all that is known of it.
///
/// A class, so that a lookup hands out a reference and no copy; the value is in a subclass by type, and is given out by
/// comparing the type's identity, because a dynamic cast costs more and would turn a stored nil into a found Optional
/// of another type.
class MemoryEntry: @unchecked Sendable {
    // Sendable: every stored property is a `let` of a Sendable type, here and in the one subclass. The compiler cannot
    // know that there are no others.
    let type: ObjectIdentifier
    let stamp: Stamp
    let createdAt: MonotonicInstant
    let logicalExpiry: MonotonicInstant
    let physicalExpiry: MonotonicInstant
    let tags: [String]
    let cost: LoadCost?
    /// What it weighs, in bytes: key, encoded value, fixed overhead.
    let weight: Int
    /// Written here, and not yet stamped by the remote tier.
    let isProvisional: Bool

    /// What an entry weighs beyond key, value and tags: this object, its place in the table and its links, rounded up.
    static let overhead = 256

    static func weight(key: CacheKey, bytes: Int, tags: [String]) -> Int {
        tags.reduce(overhead + key.text.utf8.count + bytes) { $0 + $1.utf8.count + MemoryLayout<String>.stride }
    }

    fileprivate init(type: ObjectIdentifier, metadata: MemoryMetadata) {
        self.type = type
        self.stamp = metadata.stamp
        self.createdAt = metadata.createdAt
        self.logicalExpiry = metadata.logicalExpiry
        self.physicalExpiry = metadata.physicalExpiry
        self.tags = metadata.tags
        self.cost = metadata.cost
        self.weight = metadata.weight
        self.isProvisional = metadata.isProvisional
    }

    /// The value, if it is of this very type.
    @inline(__always)
    final func value<Value: Sendable>(as type: Value.Type) -> Value? {
        guard self.type == ObjectIdentifier(type) else { return nil }
        // The identity was compared in the line above, and only `TypedMemoryEntry<Value>` is ever made with it.
        return unsafeDowncast(self, to: TypedMemoryEntry<Value>.self).value
    }

    /// The same entry under another stamp.
    func acknowledged(stamp: Stamp) -> MemoryEntry {
        self
    }
}

/// The part of an entry that does not depend on its value's type.
struct MemoryMetadata: Sendable {
    var stamp: Stamp
    var createdAt: MonotonicInstant
    var logicalExpiry: MonotonicInstant
    var physicalExpiry: MonotonicInstant
    var tags: [String] = []
    var cost: LoadCost?
    var weight: Int
    var isProvisional = false
}

/// An entry whose value is of a known type.
final class TypedMemoryEntry<Value: Sendable>: MemoryEntry, @unchecked Sendable {
    // Sendable for the reasons of its superclass; the value is a `let` of a Sendable type.
    let value: Value

    init(value: Value, metadata: MemoryMetadata) {
        self.value = value
        super.init(type: ObjectIdentifier(Value.self), metadata: metadata)
    }

    override func acknowledged(stamp: Stamp) -> MemoryEntry {
        TypedMemoryEntry(
            value: value,
            metadata: MemoryMetadata(
                stamp: stamp,
                createdAt: createdAt,
                logicalExpiry: logicalExpiry,
                physicalExpiry: physicalExpiry,
                tags: tags,
                cost: cost,
                weight: weight,
                isProvisional: false
            )
        )
    }
}
