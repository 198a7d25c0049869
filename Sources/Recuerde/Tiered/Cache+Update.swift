extension Cache {
    /// Replaces the value under a key by a function of the one that is there, as one step: whatever others do to the key meanwhile, none of
    /// it gets lost. Returns what is kept. Updates of one key take turns, in the order in which they came.
    ///
    /// `change` runs without any lock, so it may take its time and use the cache, but not wait for another update of the key; it runs again if the key was written, removed, loaded,
    /// touched, evicted, or made void by one of its tags while it ran, so it should do nothing but compute. A value that is absent, past
    /// its logical expiry or of another type is nil to it; for nil from it the key is removed.
    ///
    /// What the options do not say stays as it is: expiries, tags and cost; for a value that is new, the defaults hold. As with every entry,
    /// what is kept may be evicted for lack of room.
    ///
    /// Only for a cache without a remote tier: there is no single step over both tiers yet that could tell whether the key was changed by another node.
    ///
    /// - Throws: What `change` throws, and then nothing changes; ``CacheError``: for an invalid key, a value that cannot be encoded,
    ///   ``CacheError/Code/unsupported`` with a remote tier, and ``CacheError/Code/contended`` where the key was changed by others during each of 128
    ///   attempts; `CancellationError`.
    @discardableResult
    public func update<Value: Codable & Sendable>(
        _ key: CacheKey,
        as type: Value.Type = Value.self,
        options: EntryOptions = EntryOptions(),
        _ change: (Value?) throws -> Value?
    ) async throws -> Value? {
        let key = try admitted(key)
        guard gate == nil else {
            throw CacheError(
                .unsupported,
                "a value can be updated in place only where no other node can write it; this cache has a remote tier"
            )
        }
        await turns.take(key)
        defer { turns.leave(key) }
        for attempt in 0..<Self.updateAttempts {
            try Task.checkCancellation()
            let (changed, isDone) = try updateOnce(key, options, change)
            if isDone { return changed }
            // Whoever came in between gets out of the way.
            if attempt > 4 { await Task.yield() }
        }
        throw CacheError(
            .contended,
            "the key was changed by others during each of \(Self.updateAttempts) attempts; make the change shorter"
        )
    }

    private static let updateAttempts = 128

    private func updateOnce<Value: Codable & Sendable>(
        _ key: CacheKey,
        _ options: EntryOptions,
        _ change: (Value?) throws -> Value?
    ) throws -> (value: Value?, isDone: Bool) {
        let now = timeSource.now()
        let (begun, seen) = memory.beginUpdate(key, now: now)
        do {
            let fresh = seen.flatMap { seen in
                judged(seen.metadata, now: now).flatMap { now < $0.logicalExpiry ? seen : nil }
            }
            let changed = try change(fresh.flatMap { value(of: $0, key, now: now) })
            let entry = try changed.flatMap { try self.entry(for: $0, key, options, replacing: fresh) }
            // A tag may have made void what the change was made of.
            if let fresh, isVoid(fresh.metadata) {
                memory.closeGuard(begun, of: key)
                return (nil, false)
            }
            guard memory.endUpdate(begun, of: key, seen: seen, putting: entry) else { return (nil, false) }
            flights.detach(key)
            if entry != nil {
                counters.add(.sets, for: key)
                counters.add(.memorySets, for: key)
                log.set(key, backend: "memory")
            } else if seen != nil {
                counters.add(.deletes, for: key)
                counters.add(.memoryDeletes, for: key)
                log.delete(key, backend: "memory")
            }
            return (changed, true)
        } catch {
            memory.closeGuard(begun, of: key)
            throw error
        }
    }

    /// The value, decoded where it came from a snapshot and nobody has read it yet.
    private func value<Value: Sendable>(of entry: MemoryEntry, _ key: CacheKey, now: MonotonicInstant) -> Value? {
        if let value = entry.value(as: Value.self) { return value }
        guard case .decoded(let found) = peekRestored(key, as: Value.self, now: now), found.entry.stamp == entry.stamp
        else { return nil }
        return found.value
    }

    /// An entry with what the options say, and what they leave of the one that it replaces; nil where it is not to be kept.
    private func entry<Value: Codable & Sendable>(
        for value: Value,
        _ key: CacheKey,
        _ options: EntryOptions,
        replacing old: MemoryEntry?
    ) throws -> MemoryEntry? {
        let length = try ValueCoding.knownLength(of: value) ?? ValueCoding.encode(value).count
        let now = timeSource.now()
        guard length <= configuration.maximumEntryBytes else {
            log.tooLarge(key, bytes: length, limit: configuration.maximumEntryBytes, now: now)
            return nil
        }
        let marks = options.tags.isEmpty ? old?.metadata.marks : try tagSet(options.tags)
        // Under the same tags it is stamped right after what it was made of, so that whatever makes that void makes it void too.
        let isMadeOf = marks != nil && marks === old?.metadata.marks
        let stamp = isMadeOf ? old?.stamp.next ?? clock.next() : clock.next()
        // So that an invalidation from now on is stamped no earlier.
        clock.observe(stamp)
        var metadata = MemoryMetadata(
            stamp: stamp,
            createdAt: now,
            logicalExpiry: now,
            physicalExpiry: now,
            marks: marks,
            cost: old?.cost,
            weight: weight(of: key, value, bytes: length, tags: marks?.tags ?? [])
        )
        if let old, options.timeToLive == nil, options.maximumStaleness == nil {
            metadata.logicalExpiry = old.logicalExpiry
            metadata.physicalExpiry = old.physicalExpiry
        } else {
            guard let whole = lifetime(of: key, options, for: value) else { return nil }
            let lifetime = jittered(whole, of: key, options)
            metadata.logicalExpiry = now.advanced(by: lifetime.fresh)
            metadata.physicalExpiry = now.advanced(by: lifetime.total)
        }
        return TypedMemoryEntry(value: value, as: metadata, identity: 0)
    }
}
