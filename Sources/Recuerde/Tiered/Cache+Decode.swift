/// Makes values of what the remote tier has answered.
extension Cache {
    /// Makes an answer of the entry that the remote tier holds, whose tags are known, and closes the guard.
    func take<Value: Codable & Sendable>(
        _ entry: Decoded<Value>?,
        wasThere: Bool,
        key: CacheKey,
        name: String,
        guard: MemoryShard.Guard,
        time: Stamp?,
        waiting: Stamp?,
        witness: UInt32,
        gate: RemoteGate
    ) -> RemoteAnswer<Value> {
        let decoded = entry?.found
        let overruled = [waiting, gate.overrules(name)].compactMap(\.self).max().map(clock.told)
        // A plain entry has no stamp to compare: while an intent waits, it is not believed.
        if let overruled, decoded.map({ configuration.format == .plain || $0.entry.stamp <= overruled }) ?? true {
            memory.closeGuard(`guard`, of: key)
            return .unusable
        }
        guard let decoded else {
            memory.closeGuard(`guard`, of: key)
            counters.add(.remoteMisses, for: key)
            // Another node may have removed it; what memory still holds must not outlive that.
            if !wasThere { memory.removeUnlessProvisional(key) }
            return .absent(time: time, yields: standing(entry?.newer), hasBytes: wasThere)
        }
        counters.add(.remoteHits, for: key)
        // Redis may have lost what it had acknowledged, as in a restart on old data: what it wrote last is known here.
        let now = timeSource.now()
        if configuration.format == .envelope, let known = memory.peek(key, as: Value.self, now: now),
            !known.metadata.isProvisional, known.metadata.stamp > decoded.entry.stamp
        {
            memory.closeGuard(`guard`, of: key)
            var found = Found(value: known.value, entry: known.metadata, source: .memory)
            // What is known here may be the value of a load that is still on its way there, and began before what stands there was expired.
            if decoded.isExpired { found.entry.logicalExpiry = min(found.entry.logicalExpiry, now) }
            return judged(found, now: now).map { .found($0, time: time) } ?? .absent(time: time)
        }
        countIfVoid(decoded.entry, of: key, as: .remoteVoids, now: now)
        // Removed by a tag: nothing, for anyone. What memory holds is the same nothing, or older, and of other tags.
        guard var judged = judged(decoded, now: now, heedsDoubt: false) else {
            memory.closeGuard(`guard`, of: key)
            memory.removeUnlessProvisional(key)
            return .absent(time: time, yields: standing(entry?.newer))
        }
        clock.observe(decoded.entry.stamp)
        var filling = decoded.entry
        filling.witness = witness
        memory.closeGuard(
            `guard`,
            of: key,
            filling: TypedMemoryEntry(value: decoded.value, as: filling, identity: filling.identity)
        )
        judged.yields = standing(entry?.newer)
        return .found(judged, time: time)
    }

    /// The entry that bytes stand for; none, and counted, where they do not stand for a live one of this type.
    func decode<Value: Codable & Sendable>(
        _ bytes: [UInt8],
        timeToLive: Duration?,
        key: CacheKey,
        name: String,
        as type: Value.Type
    ) -> Decoded<Value> {
        let now = timeSource.now()
        guard configuration.format == .envelope else {
            guard pipeline.admits(.plain) else {
                refused(.unencrypted, key)
                return Decoded()
            }
            guard let value = ValueCoding.decodePlain(type, from: bytes[...]) else {
                counters.add(.decodeFailures, for: key)
                return Decoded()
            }
            // The copy in memory lives as long as the entry in Redis; of one that lives there without end, as one that is
            // written now. When it was written nothing tells: as long ago, as its key's usual life is spent.
            let usual = lifetime(of: key, EntryOptions())?.fresh ?? .zero
            let life = timeToLive ?? usual
            let metadata = MemoryMetadata(
                stamp: clock.present,
                createdAt: now.advanced(by: .zero - max(.zero, usual - life)),
                logicalExpiry: now.advanced(by: life),
                physicalExpiry: now.advanced(by: life),
                weight: weight(of: key, value, bytes: bytes.count, tags: [])
            )
            return Decoded(found: Found(value: value, entry: metadata, source: .redis))
        }
        guard let envelope = opened(bytes, key, as: name) else { return Decoded() }
        let metadata = envelope.metadata
        let present = clock.presentTime
        guard present < metadata.physicalExpiry else { return Decoded() }
        let tags = self.tags.set(of: metadata.tags)
        // Before its tags are asked for, which are then known up to a later moment.
        if tags != nil { clock.observe(metadata.stamp) }
        let isNewer = self.isNewer(envelope.schemaVersion, than: type)
        let yields = isNewer && present < metadata.freshUntil(present) ? metadata.stamp : nil
        // The very entry is in memory already, or what this process has in its stead: its value need not be decoded again.
        if let known = memory.lookup(key, as: type, now: now), known.metadata.stamp == metadata.stamp {
            var entry = known.metadata
            if metadata.isExpired { entry.logicalExpiry = min(entry.logicalExpiry, now) }
            if !isNewer { entry.marks = tags }
            return Decoded(
                found: Found(
                    value: known.value,
                    entry: entry,
                    source: isNewer ? .memory : .redis,
                    isExpired: metadata.isExpired
                ),
                newer: yields.map { ($0, tags) }
            )
        }
        guard envelope.fingerprint == TypeFingerprint(of: type) else {
            counters.add(.decodeFailures, for: key)
            return Decoded()
        }
        guard let payload = payload(of: envelope, key) else { return Decoded() }
        guard let value = value(type, of: payload, schema: envelope.schemaVersion, key) else {
            return Decoded(newer: yields.map { ($0, tags) })
        }
        let validators = KeptValidators(metadata.validators)
        let entry = MemoryMetadata(
            stamp: metadata.stamp,
            createdAt: now.advanced(by: present.duration(to: metadata.createdAt)),
            logicalExpiry: now.advanced(by: present.duration(to: metadata.freshUntil(present))),
            physicalExpiry: now.advanced(by: present.duration(to: metadata.physicalExpiry)),
            marks: tags,
            cost: metadata.cost,
            validators: validators,
            // As if it had not been compressed: in memory it is not.
            weight: weight(
                of: key,
                value,
                bytes: bytes.count - envelope.payload.count + payload.count,
                tags: metadata.tags,
                validators: validators
            )
        )
        return Decoded(
            found: Found(
                value: value,
                entry: entry,
                source: .redis,
                isExpired: metadata.isExpired
            ),
            newer: yields.map { ($0, tags) }
        )
    }
}
