import Crypto

/// What lies between an encoded value and the bytes of its entry: compression first, then encryption.
struct PayloadPipeline: Sendable {
    /// The name that entries of a snapshot are bound to. No entry in Redis is called so, for braces are escaped in keys.
    static let snapshotName = "{}:snapshot"

    let policy: PayloadEncryption.Policy
    private let compression: PayloadCompression?
    private let writingKey: EncryptionKey?
    private let keys: [String: SymmetricKey]
    private let inflatedLimit: Int

    init(_ configuration: CacheConfiguration) {
        let payload = configuration.payload
        compression = payload.compression
        policy = payload.encryption.policy
        writingKey = payload.encryption.writingKey
        keys = Dictionary(
            payload.encryption.keys.map { ($0.id, $0.secret) },
            uniquingKeysWith: { first, _ in first }
        )
        inflatedLimit = max(0, configuration.maximumEntryBytes)
    }

    /// Whether what is written is encrypted.
    var encrypts: Bool { writingKey != nil }

    /// Whether entries of the format can be kept at all.
    func admits(_ format: WireFormat) -> Bool {
        format == .envelope || policy != .required
    }

    // MARK: Out

    /// The same entry with its value compressed, where that is worth it.
    func deflated(_ envelope: Envelope) -> Envelope {
        guard let compression, !envelope.isCompressed, compression.tries(envelope.payload.count),
            let length = UInt32(exactly: envelope.payload.count),
            let deflated = Deflate.deflated(
                envelope.payload,
                behind: (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) },
                atMost: PayloadCompression.limit(for: envelope.payload.count),
                level: PayloadCompression.level
            )
        else { return envelope }
        var envelope = envelope
        envelope.payload = deflated[...]
        envelope.isCompressed = true
        return envelope
    }

    /// The bytes of an entry that is to stand under `name`: encrypted, where the policy says so. Nil where its tags make the header too long.
    func sealed(_ envelope: Envelope, as name: String) -> [UInt8]? {
        guard let writingKey else { return envelope.encoded() }
        return envelope.sealed(with: writingKey, as: name)
    }

    // MARK: In

    /// The entry that bytes under `name` stand for, authenticated and decrypted; its value may still be compressed.
    func opened(_ bytes: ArraySlice<UInt8>, as name: String) throws(PayloadRefusal) -> Envelope {
        guard let envelope = Envelope(decoding: bytes) else { throw .damaged }
        guard let seal = envelope.seal else {
            guard policy != .required else { throw .unencrypted }
            return envelope
        }
        guard let key = keys[seal.keyID] else { throw .unknownKey }
        guard let envelope = envelope.unsealed(with: key, as: name) else { throw .forged }
        return envelope
    }

    /// The value's encoding.
    func payload(of envelope: Envelope) throws(PayloadRefusal) -> ArraySlice<UInt8> {
        guard envelope.isCompressed else { return envelope.payload }
        var reader = ByteReader(envelope.payload)
        guard let length = reader.integer(UInt32.self), Int(length) <= inflatedLimit,
            let inflated = Deflate.inflated(reader.rest, length: Int(length))
        else { throw .notInflated }
        return inflated[...]
    }
}
