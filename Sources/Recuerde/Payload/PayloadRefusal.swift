/// Why the bytes of an entry are not taken. Each is a miss and counted.
enum PayloadRefusal: Error, Sendable, Hashable {
    /// Not an entry of this version, or not a whole one.
    case damaged
    /// Not encrypted, where that is required.
    case unencrypted
    /// Encrypted with a key that is not known here.
    case unknownKey
    /// Altered, or brought here from under another name, or encrypted with another key of that identifier.
    case forged
    /// Compressed bytes that are not what they say, or too many of them.
    case notInflated

    var counter: Counter? {
        switch self {
        case .damaged: nil
        case .unencrypted: .unencryptedRefused
        case .unknownKey: .unknownKeys
        case .forged: .forgeries
        case .notInflated: .notInflated
        }
    }
}
