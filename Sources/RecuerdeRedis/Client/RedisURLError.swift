/// Why a Redis URL cannot be used; names the fault and never repeats the URL, which may hold a password.
public struct RedisURLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The fault, and what to write instead.
    public let message: String

    init(_ message: String) {
        self.message = message
    }

    /// The message with its subject.
    public var description: String { "unusable Redis URL: \(message)" }
}
