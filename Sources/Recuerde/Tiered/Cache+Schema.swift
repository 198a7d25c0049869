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

    /// Whether an entry is of a newer schema than this process knows. While it is fresh, what is loaded here does not take its place.
    ///
    /// It is kept in memory under the stamp of that entry, as what this process has in its stead. So it is served for as long as that entry
    /// stands, and no longer: what is set there bears another stamp, and what is removed, cleared or expired is told as for any copy.
    func isNewer(_ version: UInt32, than type: Any.Type) -> Bool {
        version > 0 && version > SchemaVersion.of(type)
    }

    /// The stamp of a newer entry, unless its tags have made it void: then it gives way.
    func standing(_ newer: (stamp: Stamp, tags: TagSet?)?) -> Stamp? {
        guard let newer else { return nil }
        clock.observe(newer.stamp)
        guard let tags = newer.tags else { return newer.stamp }
        return newer.stamp > tags.floors(clock).expired ? newer.stamp : nil
    }
}
