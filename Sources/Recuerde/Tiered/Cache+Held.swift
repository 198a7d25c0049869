/// What memory holds, and what of it is believed.
extension Cache {
    /// Whether memory is asked before the remote tier: by choice, or because that does not answer.
    var asksMemoryFirst: Bool {
        guard let gate else { return true }
        switch configuration.readingOrder {
        case .memoryUnchecked: return true
        // A remote tier that tells of nothing is asked instead.
        case .memoryFirst where lines?.isUsed == true: return true
        case .memoryFirst, .remoteFirst: break
        }
        // Who wants to be told of failures must get to them.
        return !configuration.rethrowsRemoteErrors && !gate.admitsCallers
    }

    /// What memory holds and no waiting intent contradicts, fresh or stale.
    func held<Value: Sendable>(_ key: CacheKey, as type: Value.Type, now: MonotonicInstant) -> Found<Value>? {
        heldUnjudged(key, as: type, now: now).flatMap { judged($0, now: now) }
    }

    /// The same, whatever has become of its tags.
    func heldUnjudged<Value: Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        now: MonotonicInstant
    ) -> Found<Value>? {
        guard let found = memory.lookup(key, as: type, now: now) else {
            return decodeRestored(key, as: type, now: now)
        }
        guard isBelieved(found.metadata, of: key) else { return nil }
        return Found(value: found.value, entry: found.metadata, source: .memory)
    }

    /// The same where the remote tier does not answer.
    func heldDetached<Value: Sendable>(_ key: CacheKey, as type: Value.Type, now: MonotonicInstant) -> Found<Value>? {
        held(key, as: type, now: now).flatMap { mayServeDetached($0.entry, now: now) ? $0 : nil }
    }

    /// What memory holds, if it is fresh and may be served without asking the remote tier first; counted.
    func fresh<Value: Sendable>(_ key: CacheKey, as type: Value.Type, maximumAge: Duration?) -> Found<Value>? {
        let now = timeSource.now()
        let held = heldUnjudged(key, as: type, now: now)
        guard let found = held.flatMap({ judged($0, now: now) }), found.isFresh(at: now, maximumAge: maximumAge),
            mayServe(found.entry, of: key, now: now)
        else {
            counters.add(.memoryMisses, for: key)
            if let held { countIfVoid(held.entry, of: key, as: .memoryVoids, now: now) }
            return nil
        }
        counters.add(.memoryHits, for: key)
        return found
    }

    /// What memory holds, if it is fresh, once the remote tier was asked in vain. Counted, unless memory was asked before.
    func freshDetached<Value: Sendable>(
        _ key: CacheKey,
        as type: Value.Type,
        maximumAge: Duration?,
        hasAskedMemory: Bool
    ) -> Found<Value>? {
        let now = timeSource.now()
        let found = heldDetached(key, as: type, now: now).flatMap {
            $0.isFresh(at: now, maximumAge: maximumAge) ? $0 : nil
        }
        if !hasAskedMemory { counters.add(found == nil ? .memoryMisses : .memoryHits, for: key) }
        return found
    }

    /// What is known of an entry, unless a later write or removal of its key waits in the journal, or an expiry that it does not reflect; and as far as
    /// its tags leave it.
    func believed(_ entry: MemoryEntry?, of key: CacheKey) -> MemoryMetadata? {
        entry.flatMap { isBelieved($0.metadata, of: key) ? judged($0.metadata, now: timeSource.now()) : nil }
    }

    func isBelieved(_ entry: MemoryMetadata, of key: CacheKey) -> Bool {
        guard let gate, gate.hasWaiting else { return true }
        let name = keySpace.entryName(key)
        let stamp = clock.told(entry.stamp)
        if let overruled = gate.overrulesMemory(name), stamp < clock.told(overruled) { return false }
        guard let expired = gate.overrulesFreshness(name), stamp < clock.told(expired) else { return true }
        // What was expired may stand in; it is no longer fresh here, unless it came in between.
        return entry.logicalExpiry <= timeSource.now()
    }
}
