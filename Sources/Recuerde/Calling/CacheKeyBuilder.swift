/// Gathers the parts of a key, one after the other, each escaped as in ``CacheKey``.
public struct CacheKeyBuilder: Sendable {
    /// What was appended, each part with its `:` before it, except behind a name.
    private(set) var escaped = ""
    /// Bytes before escaping.
    private var length = 0

    init() {}

    /// Behind parts that are escaped already.
    init(escaped: String) {
        self.escaped.reserveCapacity(escaped.utf8.count + 32)
        self.escaped.append(contentsOf: escaped)
        length = escaped.utf8.count
    }

    /// Appends a value.
    public mutating func append(_ value: some CacheKeyPart) {
        value.append(to: &self)
    }

    /// Appends a text, as one part.
    mutating func append(text: String) {
        length += text.utf8.count + 1
        // What is too long is refused later; escaping it first would be work for nothing.
        guard length <= CacheKey.maximumLength else { return }
        escaped.append(":")
        KeyEscaping.append(TextNormalization.canonical(text), to: &escaped)
    }

    mutating func append(_ other: CacheKeyBuilder) {
        length += other.length
        guard length <= CacheKey.maximumLength else { return }
        escaped.append(contentsOf: other.escaped)
    }

    /// The key that it comes to, counted and kept as `name` is; one that the cache refuses where there was too much.
    func key(like name: CacheKey) -> CacheKey {
        guard length <= CacheKey.maximumLength else { return CacheKey(fault: .tooLong, kind: name.kind) }
        guard name.kindBox != nil else { return CacheKey(escaped: escaped, isEmpty: false, kind: nil) }
        return CacheKey(named: CacheKey(escaped: escaped, isEmpty: false, kind: nil), like: name)
    }
}
