/// What a load of several values knows: which keys are missing, and of each what a load of its own would know.
public struct BulkLoadContext<Value: Sendable>: Sendable {
    /// The keys to be loaded: those that nobody has and nobody else is loading, each once, in the order in which the caller named them.
    public let keys: [CacheKey]
    private let contexts: [CacheKey: LoadContext<Value>]

    init(_ contexts: [(key: CacheKey, context: LoadContext<Value>)]) {
        keys = contexts.map(\.key)
        self.contexts = Dictionary(contexts.map { ($0.key, $0.context) }, uniquingKeysWith: { first, _ in first })
    }

    /// The version that the value of a key will have, and the value that it may replace, or confirm; nil for a key that is not among
    /// ``keys``.
    public subscript(key: CacheKey) -> LoadContext<Value>? { contexts[key] }

    /// The same under other names.
    func renamed(_ name: (CacheKey) -> CacheKey) -> Self {
        Self(keys.compactMap { key in contexts[key].map { (name(key), $0) } })
    }
}

/// What came of each of several keys.
public struct BulkResult<Value: Sendable>: Sendable {
    /// For each key: an answer and where it came from, nil where its load said that there is none, or the key's own failure.
    public internal(set) var outcomes: [CacheKey: Result<CacheResult<Value>?, any Error>] = [:]

    init() {}

    /// All values, unless one of these keys has failed.
    ///
    /// - Throws: The failure of the first of them.
    func values(of keys: [CacheKey]) throws -> [CacheKey: Value] {
        for key in keys {
            if case .failure(let error) = outcomes[key] { throw error }
        }
        return values
    }

    /// The answer of a key; nil where there is none, where it failed, and for a key that was not asked for.
    public subscript(key: CacheKey) -> CacheResult<Value>? {
        guard case .success(let result) = outcomes[key] else { return nil }
        return result
    }

    /// The same under other names.
    func renamed(_ name: (CacheKey) -> CacheKey) -> Self {
        var renamed = Self()
        for (key, outcome) in outcomes { renamed.outcomes[name(key)] = outcome }
        return renamed
    }

    /// The values that there are.
    public var values: [CacheKey: Value] {
        outcomes.compactMapValues { (try? $0.get())?.value }
    }

    /// The failures of those keys that failed, and for which nothing stale stood in.
    public var failures: [CacheKey: any Error] {
        outcomes.compactMapValues { outcome in
            guard case .failure(let error) = outcome else { return nil }
            return error
        }
    }
}

/// A load of several keys says that there is none for one of them. A caller with a load of its own, who has joined it, uses that.
struct NothingLoaded: Error {}
