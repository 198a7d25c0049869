/// An entry as bytes: a header that describes itself, then the payload.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 3 | magic `CA 52 45`, which is neither JSON nor UTF-8 |
/// | 3 | 1 | format version, 2 |
/// | 4 | 1 | flags: 1 compressed, 2 encrypted, 128 expired; an entry with another is none that is understood |
/// | 5 | 1 | codec: 1 JSON |
/// | 6 | 2 | length of the header, fields included |
/// | 8 | 20 | stamp, decimal digits; at a fixed place so that a script compares and replaces it without parsing |
/// | 28 | 8 | created, Unix microseconds |
/// | 36 | 8 | logical expiry, Unix microseconds |
/// | 44 | 8 | physical expiry, Unix microseconds |
/// | 52 | 8 | type fingerprint |
/// | 60 | 4 | schema version of the value's type |
/// | 64 | 4 | CRC-32 of all but stamp, the flag 128 and checksum |
/// | 68 | … | fields: type (1), length (2), bytes; unknown types are passed over |
///
/// Numbers are big-endian. Field 1 is a tag (UTF-8), field 2 the cost of the load (microdollars 8, tokens in 4, tokens
/// out 4, microseconds 8), field 3 how it is encrypted (nonce 12, identifier of the key). fields 16 and 17 the entity tag and the time of the last
/// change as its source gave them (UTF-8).
///
/// A compressed payload is the length of what it stands for (4), and that deflated (RFC 1951). An encrypted one is ciphertext and the 16 bytes of its
/// tag: of the length of all other fields (2 bytes), these fields, which are not in the header then, and the payload.
package struct Envelope: Sendable {
    package static let version: UInt8 = 2
    package static let fixedLength = 68
    package static let stampRange = 8..<28
    private static let magic: [UInt8] = [0xCA, 0x52, 0x45]
    private static let jsonCodec: UInt8 = 1
    static let flagsOffset = 4
    static let checksumRange = 64..<68
    static let compressedFlag: UInt8 = 0x01
    static let encryptedFlag: UInt8 = 0x02
    /// Somebody has expired the entry: it is a miss, and may stand in for loads that fail until its physical expiry. A script sets it where the
    /// entry stands, so it is no part of the checksum; a reader that does not know it takes the entry for a miss.
    package static let expiredFlag: UInt8 = 0x80

    package var metadata: EntryMetadata
    package var fingerprint: TypeFingerprint
    package var schemaVersion: UInt32
    package var payload: ArraySlice<UInt8>
    /// Whether the payload is compressed.
    package var isCompressed = false
    /// How the entry is encrypted, while it is: then tags and cost are in the payload, and so are not known.
    var seal: Seal?

    package init(
        metadata: EntryMetadata,
        fingerprint: TypeFingerprint,
        schemaVersion: UInt32 = 0,
        payload: ArraySlice<UInt8>
    ) {
        self.metadata = metadata
        self.fingerprint = fingerprint
        self.schemaVersion = schemaVersion
        self.payload = payload
    }

    enum Field: UInt8 {
        case tag = 1
        case cost = 2
        case seal = 3
        case etag = 16
        case lastModified = 17
    }

    /// The bytes of the entry; nil where tags make the header longer than it can say (64 KiB), and for one that is still encrypted.
    package func encoded() -> [UInt8]? {
        guard seal == nil, let fields = clearFields(), var bytes = head(fields: fields, flags: flags) else {
            return nil
        }
        bytes += payload
        Self.check(&bytes)
        return bytes
    }

    /// The flags of an entry that is not encrypted.
    var flags: UInt8 {
        (metadata.isExpired ? Self.expiredFlag : 0) | (isCompressed ? Self.compressedFlag : 0)
    }

    /// One field; nil where its content is too long.
    static func field(_ type: Field, _ content: some Collection<UInt8>) -> [UInt8]? {
        guard let length = UInt16(exactly: content.count) else { return nil }
        var bytes = [type.rawValue]
        bytes.append(bigEndian: length)
        bytes += content
        return bytes
    }

    /// Tags and cost as fields; nil where a tag is too long.
    func clearFields() -> [UInt8]? {
        var bytes: [UInt8] = []
        for tag in metadata.tags {
            guard let field = Self.field(.tag, tag.utf8) else { return nil }
            bytes += field
        }
        if let cost = metadata.cost {
            bytes.append(Field.cost.rawValue)
            bytes.append(bigEndian: UInt16(24))
            bytes.append(bigEndian: cost.microdollars)
            bytes.append(bigEndian: cost.tokensIn)
            bytes.append(bigEndian: cost.tokensOut)
            bytes.append(bigEndian: cost.microseconds)
        }
        let validators = metadata.validators
        for (type, text) in [(Field.etag, validators?.etag), (.lastModified, validators?.lastModified)] {
            guard let text else { continue }
            guard let field = Self.field(type, text.utf8) else { return nil }
            bytes += field
        }
        return bytes
    }

    /// The header with these fields, and without a checksum yet; nil where it is too long.
    func head(fields: [UInt8], flags: UInt8) -> [UInt8]? {
        guard let headerLength = UInt16(exactly: Self.fixedLength + fields.count) else { return nil }
        var bytes = [UInt8]()
        bytes.reserveCapacity(Int(headerLength) + payload.count + 64)
        bytes += Self.magic
        bytes += [Self.version, flags, Self.jsonCodec]
        bytes.append(bigEndian: headerLength)
        bytes += metadata.stamp.wireText.utf8
        bytes.append(bigEndian: metadata.createdAt.microseconds)
        bytes.append(bigEndian: metadata.logicalExpiry.microseconds)
        bytes.append(bigEndian: metadata.physicalExpiry.microseconds)
        bytes.append(bigEndian: fingerprint.rawValue)
        bytes.append(bigEndian: schemaVersion)
        bytes.append(bigEndian: UInt32(0))
        bytes += fields
        return bytes
    }

    /// Puts the checksum of all the rest in its place.
    static func check(_ bytes: inout [UInt8]) {
        let checksum = Self.checksum(of: bytes[...])
        for (index, place) in checksumRange.enumerated() {
            bytes[place] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index))
        }
    }

    /// What the first bytes of an entry say: its stamp, and whether it has been expired. Unchecked; nil for what is none of this version.
    static func head(_ head: [UInt8]) -> (stamp: Stamp, isExpired: Bool)? {
        guard head.count >= stampRange.upperBound, head.starts(with: magic), head[3] == version,
            let stamp = Stamp(wireBytes: head[stampRange])
        else { return nil }
        return (stamp, head[flagsOffset] & expiredFlag != 0)
    }

    /// The bytes of an entry as somebody has expired it; nil where it may not stand in for a load, or is none of this version.
    static func expired(_ bytes: [UInt8]) -> [UInt8]? {
        guard head(bytes) != nil, bytes.count >= fixedLength, bytes[36..<44] != bytes[44..<52] else { return nil }
        var bytes = bytes
        bytes[flagsOffset] |= expiredFlag
        return bytes
    }

    /// Reads the bytes of an entry; nil for anything that is not one, whole and undamaged. An encrypted one is not decrypted, nor authenticated; a
    /// compressed payload stays so. See ``PayloadPipeline``.
    package init?(decoding bytes: ArraySlice<UInt8>) {
        var reader = ByteReader(bytes)
        guard reader.bytes(3)?.elementsEqual(Self.magic) == true,
            reader.integer(UInt8.self) == Self.version,
            let flags = reader.integer(UInt8.self),
            flags & ~(Self.expiredFlag | Self.compressedFlag | Self.encryptedFlag) == 0,
            reader.integer(UInt8.self) == Self.jsonCodec,
            let headerLength = reader.integer(UInt16.self), headerLength >= Self.fixedLength,
            let stamp = reader.bytes(Stamp.width).flatMap(Stamp.init(wireBytes:)),
            let created = reader.integer(Int64.self),
            let logical = reader.integer(Int64.self),
            let physical = reader.integer(Int64.self),
            let fingerprint = reader.integer(UInt64.self),
            let schemaVersion = reader.integer(UInt32.self),
            let checksum = reader.integer(UInt32.self),
            let fields = reader.bytes(Int(headerLength) - Self.fixedLength),
            checksum == Self.checksum(of: bytes)
        else { return nil }

        let metadata = EntryMetadata(
            stamp: stamp,
            createdAt: UnixTime(microseconds: created),
            logicalExpiry: UnixTime(microseconds: logical),
            physicalExpiry: UnixTime(microseconds: physical),
            isExpired: flags & Self.expiredFlag != 0
        )
        self.init(
            metadata: metadata,
            fingerprint: TypeFingerprint(rawValue: fingerprint),
            schemaVersion: schemaVersion,
            payload: reader.rest
        )
        isCompressed = flags & Self.compressedFlag != 0
        guard take(fields) else { return nil }
        if flags & Self.encryptedFlag == 0 {
            seal = nil
        } else {
            // What stands beside the seal in clear text is not known to come from the writer, until that has been authenticated.
            guard seal != nil, self.metadata.tags.isEmpty, self.metadata.cost == nil, self.metadata.validators == nil
            else { return nil }
            seal?.header = Self.unchanging(bytes.prefix(Int(headerLength)))
        }
    }

    /// Takes in what fields say; false where they are not whole.
    mutating func take(_ fields: ArraySlice<UInt8>) -> Bool {
        var validators = Validators()
        var fieldReader = ByteReader(fields)
        while let type = fieldReader.integer(UInt8.self) {
            guard let length = fieldReader.integer(UInt16.self), let content = fieldReader.bytes(Int(length)) else {
                return false
            }
            switch Field(rawValue: type) {
            case .tag:
                metadata.tags.append(String(decoding: content, as: UTF8.self))
            case .cost:
                var costReader = ByteReader(content)
                guard let money = costReader.integer(UInt64.self), let tokensIn = costReader.integer(UInt32.self),
                    let tokensOut = costReader.integer(UInt32.self), let time = costReader.integer(UInt64.self)
                else { return false }
                var cost = LoadCost(microdollars: money, tokensIn: tokensIn, tokensOut: tokensOut)
                cost.microseconds = time
                metadata.cost = cost
            case .seal:
                guard let content = Seal(field: content) else { return false }
                seal = content
            case .etag:
                validators.etag = String(decoding: content, as: UTF8.self)
            case .lastModified:
                validators.lastModified = String(decoding: content, as: UTF8.self)
            case nil:
                break
            }
        }
        metadata.validators = validators.kept
        return true
    }

    /// Over everything but what scripts change, the stamp and the mark of the expired, and the checksum itself.
    private static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        let start = bytes.startIndex
        let magic = CRC32.checksum(bytes[start..<(start + flagsOffset)])
        let flags = CRC32.checksum(CollectionOfOne(bytes[start + flagsOffset] & ~expiredFlag), continuing: magic)
        let head = CRC32.checksum(
            bytes[(start + flagsOffset + 1)..<(start + stampRange.lowerBound)],
            continuing: flags
        )
        let fixed = CRC32.checksum(bytes[(start + stampRange.upperBound)..<(start + 64)], continuing: head)
        return CRC32.checksum(bytes[(start + fixedLength)...], continuing: fixed)
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
