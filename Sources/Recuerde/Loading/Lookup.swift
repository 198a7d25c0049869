/// What a cache knows under a key whose values may be absent.
public enum Lookup<Value: Sendable>: Sendable {
    /// A value, and where it came from.
    case found(CacheResult<Value>)
    /// A load has found, or a caller has said, that there is none; and where that came from.
    case absent(Provenance)
    /// Nothing is known: it was never asked for, or what was known is too old.
    case unknown
}

extension Cache {
    /// What is known under a key whose loads bring `Value?`: a value, that there is none, or nothing.
    ///
    /// Sugar for ``result(for:as:options:)`` with the optional type, whose result is nil where nothing is known, and whose value is nil
    /// where there is known to be none. No load. Under such a key the type of what is kept is the optional one: a read as `Value` alone is
    /// a miss.
    ///
    /// - Throws: ``CacheError`` for an invalid key; `CancellationError`.
    public func lookup<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type = Value.self,
        options: EntryOptions = EntryOptions()
    ) async throws -> Lookup<Value> {
        guard let known = try await result(for: key, as: Value?.self, options: options) else { return .unknown }
        guard let value = known.value else { return .absent(known.provenance) }
        return .found(CacheResult(value: value, provenance: known.provenance))
    }
}

/// A type with a value that stands for none. No other than `Optional` conforms.
private protocol Absentable {
    var isAbsent: Bool { get }
}

extension Optional: Absentable {
    fileprivate var isAbsent: Bool { self == nil }
}

/// Whether a value says that there is none. By its type, since a cast of the value would look into it.
func isAbsent<Value>(_ value: Value) -> Bool {
    guard let type = Value.self as? any Absentable.Type else { return false }
    func look<Optional: Absentable>(_ type: Optional.Type) -> Bool {
        // `Optional` is `Value`, with what is known of it.
        withUnsafePointer(to: value) { UnsafeRawPointer($0).assumingMemoryBound(to: Optional.self).pointee.isAbsent }
    }
    return look(type)
}
