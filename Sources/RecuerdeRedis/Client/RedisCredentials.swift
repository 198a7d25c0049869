/// What a client shows the server to be let in.
public struct RedisCredentials: Sendable, Hashable {
    /// The ACL user; nil means the user `default`.
    public var username: String?
    /// The password.
    public var password: String

    /// Makes credentials.
    public init(username: String? = nil, password: String) {
        self.username = username
        self.password = password
    }
}

extension RedisCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never shows the password.
    public var description: String { "RedisCredentials(****)" }

    /// Never shows the password.
    public var debugDescription: String { description }

    /// Never shows the password.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
