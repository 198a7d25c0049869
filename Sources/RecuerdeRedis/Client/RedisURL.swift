/// Where a Redis server is, and how to be let in.
///
/// Forms: `redis://`, `rediss://` (TLS) and their synonyms `valkey://`, `valkeys://`, each with
/// `[user[:password]@]host[:port][/db]`; `redis+unix:///path?db=N` and its synonym `unix://`; `redis+cluster://` and
/// `rediss+cluster://` with `[user[:password]@]host[:port],host[:port],…`, where the credentials hold for all nodes and
/// any one of the hosts suffices to find the others; `redis+sentinel://` and `rediss+sentinel://` with
/// `[user[:password]@]host[:port],host[:port],…/masterName[/db]`, where the hosts are sentinels (port 26379 unless told), the
/// credentials are those of the servers, and `?sentinelUsername=…&sentinelPassword=…` holds those of the sentinels. User and
/// password are percent-encoded. A name before the `@` without a colon is a user without a password and is refused.
/// Source: https://www.iana.org/assignments/uri-schemes/prov/redis
public struct RedisURL: Sendable, Hashable {
    /// The kinds of connection that a URL can name.
    public struct Scheme: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable {
            case redis
            case rediss
            case unix = "redis+unix"
            case cluster = "redis+cluster"
            case clusterTLS = "rediss+cluster"
            case sentinel = "redis+sentinel"
            case sentinelTLS = "rediss+sentinel"
        }

        private let kind: Kind

        /// TCP.
        public static let redis = Scheme(kind: .redis)
        /// TCP with TLS.
        public static let rediss = Scheme(kind: .rediss)
        /// A unix domain socket.
        public static let unix = Scheme(kind: .unix)
        /// The nodes of a cluster over TCP; see `RedisClusterClient`.
        public static let cluster = Scheme(kind: .cluster)
        /// The nodes of a cluster over TCP with TLS.
        public static let clusterTLS = Scheme(kind: .clusterTLS)

        /// Sentinels that name a master, all over TCP; see `RedisSentinelClient`.
        public static let sentinel = Scheme(kind: .sentinel)
        /// Sentinels that name a master, all over TCP with TLS.
        public static let sentinelTLS = Scheme(kind: .sentinelTLS)

        /// True if the URL names sentinels.
        public var isSentinel: Bool { kind == .sentinel || kind == .sentinelTLS }

        /// True if the URL names nodes of a cluster.
        public var isCluster: Bool { kind == .cluster || kind == .clusterTLS }

        /// The scheme as it is written.
        public var description: String { kind.rawValue }
    }

    /// The kind of connection.
    public let scheme: Scheme
    /// The servers, in the order of the URL: one, or several of a cluster or several sentinels; none
    /// for a unix socket.
    public let endpoints: [Endpoint]
    /// The host name or address of the first server, without brackets; empty for a unix socket.
    public var host: String { endpoints.first?.host ?? "" }
    /// The port of the first server; 6379 unless the URL says another.
    public var port: Int { endpoints.first?.port ?? 0 }
    /// The number of the database; zero unless the URL says another.
    public let database: Int
    /// The ACL user, if the URL names one.
    public let username: String?
    /// The password, if the URL holds one.
    public let password: String?
    /// The path of the unix socket, if the URL names one.
    public let socketPath: String?
    /// The name under which the sentinels know the master, if the URL names sentinels.
    public let masterName: String?
    /// What the sentinels themselves are shown, if the URL says so.
    public let sentinelCredentials: RedisCredentials?

    /// True if the connection uses TLS.
    public var tls: Bool { scheme == .rediss || scheme == .clusterTLS || scheme == .sentinelTLS }

    /// Reads a URL.
    ///
    /// - Throws: `RedisURLError`, which names the fault and never repeats any part of the URL but its scheme.
    public init(_ string: String) throws {
        self = try RedisURLParser(string).parse()
    }

    init(
        scheme: Scheme,
        endpoints: [Endpoint],
        database: Int,
        username: String?,
        password: String?,
        socketPath: String?,
        masterName: String? = nil,
        sentinelCredentials: RedisCredentials? = nil
    ) {
        self.scheme = scheme
        self.endpoints = endpoints
        self.database = database
        self.username = username
        self.password = password
        self.socketPath = socketPath
        self.masterName = masterName
        self.sentinelCredentials = sentinelCredentials
    }

    /// The URL without its credentials: `redis://****@host:port/db`, with `****@` only if there are any.
    public var masked: String {
        let credentials = username != nil || password != nil ? "****@" : ""
        if let socketPath {
            return "\(scheme)://\(credentials)\(socketPath)?db=\(database)"
        }
        let master = masterName.map { "/\($0)" } ?? ""
        return "\(scheme)://\(credentials)\(address)\(master)/\(database)"
    }

    /// `host:port`, several with commas between, or the path of the socket; for error messages.
    var address: String {
        socketPath ?? endpoints.map(\.description).joined(separator: ",")
    }

    /// The same URL with one server in place of all.
    func only(_ endpoint: Endpoint) -> RedisURL {
        RedisURL(
            scheme: scheme,
            endpoints: [endpoint],
            database: database,
            username: username,
            password: password,
            socketPath: nil,
            masterName: masterName,
            sentinelCredentials: sentinelCredentials
        )
    }

    /// What the URL says about being let in; nil if nothing.
    var credentials: RedisCredentials? {
        password.map { RedisCredentials(username: username, password: $0) }
    }
}

extension RedisURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The masked URL.
    public var description: String { masked }

    /// The masked URL.
    public var debugDescription: String { masked }

    /// Shows the masked URL only.
    public var customMirror: Mirror { Mirror(self, children: ["url": masked]) }
}
