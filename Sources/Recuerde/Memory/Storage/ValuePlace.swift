/// How a value lies in the 16 bytes that a slot has for it: in place where it fits (a string, an array, a reference, a number),
/// else as a reference to a box.
@usableFromInline
enum ValuePlace<Value: Sendable> {
    @inlinable
    static var isInline: Bool {
        MemoryLayout<Value>.size <= 16 && MemoryLayout<Value>.alignment <= 8
    }

    @inlinable
    static func initialize(_ place: UnsafeMutableRawPointer, to value: Value) {
        if isInline {
            place.initializeMemory(as: Value.self, to: value)
        } else {
            place.initializeMemory(as: ValueBox<Value>.self, to: ValueBox(value))
        }
    }

    @inlinable
    static func read(_ place: UnsafeRawPointer) -> Value {
        if isInline { return place.assumingMemoryBound(to: Value.self).pointee }
        return place.assumingMemoryBound(to: ValueBox<Value>.self).pointee.value
    }

    /// The value, or its box, moved out; the place is uninitialised then.
    @inlinable
    static func take(_ place: UnsafeMutableRawPointer) -> any Sendable {
        if isInline { return place.assumingMemoryBound(to: Value.self).move() }
        return place.assumingMemoryBound(to: ValueBox<Value>.self).move()
    }

    @inlinable
    static func destroy(_ place: UnsafeMutableRawPointer) {
        if isInline {
            place.assumingMemoryBound(to: Value.self).deinitialize(count: 1)
        } else {
            place.assumingMemoryBound(to: ValueBox<Value>.self).deinitialize(count: 1)
        }
    }
}

/// A value that does not fit into a slot.
@usableFromInline
final class ValueBox<Value: Sendable>: Sendable {
    @usableFromInline let value: Value

    @inlinable
    init(_ value: Value) {
        self.value = value
    }
}

/// What can be done with a value whose type is known only to this object.
///
/// Inlinable, down from ``Cache/get(_:as:)``: who uses the library knows the type, and copies a value without asking the runtime for it.
@usableFromInline
protocol ValueKind: Sendable {
    var id: ObjectIdentifier { get }
    /// Copies a value from where the caller has it to where a slot keeps it.
    func initialize(_ place: UnsafeMutableRawPointer, from value: UnsafeRawPointer)
    /// Copies a value from where a slot keeps it to where the caller wants it.
    func copy(_ place: UnsafeRawPointer, to value: UnsafeMutableRawPointer)
    func destroy(_ place: UnsafeMutableRawPointer)
    /// The value moved out, to be let go elsewhere.
    func take(_ place: UnsafeMutableRawPointer) -> any Sendable
    /// The entry in hand with a copy of the value.
    func entry(_ place: UnsafeRawPointer, _ metadata: MemoryMetadata) -> MemoryEntry
}

@usableFromInline
struct TypedValueKind<Value: Sendable>: ValueKind {
    @inlinable
    init() {}

    @inlinable
    var id: ObjectIdentifier { ObjectIdentifier(Value.self) }

    @inlinable
    func initialize(_ place: UnsafeMutableRawPointer, from value: UnsafeRawPointer) {
        ValuePlace<Value>.initialize(place, to: value.assumingMemoryBound(to: Value.self).pointee)
    }

    @inlinable
    func copy(_ place: UnsafeRawPointer, to value: UnsafeMutableRawPointer) {
        value.assumingMemoryBound(to: Value.self).initialize(to: ValuePlace<Value>.read(place))
    }

    @inlinable
    func destroy(_ place: UnsafeMutableRawPointer) {
        ValuePlace<Value>.destroy(place)
    }

    @inlinable
    func take(_ place: UnsafeMutableRawPointer) -> any Sendable {
        ValuePlace<Value>.take(place)
    }

    @usableFromInline
    func entry(_ place: UnsafeRawPointer, _ metadata: MemoryMetadata) -> MemoryEntry {
        TypedMemoryEntry(value: ValuePlace<Value>.read(place), as: metadata, identity: metadata.identity)
    }
}

/// The types of values that a shard has met, so that a slot names its own by a small number.
struct ValueKinds {
    /// A program has fewer types than this; what should go beyond it is not kept.
    static let limit = 0x3FFF

    private var ids: [ObjectIdentifier] = []
    private var kinds: [any ValueKind] = []
    private var numbers: [ObjectIdentifier: Int] = [:]

    @inline(__always)
    func isKind(_ number: Int, _ id: ObjectIdentifier) -> Bool {
        number < ids.count && ids[number] == id
    }

    subscript(number: Int) -> (any ValueKind)? {
        number < kinds.count ? kinds[number] : nil
    }

    /// The number of a type; nil where there are too many.
    mutating func number(of kind: any ValueKind) -> Int? {
        let id = kind.id
        if let first = ids.first, first == id { return 0 }
        if let known = numbers[id] { return known }
        guard ids.count < Self.limit else { return nil }
        ids.append(id)
        kinds.append(kind)
        numbers[id] = ids.count - 1
        return ids.count - 1
    }
}
