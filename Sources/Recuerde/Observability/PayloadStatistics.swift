/// What became of entries on their way out of memory and back. What was refused, or was of another schema, is a miss, and counted among
/// ``CacheStatistics/decodeFailures`` as well.
public struct PayloadStatistics: Sendable, Hashable {
    /// Values that were written compressed.
    public var compressed = 0
    /// Bytes of the encodings of those that were compressed here, and not only written anew as they were read.
    public var bytesBeforeCompression = 0
    /// Bytes that they took compressed; what is written of an entry besides, its header and what encryption adds, is not counted.
    public var bytesAfterCompression = 0
    /// Entries that were written encrypted, each with a nonce of its key; see ``EncryptionKey``. Those in snapshots are not counted.
    public var encrypted = 0
    /// Entries met that are not encrypted, where that is required.
    public var unencryptedRefused = 0
    /// Entries met whose key is not known here.
    public var unknownKeys = 0
    /// Entries met that were altered, or brought under another name, or encrypted with another secret under the identifier of a known key.
    public var forgeries = 0
    /// Entries met whose compressed value is not what it says, or larger than ``CacheConfiguration/maximumEntryBytes``.
    public var notInflated = 0
    /// Values met in another version of their type's schema, of which none could be made; see ``CacheSchemaVersioned``.
    public var otherSchemas = 0
    /// Values that were made of one in another version, in Redis.
    public var schemaUpgrades = 0

    /// Makes statistics of nothing.
    public init() {}
}
