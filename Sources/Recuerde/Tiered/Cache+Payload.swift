/// Entries on their way to bytes and back, with what is counted of it.
extension Cache {
    /// The bytes of an entry in the remote tier: compressed and encrypted as the configuration says. Nil where its tags make the header too long.
    func encoded(_ envelope: Envelope, _ key: CacheKey, as name: String) -> [UInt8]? {
        let deflated = pipeline.deflated(envelope)
        guard let bytes = pipeline.sealed(deflated, as: name) else { return nil }
        if deflated.isCompressed {
            counters.add(.compressed, for: key)
            // One that is written again as it was read has been compressed by somebody before.
            if !envelope.isCompressed {
                counters.add(.compressedFrom, for: key, count: envelope.payload.count)
                counters.add(.compressedTo, for: key, count: deflated.payload.count)
            }
        }
        if pipeline.encrypts { counters.add(.encrypted, for: key) }
        return bytes
    }

    /// The entry that bytes stand for, authenticated and decrypted; nil, and counted, for what is none or may not be taken.
    func opened(_ bytes: [UInt8], _ key: CacheKey, as name: String) -> Envelope? {
        do {
            return try believed(pipeline.opened(bytes[...], as: name))
        } catch {
            refused(error, key)
            return nil
        }
    }

    /// The entry, unless its stamp is none: the remote tier's scripts take one that lies too far ahead for none as well, so that no invalidation would
    /// ever reach it.
    func believed(_ envelope: Envelope) throws(PayloadRefusal) -> Envelope {
        guard !clock.isTooFarAhead(envelope.metadata.stamp) else { throw .damaged }
        return envelope
    }

    /// The encoding of an entry's value; nil, and counted, where it was compressed and does not come back whole.
    func payload(of envelope: Envelope, _ key: CacheKey) -> ArraySlice<UInt8>? {
        do {
            return try pipeline.payload(of: envelope)
        } catch {
            refused(error, key)
            return nil
        }
    }

    func refused(_ refusal: PayloadRefusal, _ key: CacheKey) {
        counters.add(.decodeFailures, for: key)
        if let counter = refusal.counter { counters.add(counter, for: key) }
    }

    // MARK: Snapshots

    /// An entry as it stands in a snapshot, and the key that stands beside it: none where it is encrypted, for then it is part of what is.
    func encodedForSnapshot(_ envelope: Envelope, _ key: String) -> (key: String, bytes: [UInt8])? {
        var envelope = pipeline.deflated(envelope)
        guard pipeline.encrypts else { return envelope.encoded().map { (key, $0) } }
        var payload: [UInt8] = []
        payload.reserveCapacity(4 + key.utf8.count + envelope.payload.count)
        let length = UInt32(truncatingIfNeeded: key.utf8.count)
        withUnsafeBytes(of: length.bigEndian) { payload.append(contentsOf: $0) }
        payload += key.utf8
        payload += envelope.payload
        envelope.payload = payload[...]
        return pipeline.sealed(envelope, as: PayloadPipeline.snapshotName).map { ("", $0) }
    }

    /// The key and the entry of a record, whose value is not compressed any more; nil, and counted, for what is none or may not be taken.
    func openedOfSnapshot(_ text: String, _ bytes: ArraySlice<UInt8>) -> (key: CacheKey, envelope: Envelope)? {
        do {
            var text = text
            var envelope = try pipeline.opened(bytes, as: PayloadPipeline.snapshotName)
            if bytes[bytes.startIndex + Envelope.flagsOffset] & Envelope.encryptedFlag != 0 {
                var reader = ByteReader(envelope.payload)
                guard let length = reader.integer(UInt32.self), let key = reader.bytes(Int(length)),
                    let hidden = String(validating: key, as: UTF8.self)
                else { throw PayloadRefusal.forged }
                text = hidden
                envelope.payload = reader.rest
            }
            envelope.payload = try pipeline.payload(of: envelope)
            envelope.isCompressed = false
            return (try admitted(CacheKey(escapedText: text)), envelope)
        } catch {
            refused(error as? PayloadRefusal ?? .damaged, "snapshot")
            return nil
        }
    }
}
