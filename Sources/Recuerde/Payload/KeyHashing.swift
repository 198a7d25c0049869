import Crypto
import Foundation

/// Hides what entries, tags and locks are called: all of a key behind the prefix is replaced by its HMAC-SHA256 under a secret.
///
/// The cache then knows a key only as `%~` and 64 hexadecimal digits, in memory too, but for the last few thousand, which it remembers beside their
/// hidden names: so it appears in Redis, in ``Cache/keys(limit:)``, ``Cache/explain(_:)``, snapshots, logs, ``CacheConfiguration/onRemoval`` and
/// ``CacheConfiguration/weigh``. Calls take the key itself, or that text (``CacheKey/init(escapedText:kind:)``). A tag becomes 64 digits and `~`; calls take
/// the tag itself, or that, as a load does which hands on the tags of what it confirms.
///
/// All processes of a cache need the same secret. With another one, or without, entries that are there are not found and end with their lifetime, and
/// ``Cache/clear(keepingStale:)`` takes them all.
///
/// Costs one HMAC for a key that was not used of late, and a look into a table for others: a hit in memory takes notably longer than without.
public struct KeyHashing: Sendable {
    let secret: SymmetricKey

    /// Makes it with 32 random bytes or more, as from `openssl rand 32`; another secret than that of an ``EncryptionKey``.
    ///
    /// - Parameter secret: The secret, at least 32 bytes.
    /// - Throws: ``PayloadConfigurationError`` for a shorter one.
    public init(secret: some Sequence<UInt8>) throws {
        let secret = Array(secret)
        guard secret.count >= 32 else {
            throw PayloadConfigurationError(
                .nameSecret,
                "the secret for names has \(secret.count) bytes and needs 32; make one by 'openssl rand -base64 32'"
            )
        }
        self.secret = SymmetricKey(data: secret)
    }

    /// The same of a secret in Base64, as it stands in a setting.
    ///
    /// - Parameter base64: The secret in Base64 (RFC 4648, section 4).
    /// - Throws: ``PayloadConfigurationError`` for one that is too short, or not Base64.
    public init(base64: String) throws {
        guard let secret = Data(base64Encoded: base64) else {
            throw PayloadConfigurationError(
                .nameSecret,
                "the secret for names is not Base64; make one by 'openssl rand -base64 32'"
            )
        }
        try self.init(secret: secret)
    }
}

extension KeyHashing: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "KeyHashing" }
    public var debugDescription: String { description }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
