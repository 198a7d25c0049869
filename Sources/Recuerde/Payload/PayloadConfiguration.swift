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
    /// What in this configuration contradicts itself; empty where all is well. A cache that is made with it tells
    /// each in its log, goes on all the same, and keeps nothing that it may not.
    public var problems: [CacheConfigurationProblem] {
        guard format == .plain else { return [] }
        var problems: [CacheConfigurationProblem] = []
        if payload.encryption.policy != .off {
            let consequence =
                payload.encryption.policy == .required ? "nothing is kept at all" : "what is in Redis is not encrypted"
            problems.append(
                CacheConfigurationProblem(
                    .encryptionNeedsEnvelope,
                    "entries of the format plain cannot be encrypted, so \(consequence); use the format envelope"
                )
            )
        }
        if payload.compression != nil {
            problems.append(
                CacheConfigurationProblem(
                    .compressionNeedsEnvelope,
                    "entries of the format plain are not compressed; use the format envelope, or leave compression off"
                )
            )
        }
        return problems
    }
}
