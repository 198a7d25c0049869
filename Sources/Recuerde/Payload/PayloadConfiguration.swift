/// What becomes of entries outside of memory: in Redis and in snapshots.
///
/// Each part may be switched on and off over live data, and on some processes before others: what a process cannot read is a miss and a counter
/// (``CacheStatistics/payload``), never an error. Processes of a version without this read neither compressed nor encrypted entries.
public struct PayloadConfiguration: Sendable {
    /// Which values are compressed; nil for none.
    public var compression: PayloadCompression?
    /// What is encrypted, and with which keys.
    public var encryption = PayloadEncryption.off
    /// Whether names are hidden, and with which secret; nil leaves them readable.
    public var keyHashing: KeyHashing?

    /// Everything off.
    public init() {}
}

extension CacheConfiguration {
    /// What is to become of entries outside of memory, where the format has no room for it.
    var payloadProblems: [ConfigurationProblem] {
        guard format == .plain else { return [] }
        var problems: [ConfigurationProblem] = []
        if payload.encryption.policy != .off {
            let isRequired = payload.encryption.policy == .required
            problems.append(
                ConfigurationProblem(
                    .encryptionNeedsEnvelope,
                    severity: isRequired ? .error : .warning,
                    "entries of the format plain cannot be encrypted, so "
                        + (isRequired ? "nothing is kept at all" : "what is in Redis is not encrypted"),
                    advice: "use the format envelope"
                )
            )
        }
        if payload.compression != nil {
            problems.append(
                ConfigurationProblem(
                    .compressionNeedsEnvelope,
                    "entries of the format plain are not compressed",
                    advice: "use the format envelope, or leave compression off"
                )
            )
        }
        return problems
    }
}

extension ConfigurationProblem.ID {
    /// The policy asks for encryption, and the format has no room for it.
    public static let encryptionNeedsEnvelope = Self("encryption_needs_envelope")
    /// Values are to be compressed, and the format has no room for that.
    public static let compressionNeedsEnvelope = Self("compression_needs_envelope")
}
