extension Cache {
    /// The value kept under a key, if it is there, fresh, and of this type.
    ///
    /// A hit in memory decodes nothing, allocates nothing and does not suspend. A value of another type is a miss.
    ///
    /// - Throws: ``CacheError`` for an invalid key; `CancellationError`.
    @inlinable
    public func get<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type = Value.self
    ) async throws -> Value? {
        if let value = try hit(key, as: type) { return value }
        return try await getAfterAll(key, as: type)
    }

    /// A hit in memory, on the stack of the caller, who knows the type: no code of the runtime is asked what it is.
    @inlinable
    func hit<Value: Codable & Sendable>(_ key: CacheKey, as type: Value.Type) throws -> Value? {
        try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { place throws -> Value? in
            // One element was asked for, and `copyHit` has initialised it where it says so.
            guard let place = place.baseAddress,
                try copyHit(key, ObjectIdentifier(type), to: UnsafeMutableRawPointer(place))
            else { return nil }
            return place.move()
        }
    }

    /// Whether memory is asked first and has a fresh value of this type that nothing overrules; then it is at `place`.
    @usableFromInline
    func copyHit(_ key: CacheKey, _ type: ObjectIdentifier, to place: UnsafeMutableRawPointer) throws -> Bool {
        try admit(key)
        // Apart, so that a key that is not hidden is not copied.
        return keySpace.hides
            ? copyKnownHit(keySpace.hidden(key), type, to: place) : copyKnownHit(key, type, to: place)
    }

    @inline(__always)
    private func copyKnownHit(_ key: CacheKey, _ type: ObjectIdentifier, to place: UnsafeMutableRawPointer) -> Bool {
        // While something waits for the remote tier, the longer way finds out what it is.
        guard asksMemoryFirst, gate?.hasWaiting != true, lines != nil || !isBoundWhenDetached,
            memory.copyFresh(key, type, to: place, now: timeSource.now(), lines: lines)
        else { return false }
        counters.add(.shortHits, for: key)
        log.hit(key, backend: "memory")
        return true
    }

    @usableFromInline
    func getAfterAll<Value: Codable & Sendable>(_ key: CacheKey, as type: Value.Type) async throws -> Value? {
        try await result(for: key, as: type, options: EntryOptions())?.value
    }

    /// The value kept under a key, and where it came from.
    ///
    /// Of the options, ``EntryOptions/maximumAge``, ``EntryOptions/readPolicy`` and ``EntryOptions/acceptsStale`` count. A stale value counts as a miss.
    ///
    /// - Throws: ``CacheError`` for an invalid key; `CancellationError`.
    public func result<Value: Codable & Sendable>(
        for key: CacheKey,
        as type: Value.Type = Value.self,
        options: EntryOptions = EntryOptions()
    ) async throws -> CacheResult<Value>? {
        let key = try admitted(key)
        if options.readPolicy == .refresh || options.readPolicy == .bypass { return nil }
        let found = try await find(key, as: type, options)
        let now = timeSource.now()
        guard let found, found.isFresh(at: now, maximumAge: options.maximumAge) else {
            counters.add(.misses, for: key)
            log.miss(key, backend: backend)
            guard options.acceptsStale, let found, now < found.entry.physicalExpiry else { return nil }
            noteStale(key, .notLoaded)
            return found.staleResult(at: now, reason: .notLoaded)
        }
        counters.add(.hits, for: key)
        log.hit(key, backend: found.source.rawValue)
        return found.result(at: now)
    }

    /// The fresh values among several keys, with one exchange for all that memory does not answer.
    ///
    /// - Throws: ``CacheError`` for an invalid key; `CancellationError`.
    public func get<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        as type: Value.Type = Value.self
    ) async throws -> [CacheKey: Value] {
        for key in keys { try admit(key) }
        guard let hasher = keySpace.hasher else { return try await getAll(keys, as: type) }
        let originals = Dictionary(keys.map { (hasher.hidden($0), $0) }, uniquingKeysWith: { first, _ in first })
        let values = try await getAll(Array(originals.keys), as: type)
        return Dictionary(
            uniqueKeysWithValues: values.compactMap { name, value in originals[name].map { ($0, value) } }
        )
    }

    private func getAll<Value: Codable & Sendable>(
        _ keys: [CacheKey],
        as type: Value.Type
    ) async throws -> [CacheKey: Value] {
        var values: [CacheKey: Value] = [:]
        var missing: [CacheKey] = []
        for key in Set(keys) {
            if asksMemoryFirst, let found = fresh(key, as: type, maximumAge: nil) {
                values[key] = found.value
            } else {
                missing.append(key)
            }
        }
        var isFromRemote: Set<CacheKey> = []
        if !missing.isEmpty, gate != nil {
            var budget = RemoteBudget(configuration.remoteDeadline)
            // Where nothing but their tags keeps copies from being served, those are read, and not the entries.
            if asksMemoryFirst {
                for key in await learnTags(of: missing, &budget) {
                    values[key] = fresh(key, as: type, maximumAge: nil)?.value
                }
                missing.removeAll { values[$0] != nil }
            }
            for (key, found) in try await askRemote(missing, as: type, budget: &budget) {
                values[key] = found.value
                if found.source == .redis { isFromRemote.insert(key) }
            }
        }
        for key in Set(keys) {
            if values[key] == nil {
                counters.add(.misses, for: key)
                log.miss(key, backend: backend)
            } else {
                counters.add(.hits, for: key)
                let source = isFromRemote.contains(key) ? Provenance.Source.redis : .memory
                log.hit(key, backend: source.rawValue)
            }
        }
        return values
    }

    /// The value kept under a key, fresh or, marked as stale, past its logical life; nil where there is none. No load, and
    /// it counts as no request.
    package func lastKnown<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type = Value.self
    ) async throws -> CacheResult<Value>? {
        let key = try admitted(key)
        func result(_ found: Found<Value>?) -> CacheResult<Value>? {
            let now = timeSource.now()
            guard let found, now < found.entry.physicalExpiry else { return nil }
            return found.isFresh(at: now, maximumAge: nil)
                ? found.result(at: now) : found.staleResult(at: now, reason: .loadFailed)
        }
        let now = timeSource.now()
        if asksMemoryFirst, let found = held(key, as: type, now: now),
            mayServe(found.entry, of: key, now: now, isRequest: false), let found = result(found)
        {
            return found
        }
        guard gate != nil else { return nil }
        var budget = RemoteBudget(configuration.remoteDeadline)
        let `guard` = memory.openGuard(key)
        switch try await askRemote(key, as: type, guard: `guard`, timed: false, budget: &budget) {
        case .found(let found, _): return result(found)
        case .absent: return nil
        case .unusable: return result(heldDetached(key, as: type, now: timeSource.now()))
        }
    }
}
