extension CacheNamespace {
    // MARK: Reading and writing

    /// As `Cache.get(_:as:)`: the fresh value, on the shortest way. Of the defaults nothing counts.
    public func get<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type = Value.self
    ) async throws -> Value? {
        try await cache.get(self.key(key), as: type)
    }

    /// As `Cache.get(_:as:)` for several keys; the values stand under the keys that the caller has named.
    public func get<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        as type: Value.Type = Value.self
    ) async throws -> [CacheKey: Value] {
        let originals = originals(keys)
        let values = try await cache.get(Array(originals.keys), as: type)
        return Dictionary(
            values.map { key, value in (originals[key] ?? key, value) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// As ``Cache/result(for:as:options:)``.
    public func result<Value: Codable & Sendable>(
        for key: CacheKey,
        as type: Value.Type = Value.self,
        options: EntryOptions = EntryOptions()
    ) async throws -> CacheResult<Value>? {
        try await cache.result(for: self.key(key), as: type, options: completed(options, for: key))
    }

    /// As ``Cache/set(_:to:options:)``.
    public func set<Value: Codable & Sendable>(
        _ key: CacheKey,
        to value: Value,
        options: EntryOptions = EntryOptions()
    ) async throws {
        try await cache.set(self.key(key), to: value, options: completed(options, for: key))
    }

    // MARK: Loading

    /// As ``Cache/value(for:options:load:)``.
    public func value<Value: Codable & Sendable>(
        for key: CacheKey,
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await cache.value(for: self.key(key), options: completed(options, for: key), load: load)
    }

    /// As ``Cache/result(for:options:load:)``.
    public func result<Value: Codable & Sendable>(
        for key: CacheKey,
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable (LoadContext<Value>) async throws -> Loaded<Value>
    ) async throws -> CacheResult<Value> {
        try await cache.result(for: self.key(key), options: completed(options, for: key)) { [self] context in
            tagged(try await load(context))
        }
    }

    /// As ``Cache/results(for:options:load:)``; the load and the outcomes name keys as the caller does.
    ///
    /// Of what ``NamespaceOptions/rules`` and ``NamespaceOptions/chooses`` say of single keys, lifetimes and tags of what is loaded count, and no more: all else
    /// holds for the call as a whole.
    public func results<Value: Codable & Sendable>(
        for keys: [CacheKey],
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable (BulkLoadContext<Value>) async throws -> [CacheKey: Result<Loaded<Value>, any Error>]
    ) async throws -> BulkResult<Value> {
        let originals = originals(keys)
        var whole = options.completed(by: self.options.defaults)
        whole.tags = tagged(whole.tags)
        let results = try await cache.results(for: keys.map(key), options: whole) {
            [self, whole] (context: BulkLoadContext<Value>) in
            let answers = try await load(context.renamed { originals[$0] ?? $0 })
            return Dictionary(
                answers.map { key, answer in (self.key(key), answer.map { said($0, of: key, options, whole) }) },
                uniquingKeysWith: { first, _ in first }
            )
        }
        return results.renamed { originals[$0] ?? $0 }
    }

    /// As ``Cache/values(for:options:load:)``, and as ``results(for:options:load:)``.
    public func values<Value: Codable & Sendable>(
        for keys: [CacheKey],
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable ([CacheKey]) async throws -> [CacheKey: Value]
    ) async throws -> [CacheKey: Value] {
        let results = try await results(for: keys, options: options) { (context: BulkLoadContext<Value>) in
            try await load(context.keys).mapValues { .success(Loaded($0)) }
        }
        return try results.values(of: keys)
    }

    /// What a load for several says of one key, with what the namespace says of that key alone.
    private func said<Value: Sendable>(
        _ loaded: Loaded<Value>,
        of key: CacheKey,
        _ options: EntryOptions,
        _ whole: EntryOptions
    ) -> Loaded<Value> {
        let own = completed(options, for: key)
        var loaded = tagged(loaded)
        if own.timeToLive != whole.timeToLive || own.negativeTimeToLive != whole.negativeTimeToLive {
            let negative =
                own.negativeTimeToLive ?? key.kind?.negativeTimeToLive ?? cache.configuration.defaultNegativeTimeToLive
            let life = isAbsent(loaded.value) ? negative ?? own.timeToLive : own.timeToLive
            loaded.timeToLive = loaded.timeToLive ?? life
        }
        loaded.maximumStaleness = loaded.maximumStaleness ?? own.maximumStaleness
        if own.tags != whole.tags { loaded.tags = loaded.tags ?? own.tags }
        return loaded
    }

    private func originals(_ keys: [CacheKey]) -> [CacheKey: CacheKey] {
        Dictionary(keys.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Taking away

    /// As ``Cache/delete(_:)``.
    public func delete(_ key: CacheKey) async throws -> Bool {
        try await cache.delete(self.key(key))
    }

    /// As ``Cache/expire(_:)``.
    @discardableResult
    public func expire(_ key: CacheKey) async throws -> Bool {
        try await cache.expire(self.key(key))
    }

    /// Makes void all that this namespace, and those within it, have kept up to now, on all nodes; nothing else.
    ///
    /// It is an invalidation of the namespace's ``tag`` (``Cache/invalidate(tags:by:)``): one step in Redis however many entries there are, which stay where they are
    /// until their time is over or their room is needed, and are misses.
    ///
    /// - Parameter keepingStale: Whether what is void may stand in for loads that fail.
    /// - Throws: ``CacheError``: ``CacheError/Code/unsupported`` with a remote tier and the format `plain`, whose entries carry no tags; `invalidKey` for
    ///   a name that is no part of a key; as ``Cache/invalidate(tags:by:)`` else.
    public func clear(keepingStale: Bool = false) async throws {
        try cache.admit(key("any"))
        guard cache.carriesTags else {
            throw CacheError(
                .unsupported,
                "entries of the format plain carry no tags, so that a namespace cannot be cleared by its own; give it a cache with a prefix of its own, "
                    + "whose clear() takes them, or use the format envelope"
            )
        }
        try await cache.invalidate(tags: [tag], by: keepingStale ? .expire : .remove)
    }

    // MARK: Figures

    /// What calls of this namespace have done since the cache was made or its statistics were reset: what is counted for each key.
    /// Figures of the whole cache, such as the size of memory and the journal's depth, are as if there was nothing.
    public func statistics() -> CacheStatistics {
        CacheStatistics(counts: cache.counters.read().filter { $0.key == name })
    }
}
