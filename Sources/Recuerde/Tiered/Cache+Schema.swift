/// Values in other versions of their types' schemas.
extension Cache {
    /// The value of an encoding; nil, and counted, where there is none.
    func value<Value: Decodable & Sendable>(
        _ type: Value.Type,
        of payload: ArraySlice<UInt8>,
        schema version: UInt32,
        _ key: CacheKey
    ) -> Value? {
        if version == SchemaVersion.of(type) {
            if let value = ValueCoding.decode(type, from: payload) { return value }
        } else {
            if let value = upgraded(type, from: payload, schema: version) {
                counters.add(.schemaUpgrades, for: key)
                return value
            }
            counters.add(.otherSchemas, for: key)
        }
        counters.add(.decodeFailures, for: key)
        return nil
    }

    func upgraded<Value: Sendable>(_ type: Value.Type, from payload: ArraySlice<UInt8>, schema version: UInt32)
        -> Value?
    {
        configuration.schemaUpgrades.upgraded(type, from: CachedPayload(version: version, bytes: payload))
    }

    /// The tags by which what may be answered will be judged: those of the entry that was read, or of the own copy beside a newer one.
    func marks<Value: Sendable>(toJudge decoded: Decoded<Value>?, _ key: CacheKey) -> TagSet? {
        guard decoded?.newer != nil else { return decoded?.found?.entry.marks }
        return memory.taggedEntry(key, now: timeSource.now())?.marks
    }

    /// What this process has itself where Redis holds a fresh entry in a newer schema, which gives way to nothing that is loaded here. Closes the guard.
    ///
    /// What was loaded here after that entry had been stamped is as good as it; whatever is written, removed or expired there later bears a later stamp, or
    /// stands there no more, or is no longer fresh. From now on the line over which it was read tells of that.
    func beside<Value: Sendable>(
        _ newer: Stamp,
        _ key: CacheKey,
        guard: MemoryShard.Guard,
        time: Stamp?,
        witness: UInt32
    ) -> RemoteAnswer<Value> {
        clock.observe(newer)
        let now = timeSource.now()
        guard let own = memory.lookup(key, as: Value.self, now: now), !own.metadata.isProvisional,
            own.metadata.stamp > newer,
            let judged = judged(Found(value: own.value, entry: own.metadata, source: .memory), now: now)
        else {
            memory.closeGuard(`guard`, of: key)
            return .absent(time: time, yields: true)
        }
        counters.add(.memoryHits, for: key)
        var entry = own.metadata
        entry.witness = witness
        memory.closeGuard(
            `guard`,
            of: key,
            filling: TypedMemoryEntry(value: own.value, as: entry, identity: entry.identity)
        )
        var found = judged
        found.yields = true
        return .found(found, time: time)
    }
}
