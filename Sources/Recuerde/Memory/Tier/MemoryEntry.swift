import Synchronization

/// An entry in hand: a decoded value with all that is known of it, on its way into the memory tier or copied out of it.
///
/// The value is in a subclass by type, and is given out by comparing the type's identity, because a dynamic cast costs more and would turn
/// a stored nil into a found Optional of another type. A read that wants no more than the value makes none of these.
@usableFromInline
class MemoryEntry: @unchecked Sendable {
    // Sendable: every stored property is a `let` of a Sendable type, here and in the one subclass. The compiler cannot
    // know that there are no others.
    let type: ObjectIdentifier
    let metadata: MemoryMetadata

    /// What an entry weighs beyond key, value and tags: its slot, its places in table, wheel and policy, and what the allocator
    /// rounds up; measured in `docs/benchmarks.md`.
    static let overhead = 256

    static func weight(key: CacheKey, bytes: Int, tags: [String], validators: KeptValidators? = nil) -> Int {
        let own = overhead + key.textLength + bytes + (validators?.validators.weight ?? 0)
        return tags.reduce(own) { $0 + $1.utf8.count + MemoryLayout<String>.stride }
    }

    fileprivate init(type: ObjectIdentifier, metadata: MemoryMetadata) {
        self.type = type
        self.metadata = metadata
    }

    var stamp: Stamp { metadata.stamp }
    var createdAt: MonotonicInstant { metadata.createdAt }
    var logicalExpiry: MonotonicInstant { metadata.logicalExpiry }
    var physicalExpiry: MonotonicInstant { metadata.physicalExpiry }
    var tags: [String] { metadata.tags }
    var cost: LoadCost? { metadata.cost }
    var validators: Validators? { metadata.validators?.validators }
    var weight: Int { metadata.weight }
    var isProvisional: Bool { metadata.isProvisional }

    /// The value, if it is of this very type.
    @inline(__always)
    final func value<Value: Sendable>(as type: Value.Type) -> Value? {
        guard self.type == ObjectIdentifier(type) else { return nil }
        // The identity was compared in the line above, and only `TypedMemoryEntry<Value>` is ever made with it.
        return unsafeDowncast(self, to: TypedMemoryEntry<Value>.self).value
    }

    /// The value as bytes, and what type they are of; nil where it cannot be encoded.
    func encodedValue() -> RestoredValue? {
        nil
    }

    /// Calls with the value as a shard takes it in.
    func withSource<Result>(_ body: (MemorySource) -> Result) -> Result? {
        nil
    }
}

/// A value on its way into a slot. Does not outlive the call that made it.
struct MemorySource {
    var value: UnsafeRawPointer
    var kind: any ValueKind
    var metadata: MemoryMetadata
}

/// The part of an entry that does not depend on its value's type.
@usableFromInline
struct MemoryMetadata: Sendable {
    var stamp: Stamp
    var createdAt: MonotonicInstant
    var logicalExpiry: MonotonicInstant
    var physicalExpiry: MonotonicInstant
    /// Its tags; nil for none.
    var marks: TagSet?
    var cost: LoadCost?
    /// What its source said about this version; nil for nothing.
    var validators: KeptValidators?
    /// What it weighs, in bytes.
    var weight: Int
    /// Written here, and not yet stamped by the remote tier.
    var isProvisional = false
    /// Tells this entry from others under its key that are in somebody's hand; 0 once it is in nobody's.
    var identity: UInt32 = 0
    /// The line that tells of changes of it in the remote tier; 0 for none. See ``LineTable``.
    var witness: UInt32 = 0

    var tags: [String] { marks?.tags ?? [] }
}

/// An entry whose value is of a known type.
final class TypedMemoryEntry<Value: Sendable>: MemoryEntry, @unchecked Sendable {
    // Sendable for the reasons of its superclass; the value is a `let` of a Sendable type.
    let value: Value

    /// An entry that can be recognised where it stands in memory.
    convenience init(value: Value, metadata: MemoryMetadata) {
        self.init(value: value, as: metadata, identity: EntryIdentity.next())
    }

    /// A copy of what stands in memory.
    init(value: Value, as metadata: MemoryMetadata, identity: UInt32) {
        self.value = value
        var metadata = metadata
        metadata.identity = identity
        super.init(type: ObjectIdentifier(Value.self), metadata: metadata)
    }

    override func encodedValue() -> RestoredValue? {
        if let restored = value as? RestoredValue { return restored }
        // By the type, since a cast of the value would look into an Optional.
        guard let encodable = Value.self as? any Encodable.Type else { return nil }
        func encode<Encoded: Encodable>(_ type: Encoded.Type) -> [UInt8]? {
            // `Encoded` is `Value`, with what is known of it.
            withUnsafePointer(to: value) {
                try? ValueCoding.encode(UnsafeRawPointer($0).assumingMemoryBound(to: Encoded.self).pointee)
            }
        }
        return encode(encodable).map {
            RestoredValue(
                bytes: $0,
                fingerprint: TypeFingerprint(of: Value.self),
                schemaVersion: SchemaVersion.of(Value.self)
            )
        }
    }

    override func withSource<Result>(_ body: (MemorySource) -> Result) -> Result? {
        withUnsafePointer(to: value) {
            body(MemorySource(value: UnsafeRawPointer($0), kind: TypedValueKind<Value>(), metadata: metadata))
        }
    }
}

/// Numbers for entries in hand. They come round after four thousand million entries; no write is under way for so long.
enum EntryIdentity {
    private static let last = Atomic<UInt32>(0)

    static func next() -> UInt32 {
        let number = last.wrappingAdd(1, ordering: .relaxed).newValue
        return number == 0 ? last.wrappingAdd(1, ordering: .relaxed).newValue : number
    }
}
