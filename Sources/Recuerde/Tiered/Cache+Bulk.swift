/// Several values at once.
extension Cache {
    /// The values kept under several keys; else those that `load` makes, all in one call of it, which are then kept.
    ///
    /// One pass over memory, one exchange for all that it does not have, one load with the keys that nobody has, and one exchange that
    /// writes what it brought (and one before it for tokens, as for each load). Each key is loaded once, however many ask for it at the
    /// same time, one by one or together: what is under way already is waited for and not loaded again, and who asks for one of the keys
    /// meanwhile joins. So of two calls that overlap, in whatever order, neither waits for the other's load before its own has begun. The
    /// order of the keys, and whether one is named twice, makes no difference.
    ///
    /// Keys that are missing from what `load` returns have no value: they are missing here as well, and nothing is kept of that. To keep
    /// that there is none, let the values be optional, and return nil for a key (``EntryOptions/negativeTimeToLive``). See
    /// ``results(for:options:load:)`` for loads in which each key may fail by itself.
    ///
    /// - Throws: The failure of the first key, in the order of `keys`, for whose load nothing stale stood in; else as
    /// ``results(for:options:load:)``.
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

    /// As ``values(for:options:load:)``, with what is known of each answer's origin; and the load says for each key what a load of its own
    /// could: a value with its lifetime, tags and so on, that it failed, or, by leaving it out, that there is none.
    ///
    /// A key whose load failed, or all of them where `load` throws, gets a stale value where one may stand in. What happens to one key
    /// meanwhile, such as a removal, concerns no other.
    ///
    /// Options hold for each key, time limits for the whole. Other than for single values, nothing is loaded before its time, loads take no
    /// lease (``EntryOptions/loadsOncePerCluster``), and more than 1 000 values are written in parts, each of which may wait
    /// ``CacheConfiguration/remoteDeadline`` for Redis. Each key counts as a request, and each that is loaded as a load.
    ///
    /// - Throws: ``CacheError`` for an invalid key, or a cache that is closed; `CancellationError`. What happens to single keys is told by
    ///   ``BulkResult/outcomes``.
    public func results<Value: Codable & Sendable>(
        for keys: [CacheKey],
        options: EntryOptions = EntryOptions(),
        load: @escaping @Sendable (BulkLoadContext<Value>) async throws -> [CacheKey: Result<Loaded<Value>, any Error>]
    ) async throws -> BulkResult<Value> {
        try admit()
        var seen: Set<CacheKey> = []
        let keys = keys.filter { seen.insert($0).inserted }
        for key in keys { try admit(key) }
        // Who has been cancelled already must not start anything that costs.
        try Task.checkCancellation()
        guard !keys.isEmpty else { return BulkResult() }
        guard let hasher = keySpace.hasher else { return try await together(keys, options, load) }
        // Names are hidden from here on, but not from the caller's load.
        let originals = Dictionary(keys.map { (hasher.hidden($0), $0) }, uniquingKeysWith: { first, _ in first })
        let results = try await together(keys.map(hasher.hidden), options) { (context: BulkLoadContext<Value>) in
            let answers = try await load(context.renamed { originals[$0] ?? $0 })
            return Dictionary(answers.map { (hasher.hidden($0), $1) }, uniquingKeysWith: { first, _ in first })
        }
        return results.renamed { originals[$0] ?? $0 }
    }

    private func together<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions,
        _ load: @escaping BulkLoad<Value>
    ) async throws -> BulkResult<Value> {
        switch options.readPolicy {
        case .bypass: return try await bypass(keys, options, load)
        case .onlyIfCached: return try await cachedOnly(keys, options)
        case .normal, .refresh: return try await flyTogether(keys, options, load)
        }
    }

    typealias BulkLoad<Value: Sendable> =
        @Sendable (BulkLoadContext<Value>) async throws -> [CacheKey: Result<Loaded<Value>, any Error>]

    private func bypass<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions,
        _ load: @escaping BulkLoad<Value>
    ) async throws -> BulkResult<Value> {
        for key in keys {
            countMiss(key)
            noteLoad(key)
        }
        let now = timeSource.now()
        let context = BulkLoadContext<Value>(keys.map { ($0, LoadContext(stamp: clock.next(), begun: now)) })
        let answers = await Self.answers(of: context) { try await self.runLoad(options, context, load) }
        noteEnds(of: answers, keys, since: now)
        try Task.checkCancellation()
        var results = BulkResult<Value>()
        for key in keys {
            results.outcomes[key] = Self.unwrapped(answers[key]).map { loaded in
                loaded.map { CacheResult(value: $0.value, provenance: Provenance(source: .load, cost: $0.cost)) }
            }
        }
        return results
    }

    /// What a load says of each key; its own failure for all of them.
    static func answers<Value: Sendable>(
        of context: BulkLoadContext<Value>,
        _ load: () async throws -> [CacheKey: Result<Loaded<Value>, any Error>]
    ) async -> [CacheKey: Result<Loaded<Value>, any Error>] {
        do {
            return try await load()
        } catch {
            return Dictionary(context.keys.map { ($0, .failure(error)) }, uniquingKeysWith: { first, _ in first })
        }
    }

    private static func unwrapped<Value: Sendable>(
        _ answer: Result<Loaded<Value>, any Error>?
    ) -> Result<Loaded<Value>?, any Error> {
        switch answer {
        case .success(let loaded): .success(loaded)
        case .failure(let error): .failure((error as? SourceFailure)?.underlying ?? error)
        case nil: .success(nil)
        }
    }

    private func cachedOnly<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        _ options: EntryOptions
    ) async throws -> BulkResult<Value> {
        let found: [CacheKey: Found<Value>] = try await find(keys, options)
        var results = BulkResult<Value>()
        for key in keys {
            let now = timeSource.now()
            if let found = found[key], found.isFresh(at: now, maximumAge: options.maximumAge) {
                results.outcomes[key] = .success(counted(found.result(at: now), key))
            } else if options.acceptsStale, let found = found[key], now < found.entry.physicalExpiry {
                results.outcomes[key] = .success(counted(found.staleResult(at: now, reason: .notLoaded), key))
            } else {
                countMiss(key)
                results.outcomes[key] = .failure(
                    CacheError(.notCached, "the caller asked for cached answers only, and there is none")
                )
            }
        }
        return results
    }

    // MARK: Counting

    func counted<Value: Sendable>(_ result: CacheResult<Value>, _ key: CacheKey) -> CacheResult<Value> {
        let source = result.provenance.source
        if source == .memory || source == .redis {
            counters.add(.hits, for: key)
            log.hit(key, backend: source.rawValue)
        } else {
            countMiss(key)
            if source == .stale { noteStale(key, result.provenance.staleReason) }
        }
        return result
    }

    func countMiss(_ key: CacheKey) {
        counters.add(.misses, for: key)
        log.miss(key, backend: backend)
    }
}
