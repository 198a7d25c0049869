/// Whether what a cache keeps outside of its memory is encrypted, and with which keys: AES-GCM with 256 bits over the value, its tags and its cost.
///
/// What is authenticated besides: all of the entry's header but its stamp and the mark of the expired, which Redis changes in place, and the entry's
/// whole name. So an entry that was altered, or moved to another key or another cache, is a miss. What is not hidden: the entry's name and those of its tags' records, which
/// are tags in clear (see ``KeyHashing``), how long the value is, and when it was made and ends. What is not prevented: that who may write to Redis puts an older
/// entry of the same key back within its lifetime, removes entries, marks them as expired, or takes that mark and an invalidation by tag back.
///
/// Values in memory are decoded ones, so a hit there costs nothing of this.
public struct PayloadEncryption: Sendable {
    /// What is written, and what is read.
    public enum Policy: String, Sendable, Hashable, CaseIterable {
        /// Entries are written as they are; encrypted ones are read where their key is known.
        case off
        /// Entries are written encrypted; others are read too. The way from `off` to `required`.
        case preferred
        /// Entries are written encrypted, and others are misses: whoever can write to Redis cannot slip a value in without a key. Snapshots likewise. With
        /// ``WireFormat/plain``, which cannot be encrypted, nothing is kept at all.
        case required
    }

    /// What is written, and what is read.
    public let policy: Policy
    /// The keys that are known, with which entries are read.
    public let keys: [EncryptionKey]
    /// The one of them that writes; nil with the policy `off`.
    public let writingKey: EncryptionKey?

    /// No encryption; encrypted entries are misses.
    public static let off = PayloadEncryption()

    private init() {
        policy = .off
        keys = []
        writingKey = nil
    }

    /// Makes a policy with its keys.
    ///
    /// For another key, let all processes know it first, then let it write, and forget the former one when its last entry has died.
    ///
    /// - Parameters:
    ///   - policy: What is written, and what is read.
    ///   - keys: All keys that entries may have been written with.
    ///   - writingKeyID: The identifier of the one that writes; nil takes the first.
    /// - Throws: ``PayloadConfigurationError`` where two keys have one identifier, where the policy needs a key and there is none, and where the one that is to write is
    ///   not among them.
    public init(_ policy: Policy, keys: [EncryptionKey], writingWith writingKeyID: String? = nil) throws {
        guard Set(keys.map(\.id)).count == keys.count else {
            throw PayloadConfigurationError(
                .encryptionKeyTwice,
                "two encryption keys have the same identifier, by which entries find their key; give each its own"
            )
        }
        guard policy == .off || !keys.isEmpty else {
            throw PayloadConfigurationError(
                .encryptionKeyMissing,
                "the policy \(policy.rawValue) encrypts, and there is no key; give one, or choose the policy off"
            )
        }
        let writing = writingKeyID.map { id in keys.first { $0.id == id } } ?? keys.first
        guard writing != nil || writingKeyID == nil else {
            throw PayloadConfigurationError(
                .encryptionKeyUnknown,
                "the key that is to write is none of those that are known; add it to them"
            )
        }
        self.policy = policy
        self.keys = keys
        self.writingKey = policy == .off ? nil : writing
    }
}
