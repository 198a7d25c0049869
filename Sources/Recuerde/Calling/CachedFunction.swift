/// A function whose results a cache keeps by its arguments: made by `Cache.caching(_:kind:options:_:)`, and called as the function itself.
///
/// `Arguments` is the tuple of them, or the one, or `Void`. A call gives what the cache holds under the key that the arguments make; else what
/// the function returns, which is kept. However many call it with the same arguments at the same time, it runs once; what it throws reaches
/// them all, and is not kept. A hit costs the making of the key, and a hit; it allocates what the key's text needs, and does not suspend.
///
/// To forget all its results at once, give them a tag (``EntryOptions/tags``).
public struct CachedFunction<Arguments: Sendable, Value: Codable & Sendable>: Sendable {
    /// The cache that keeps its results.
    public let cache: Cache
    /// What its results are kept with.
    public let options: EntryOptions
    @usableFromInline
    let function: @Sendable (Arguments) async throws -> Value
    /// The key's first part, and the kind.
    let name: CacheKey
    let escapedName: String
    /// Whether a hit in memory says all, whatever the options.
    @usableFromInline
    let takesAnyHit: Bool

    init(
        _ name: String,
        _ kind: CacheKind?,
        _ options: EntryOptions,
        _ cache: Cache,
        _ function: @escaping @Sendable (Arguments) async throws -> Value
    ) {
        self.cache = cache
        self.options = options
        self.function = function
        self.name = CacheKey(name, kind: kind)
        var escaped = ""
        KeyEscaping.append(TextNormalization.canonical(name), to: &escaped)
        escapedName = escaped
        takesAnyHit = cache.takesAnyHit(options)
    }

    var builder: CacheKeyBuilder { CacheKeyBuilder(escaped: escapedName) }

    /// A hit in memory without a suspension, on the stack of the caller, who knows the type.
    @inlinable
    func value(_ key: CacheKey, _ arguments: Arguments) async throws -> Value {
        if takesAnyHit, let value = try cache.hit(key, as: Value.self) { return value }
        return try await cache.valueAfterAll(for: key, options: options) { [function] in try await function(arguments) }
    }

    func result(_ key: CacheKey, _ arguments: Arguments) async throws -> CacheResult<Value> {
        try await cache.result(for: key, options: options) { [function] _ in Loaded(try await function(arguments)) }
    }

    func refresh(_ key: CacheKey, _ arguments: Arguments) async throws -> Value {
        var options = options
        options.readPolicy = .refresh
        return try await cache.value(for: key, options: options) { [function] in try await function(arguments) }
    }
}
