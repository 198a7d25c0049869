/// The format of a snapshot of memory.
///
/// | bytes | what |
/// |---|---|
/// | 3 | magic `CA 52 53` |
/// | 1 | version, 1 |
/// | … | records, up to the end |
///
/// A record is the length of the key (4 bytes), the length of the envelope (4), a CRC-32 (4) over both lengths, key and envelope; then
/// the key's text in UTF-8 and the envelope (see ``Envelope``). Numbers are big-endian. Of a file that was cut off or damaged, the records before
/// the damage are good.
enum MemorySnapshot {
    static let header: [UInt8] = [0xCA, 0x52, 0x53, 1]

    static func record(key: String, envelope: [UInt8]) -> [UInt8] {
        var record: [UInt8] = []
        record.reserveCapacity(12 + key.utf8.count + envelope.count)
        append(UInt32(truncatingIfNeeded: key.utf8.count), to: &record)
        append(UInt32(truncatingIfNeeded: envelope.count), to: &record)
        let checksum = CRC32.checksum(
            envelope,
            continuing: CRC32.checksum(key.utf8, continuing: CRC32.checksum(record))
        )
        append(checksum, to: &record)
        record += key.utf8
        record += envelope
        return record
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Reads records until the first that is not whole and undamaged.
    struct Reader {
        private var rest: ArraySlice<UInt8>

        /// Nil for what is no snapshot, or one of another version.
        init?(_ bytes: ArraySlice<UInt8>) {
            guard bytes.starts(with: MemorySnapshot.header) else { return nil }
            rest = bytes.dropFirst(MemorySnapshot.header.count)
        }

        mutating func next() -> (key: String, envelope: ArraySlice<UInt8>)? {
            var reader = ByteReader(rest)
            let lengths = rest.prefix(8)
            guard let keyLength = reader.integer(UInt32.self), let envelopeLength = reader.integer(UInt32.self),
                let checksum = reader.integer(UInt32.self), let key = reader.bytes(Int(keyLength)),
                let envelope = reader.bytes(Int(envelopeLength)),
                checksum
                    == CRC32.checksum(envelope, continuing: CRC32.checksum(key, continuing: CRC32.checksum(lengths))),
                let text = String(validating: key, as: UTF8.self)
            else {
                rest = []
                return nil
            }
            rest = reader.rest
            return (text, envelope)
        }
    }
}

/// A value that came from a snapshot and that nobody has read yet: its type is not known before.
struct RestoredValue: Sendable {
    var bytes: [UInt8]
    var fingerprint: TypeFingerprint
    var schemaVersion: UInt32 = 0
}
