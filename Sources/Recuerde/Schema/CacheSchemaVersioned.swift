/// A type of values whose form has changed, and may change again: it counts the forms.
///
/// An entry says in which version of the schema its value was written, and one of another version is not decoded as if it were of this one. It is a miss,
/// unless ``upgraded(fromCached:)``, or what ``CacheConfiguration/schemaUpgrades`` says for the type, makes a value of it. Types that do not declare a
/// version have version 0. A type that gets another name needs no version: its entries are misses anyway.
///
/// ```swift
/// struct Feedback: Codable, Sendable, CacheSchemaVersioned {
///     static let cacheSchemaVersion: UInt32 = 2
///     var paragraphs: [String]
///
///     static func upgraded(fromCached old: CachedPayload) -> Feedback? {
///         struct First: Codable { var text: String }
///         guard old.version < 2, let first = old.decoded(as: First.self) else { return nil }
///         return Feedback(paragraphs: [first.text])
///     }
/// }
/// ```
///
/// While processes of two versions share a store, a value that the older ones load does not take the place of a fresh one of a newer version: they keep it in
/// memory, for as long as that one stands. What they set or remove does.
public protocol CacheSchemaVersioned {
    /// The version of the form in which values are encoded now; higher for each change that older code cannot decode, or would misunderstand.
    static var cacheSchemaVersion: UInt32 { get }

    /// The value that one of another version stands for; nil, or an error, where there is none: then it is a miss.
    ///
    /// The entry stays in the store as it is, for those who still read it. Called on the caller's task, for each read from the store.
    ///
    /// - Parameter old: What was stored. Its version may also be a newer one, as after a step back.
    static func upgraded(fromCached old: CachedPayload) throws -> Self?
}

extension CacheSchemaVersioned {
    /// None: what has another version is a miss.
    public static func upgraded(fromCached old: CachedPayload) throws -> Self? { nil }
}

extension Optional: CacheSchemaVersioned where Wrapped: CacheSchemaVersioned {
    /// That of what it wraps.
    public static var cacheSchemaVersion: UInt32 { Wrapped.cacheSchemaVersion }

    /// As what it wraps.
    public static func upgraded(fromCached old: CachedPayload) throws -> Wrapped?? {
        guard let value = try Wrapped.upgraded(fromCached: old) else { return nil }
        return .some(.some(value))
    }
}

extension Array: CacheSchemaVersioned where Element: CacheSchemaVersioned {
    /// That of its elements.
    public static var cacheSchemaVersion: UInt32 { Element.cacheSchemaVersion }
}

extension Set: CacheSchemaVersioned where Element: CacheSchemaVersioned {
    /// That of its elements.
    public static var cacheSchemaVersion: UInt32 { Element.cacheSchemaVersion }
}

extension Dictionary: CacheSchemaVersioned where Value: CacheSchemaVersioned {
    /// That of its values.
    public static var cacheSchemaVersion: UInt32 { Value.cacheSchemaVersion }
}

/// A value as it was stored, in another version of its type's schema.
public struct CachedPayload: Sendable {
    /// The version in which it was written; 0 where its type had none.
    public let version: UInt32
    /// Its encoding: JSON in UTF-8.
    public let bytes: [UInt8]

    init(version: UInt32, bytes: ArraySlice<UInt8>) {
        self.version = version
        self.bytes = Array(bytes)
    }

    /// The value decoded as another type, such as the former form of its own; nil where it is none of that.
    public func decoded<Value: Decodable>(as type: Value.Type) -> Value? {
        ValueCoding.decode(type, from: bytes[...])
    }
}

/// The versions of types.
enum SchemaVersion {
    static func of(_ type: Any.Type) -> UInt32 {
        (type as? any CacheSchemaVersioned.Type)?.cacheSchemaVersion ?? 0
    }
}
