import Crypto

/// A Lua script with its SHA-1, by which the server finds it once it has seen it.
public struct RedisScript: Sendable, Hashable {
    /// The Lua text.
    public let source: String

    /// The SHA-1 of the text in lower-case hexadecimal digits: the name under which servers keep scripts.
    public let sha1: String

    /// Takes a script; computes its SHA-1 once, so keep scripts in static constants.
    public init(_ source: String) {
        self.source = source
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        // Not for security: the server's protocol names scripts by their SHA-1.
        for byte in Insecure.SHA1.hash(data: Array(source.utf8)) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        sha1 = String(decoding: text, as: UTF8.self)
    }
}

extension RedisScript: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The SHA-1: the text may hold what is the user's.
    public var description: String { "RedisScript(\(sha1))" }

    /// As `description`.
    public var debugDescription: String { description }

    /// The SHA-1 only.
    public var customMirror: Mirror { Mirror(self, children: ["sha1": sha1]) }
}
