import Synchronization

extension Cache {
    /// What memory holds, as bytes that ``restore(_:)`` understands, each record with its own checksum. Entries whose type cannot be encoded are
    /// left out. Compressed and encrypted as entries in Redis are (``CacheConfiguration/payload``), and then keys are encrypted too.
    ///
    /// Blocks nobody for longer than some dozens of entries take; what is written meanwhile may be in it or not. Times are written as
    /// civil time, so that the time between counts. Works after ``close()`` too.
    public func snapshot() -> [UInt8] {
        var bytes = MemorySnapshot.header
        writeSnapshot { bytes += $0 }
        return bytes
    }

    private func writeSnapshot(_ write: ([UInt8]) -> Void) {
        memory.forEachEntry { key, entry in
            let now = timeSource.now()
            // Who reads the snapshot elsewhere does not know which tags were invalidated here.
            guard let metadata = judged(entry.metadata, now: now), let encoded = entry.encodedValue() else { return }
            let present = clock.presentTime
            let envelope = Envelope(
                metadata: EntryMetadata(
                    stamp: entry.stamp,
                    createdAt: present.advanced(by: now.duration(to: entry.createdAt)),
                    logicalExpiry: present.advanced(by: now.duration(to: metadata.logicalExpiry)),
                    physicalExpiry: present.advanced(by: now.duration(to: metadata.physicalExpiry)),
                    tags: entry.tags,
                    cost: entry.cost,
                    validators: entry.validators,
                    // For whatever reason: it must not be fresh again because the machine's clock is set back.
                    isExpired: metadata.logicalExpiry <= now
                ),
                fingerprint: encoded.fingerprint,
                schemaVersion: encoded.schemaVersion,
                payload: encoded.bytes[...]
            )
            if let (key, bytes) = encodedForSnapshot(envelope, key) {
                write(MemorySnapshot.record(key: key, envelope: bytes))
            }
        }
    }

    /// Takes in what ``snapshot()`` wrote, in this process or another; returns how many entries came back.
    ///
    /// Whatever the bytes are, this neither throws nor traps: it stops at the first record that is damaged, and when memory is full.
    /// What has died meanwhile, keys that memory holds already, and what is too heavy for the room that is left, are passed over. An
    /// entry weighs its key, its bytes and its tags until it is first read; then what ``CacheConfiguration/weigh`` says. A cache with a remote tier takes nothing, since
    /// that knows what was removed in the meantime; and neither does one that has been closed.
    public func restore(_ snapshot: [UInt8]) -> Int {
        guard gate == nil, !hasBeenClosed, var reader = MemorySnapshot.Reader(snapshot[...]) else { return 0 }
        hasRestored.store(true, ordering: .releasing)
        var restored = 0
        while let record = reader.next() {
            let now = timeSource.now()
            let present = clock.presentTime
            guard let (key, envelope) = openedOfSnapshot(record.key, record.envelope),
                present < envelope.metadata.physicalExpiry
            else { continue }
            let validators = KeptValidators(envelope.metadata.validators)
            let metadata = MemoryMetadata(
                stamp: envelope.metadata.stamp,
                createdAt: now.advanced(by: present.duration(to: envelope.metadata.createdAt)),
                logicalExpiry: now.advanced(by: present.duration(to: envelope.metadata.freshUntil(present))),
                physicalExpiry: now.advanced(by: present.duration(to: envelope.metadata.physicalExpiry)),
                marks: tags.set(of: hidden(envelope.metadata.tags)),
                cost: envelope.metadata.cost,
                validators: validators,
                weight: MemoryEntry.weight(
                    key: key,
                    bytes: envelope.payload.count,
                    tags: envelope.metadata.tags,
                    validators: validators
                )
            )
            clock.observe(metadata.stamp)
            let value = RestoredValue(
                bytes: Array(envelope.payload),
                fingerprint: envelope.fingerprint,
                schemaVersion: envelope.schemaVersion
            )
            let entry = TypedMemoryEntry(value: value, as: metadata, identity: 0)
            switch memory.restore(key, entry) {
            case .restored: restored += 1
            case .present, .skipped: break
            case .full: return restored
            }
        }
        return restored
    }

    /// The value of an entry that was restored and not read since, decoded now that its type is known, and kept so. One that does not
    /// decode is removed, so that it is tried only once.
    func decodeRestored<Value: Sendable>(_ key: CacheKey, as type: Value.Type, now: MonotonicInstant) -> Found<Value>? {
        switch peekRestored(key, as: type, now: now) {
        case .none: return nil
        case .broken(let stamp, let isOtherSchema):
            counters.add(.decodeFailures, for: key)
            if isOtherSchema { counters.add(.otherSchemas, for: key) }
            memory.removeRestored(key, stamp: stamp)
            return nil
        case .decoded(let found):
            memory.replaceRestored(key, with: TypedMemoryEntry(value: found.value, as: found.entry, identity: 0))
            return found
        }
    }

    enum Restored<Value: Sendable> {
        case none
        /// Bytes of this type by their fingerprint, which do not decode, or of another schema that nothing is made of.
        case broken(Stamp, isOtherSchema: Bool)
        case decoded(Found<Value>)
    }

    /// The same, and nothing changes.
    func peekRestored<Value: Sendable>(_ key: CacheKey, as type: Value.Type, now: MonotonicInstant) -> Restored<Value> {
        guard hasRestored.load(ordering: .acquiring), let decodable = type as? any (Decodable & Sendable).Type,
            let found = memory.peek(key, now: now), let restored = found.value(as: RestoredValue.self),
            restored.fingerprint == TypeFingerprint(of: type)
        else { return .none }
        let isOtherSchema = restored.schemaVersion != SchemaVersion.of(type)
        func decode<Decoded: Decodable & Sendable>(_ type: Decoded.Type) -> MemoryEntry? {
            let payload = restored.bytes[...]
            let value =
                isOtherSchema
                ? upgraded(type, from: payload, schema: restored.schemaVersion)
                : ValueCoding.decode(type, from: payload)
            return value.map {
                var metadata = found.metadata
                metadata.weight = weight(
                    of: key,
                    $0,
                    bytes: restored.bytes.count,
                    tags: metadata.tags,
                    validators: metadata.validators
                )
                return TypedMemoryEntry(value: $0, as: metadata, identity: 0)
            }
        }
        guard let entry = decode(decodable), let value = entry.value(as: type) else {
            return .broken(found.stamp, isOtherSchema: isOtherSchema)
        }
        return .decoded(Found(value: value, entry: entry.metadata, source: .memory))
    }
}
