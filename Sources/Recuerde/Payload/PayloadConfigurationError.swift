/// What is wrong with a part of ``PayloadConfiguration``: thrown where that is made. Says nothing of keys and secrets.
public struct PayloadConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which problem it is, as a word that stays the same. May grow.
    public struct ID: Sendable, Hashable, CustomStringConvertible {
        /// The word.
        public let description: String

        /// The secret of an encryption key is not of 32 bytes.
        public static let encryptionSecret = ID(description: "encryption-secret")
        /// The identifier of an encryption key is empty, too long, or has other characters than visible ASCII.
        public static let encryptionKeyID = ID(description: "encryption-key-id")
        /// Two encryption keys have the same identifier.
        public static let encryptionKeyTwice = ID(description: "encryption-key-twice")
        /// The policy asks for encryption, and there is no key.
        public static let encryptionKeyMissing = ID(description: "encryption-key-missing")
        /// The key that is to write is none of those that are known.
        public static let encryptionKeyUnknown = ID(description: "encryption-key-unknown")
        /// The secret with which names are hashed is shorter than 32 bytes.
        public static let nameSecret = ID(description: "name-secret")
    }

    /// Which problem it is.
    public let id: ID
    /// What is wrong, and what to do.
    public let message: String

    init(_ id: ID, _ message: String) {
        self.id = id
        self.message = message
    }

    public var description: String { "\(id): \(message)" }
}
