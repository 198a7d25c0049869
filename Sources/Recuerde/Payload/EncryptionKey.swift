import Crypto
import Foundation

/// A key of AES-GCM with 256 bits, and the identifier by which entries say that it is theirs.
///
/// The identifier stands in clear text in every entry and is no secret; the secret is shown nowhere: not by a description, a mirror or an error.
///
/// One key should write no more than about four thousand million entries (2^32, NIST SP 800-38D, section 8.3), for its nonces are 96 random bits,
/// and two equal ones would give away both texts. ``PayloadStatistics/encrypted`` counts the entries that a process has written, without snapshots and what an outage
/// makes it write again; of a fleet the sum counts. At a thousand
/// writes a second in all that is seven weeks, at ten a second thirteen years.
public struct EncryptionKey: Sendable {
    /// The longest identifier, in bytes.
    public static let longestID = 32

    /// The identifier: visible ASCII, at most ``longestID`` bytes. A key with another secret needs another identifier.
    public let id: String
    let secret: SymmetricKey

    /// Makes a key of 32 random bytes, as from `openssl rand 32`. No password: those have to be stretched before.
    ///
    /// - Parameters:
    ///   - id: The identifier.
    ///   - secret: The secret, 32 bytes.
    /// - Throws: ``PayloadConfigurationError`` for another length, or an identifier that is none.
    public init(id: String, secret: some Sequence<UInt8>) throws {
        let isVisible = id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isVisible, (1...Self.longestID).contains(id.utf8.count) else {
            throw PayloadConfigurationError(
                .encryptionKeyID,
                "the identifier of an encryption key is 1 to \(Self.longestID) visible characters of ASCII; choose a short one, as its date"
            )
        }
        let secret = Array(secret)
        guard secret.count == 32 else {
            throw PayloadConfigurationError(
                .encryptionSecret,
                "an encryption key has 32 bytes, and the one given has \(secret.count); make one by 'openssl rand -base64 32'"
            )
        }
        self.id = id
        self.secret = SymmetricKey(data: secret)
    }

    /// The same of a secret in Base64, as it stands in a setting.
    ///
    /// - Parameters:
    ///   - id: The identifier.
    ///   - base64: The secret, 32 bytes in Base64 (RFC 4648, section 4).
    /// - Throws: ``PayloadConfigurationError`` as above, and for what is not Base64.
    public init(id: String, base64: String) throws {
        guard let secret = Data(base64Encoded: base64) else {
            throw PayloadConfigurationError(
                .encryptionSecret,
                "the secret of an encryption key is not Base64; make one by 'openssl rand -base64 32'"
            )
        }
        try self.init(id: id, secret: secret)
    }
}

extension EncryptionKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "EncryptionKey(\(id))" }
    public var debugDescription: String { description }
    /// Shows the identifier, and not the secret.
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
