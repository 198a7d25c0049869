/// How a `RedisServerProcess` is to be started.
public struct RedisServerOptions: Sendable {
    /// The password of the user `default`.
    public var password: String?
    /// Lines for ACL users as in redis.conf, without the word `user`: `alice on >secret ~app:* +@all`.
    public var users: [String] = []
    /// Makes the server listen with TLS too, on a port of its own.
    public var tls: TLSFiles?
    /// Makes the server listen on a unix socket too.
    public var unixSocket = false
    /// As in redis.conf, such as `3mb`.
    public var maxmemory: String?
    /// As in redis.conf, such as `allkeys-lru`; `noeviction` if nil.
    public var maxmemoryPolicy: String?
    /// Every write reaches the disk before it is answered, so that `restart()` after `kill()` finds the data.
    public var keepsData = false
    /// The number of databases.
    public var databases = 16
    /// DEBUG may be used. Servers before 7.0 always allow it, and do not know the setting that later ones need.
    public var allowsDebug = false
    /// More lines of redis.conf.
    public var extraLines: [String] = []
    /// The program; nil looks for `redis-server` where the environment variable `RECUERDE_REDIS_SERVER` says, then
    /// in `PATH`.
    public var executable: String?

    /// Files for TLS, as `TestCertificates` makes them.
    public struct TLSFiles: Sendable {
        /// The server's certificate, PEM.
        public var certificate: String
        /// Its key, PEM.
        public var key: String
        /// The certificates that clients' must lead to, PEM.
        public var authority: String
        /// Clients must show a certificate.
        public var asksClients: Bool

        /// Names the files.
        public init(certificate: String, key: String, authority: String, asksClients: Bool = false) {
            self.certificate = certificate
            self.key = key
            self.authority = authority
            self.asksClients = asksClients
        }

        func lines(port: Int) -> [String] {
            [
                "tls-port \(port)", "tls-cert-file \(RedisServerOptions.quoted(certificate))",
                "tls-key-file \(RedisServerOptions.quoted(key))",
                "tls-ca-cert-file \(RedisServerOptions.quoted(authority))",
                "tls-auth-clients \(asksClients ? "yes" : "no")",
            ]
        }
    }

    /// A plain server that forgets everything when it ends.
    public init() {}

    func configuration(port: Int, tlsPort: Int?, directory: String) -> String {
        var lines = [
            "port \(port)", "bind 127.0.0.1", "dir \(Self.quoted(directory))", "daemonize no", "save \"\"",
            "logfile \(Self.quoted(directory + "/redis.log"))", "databases \(databases)",
            "appendonly \(keepsData ? "yes" : "no")",
        ]
        if keepsData { lines.append("appendfsync always") }
        if let password { lines.append("requirepass \(Self.quoted(password))") }
        lines += users.map { "user \($0)" }
        if unixSocket { lines.append("unixsocket \(Self.quoted(directory + "/redis.sock"))") }
        if let maxmemory { lines.append("maxmemory \(maxmemory)") }
        if let maxmemoryPolicy { lines.append("maxmemory-policy \(maxmemoryPolicy)") }
        if let tls, let tlsPort { lines += tls.lines(port: tlsPort) }
        return (lines + extraLines).joined(separator: "\n") + "\n"
    }

    /// What a server needs to be the replica of another one that has the same options.
    var replicationLines: [String] {
        var lines: [String] = []
        if let password { lines.append("masterauth \(Self.quoted(password))") }
        if tls != nil { lines.append("tls-replication yes") }
        return lines
    }

    static func quoted(_ text: String) -> String {
        let escaped = text.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : "\($0)" }.joined()
        return "\"\(escaped)\""
    }
}
