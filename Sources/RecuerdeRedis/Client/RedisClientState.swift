/// What the server said about itself when a connection was made.
public struct RedisServerFacts: Sendable, Hashable {
    /// For example `7.0.15`; nil if the server does not say.
    public var version: String?
    /// `redis` or `valkey`, as the server says; nil if it does not.
    public var server: String?
    /// 3, or 2 on servers that do not know HELLO.
    public var protocolVersion: Int
    /// `standalone`, `cluster` or `sentinel`; nil if the server does not say.
    public var mode: String?
    /// `master` or `replica` (or `slave`, as old servers say); nil if the server does not say.
    public var role: String?

    /// True if the server is a node of a cluster, which a plain URL cannot use fully.
    public var isClusterNode: Bool { mode == "cluster" }

    /// Makes facts by hand.
    public init(
        version: String? = nil,
        server: String? = nil,
        protocolVersion: Int,
        mode: String? = nil,
        role: String? = nil
    ) {
        self.version = version
        self.server = server
        self.protocolVersion = protocolVersion
        self.mode = mode
        self.role = role
    }
}

/// Whether the client has a connection, since when, and what went wrong last.
public struct RedisClientState: Sendable, Hashable {
    /// Where the client stands.
    public struct Status: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable { case idle, connected, lost, shutDown }

        private let kind: Kind

        /// Nothing has been tried yet.
        public static let idle = Status(kind: .idle)
        /// At least one connection is usable.
        public static let connected = Status(kind: .connected)
        /// No connection is usable; the client keeps trying.
        public static let lost = Status(kind: .lost)
        /// The client has been shut down.
        public static let shutDown = Status(kind: .shutDown)

        /// The name of the status.
        public var description: String { kind.rawValue }
    }

    /// Where the client stands.
    public var status: Status
    /// When `status` last changed, in milliseconds of Unix time.
    public var sinceUnixMilliseconds: Int64
    /// What the server said about itself at the last connect, kept while the connection is lost.
    public var server: RedisServerFacts?
    /// The last failure of a connection or of an attempt to connect; nil once connected again. Holds no secret.
    public var lastError: LastError?

    /// Whether the server tells the client which keys have changed, as the connection opened last found it.
    public var tracking: RedisTrackingState = .off("it is not configured")

    /// The code and the words of a failure.
    public struct LastError: Sendable, Hashable {
        /// The kind of failure.
        public var code: RedisError.Code
        /// The first word of the server's error, where it said one.
        public var serverCode: String?
        /// What happened; holds no secret.
        public var message: String
    }

    /// True if at least one connection is usable.
    public var isConnected: Bool { status == .connected }
}
