extension Cache {
    /// The value kept in memory under a key, fresh and of this type. Does not suspend, asks no remote tier, counts as no request and does not
    /// mark the entry as used: for health checks and for tools that must not disturb what they look at.
    ///
    /// - Throws: ``CacheError`` for an invalid key.
    public func onlyIfPresent<Value: Codable & Sendable>(_ key: CacheKey, as type: Value.Type = Value.self) throws
        -> Value?
    {
        let key = try admitted(key)
        let now = timeSource.now()
        if let found = memory.peek(key, as: type, now: now) {
            guard isBelieved(found.metadata, of: key), let entry = judged(found.metadata, now: now) else { return nil }
            return now < entry.logicalExpiry ? found.value : nil
        }
        guard case .decoded(let found) = peekRestored(key, as: type, now: now), isBelieved(found.entry, of: key),
            let entry = judged(found.entry, now: now), now < entry.logicalExpiry
        else { return nil }
        return found.value
    }

    /// Changes the bounds of the memory tier. What is too much goes before this returns, after ``close()`` too; costs as much as there is to let
    /// go, and where the policy counts in another unit from then on, a step for each entry that stays.
    public func setMemoryBounds(maximumEntries: Int, maximumBytes: Int) {
        memory.setBounds(entries: maximumEntries, bytes: maximumBytes)
    }

    /// Lets go of entries in memory, the least wanted first, until they weigh no more than this; for when the system runs short of memory.
    /// The bounds stay as they are, so that the cache fills up again, unless it has been closed. Asks the allocator to give the memory back to the system.
    public func shrink(to bytes: Int) {
        memory.shrink(toBytes: bytes)
    }

    /// What an entry weighs: what ``CacheConfiguration/weigh`` says, else key, encoded value, tags and validators; and a fixed overhead.
    func weight<Value: Sendable>(
        of key: CacheKey,
        _ value: Value,
        bytes: Int,
        tags: [String],
        validators: KeptValidators? = nil
    ) -> Int {
        guard let weigh = configuration.weigh else {
            return MemoryEntry.weight(key: key, bytes: bytes, tags: tags, validators: validators)
        }
        let (sum, overflow) = max(0, weigh(key, value, bytes)).addingReportingOverflow(MemoryEntry.overhead)
        return overflow ? .max : sum
    }
}
