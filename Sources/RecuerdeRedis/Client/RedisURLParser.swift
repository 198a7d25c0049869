/// Takes a Redis URL apart, byte by byte and without any I/O.
struct RedisURLParser {
    private let text: Substring

    init(_ string: String) {
        text = Substring(string)
    }

    func parse() throws(RedisURLError) -> RedisURL {
        guard !text.isEmpty else { throw RedisURLError("it is empty; write redis://host:6379/0") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw RedisURLError("it contains a space or a control character; percent-encode it")
        }
        guard !text.utf8.contains(UInt8(ascii: "#")) else {
            throw RedisURLError("it contains '#'; a '#' in a password is written %23")
        }
        guard let separator = text.firstRange(of: "://") else {
            throw RedisURLError("it has no scheme; write redis://host:6379/0")
        }
        let scheme = try Self.scheme(text[..<separator.lowerBound])
        let rest = text[separator.upperBound...]
        let (beforeQuery, query) = Self.split(rest, at: "?")
        let pathStart = beforeQuery.firstIndex(of: "/") ?? beforeQuery.endIndex
        let authority = beforeQuery[..<pathStart]
        let path = beforeQuery[pathStart...]
        let (userInfo, hostAndPort) = Self.splitUserInfo(authority)
        let (username, password) = try Self.credentials(userInfo)
        let queryDatabase = try Self.database(query: query)

        if scheme == .unix {
            guard hostAndPort.isEmpty else {
                throw RedisURLError("a socket path is absolute; write redis+unix:///path/to/socket?db=0")
            }
            let socketPath = try Self.decode(path, what: "socket path")
            guard socketPath.utf8.count > 1 else {
                throw RedisURLError("the socket path is missing; write redis+unix:///path/to/socket?db=0")
            }
            // The room in sockaddr_un is 108 bytes on Linux and 104 on Darwin, closing zero included.
            guard socketPath.utf8.count < 104 else { throw RedisURLError("the socket path is longer than 103 bytes") }
            return RedisURL(
                scheme: scheme,
                endpoints: [],
                database: queryDatabase ?? 0,
                username: username,
                password: password,
                socketPath: socketPath
            )
        }
        let endpoints =
            scheme.isCluster
            ? try RedisEndpointParser.list(hostAndPort, defaultPort: 6379)
            : [try RedisEndpointParser.single(hostAndPort, defaultPort: 6379)]
        let pathDatabase = path.utf8.count <= 1 ? nil : try Self.database(path.dropFirst())
        if pathDatabase != nil, queryDatabase != nil {
            throw RedisURLError("the database is named twice, in the path and in the query")
        }
        if scheme.isCluster, (pathDatabase ?? queryDatabase ?? 0) != 0 {
            throw RedisURLError("a cluster has one database only, which is 0")
        }
        return RedisURL(
            scheme: scheme,
            endpoints: endpoints,
            database: pathDatabase ?? queryDatabase ?? 0,
            username: username,
            password: password,
            socketPath: nil
        )
    }

    private static func scheme(_ text: Substring) throws(RedisURLError) -> RedisURL.Scheme {
        switch text.lowercased() {
        case "redis", "valkey": return .redis
        case "rediss", "valkeys": return .rediss
        case "redis+unix", "valkey+unix", "unix": return .unix
        case "redis+sentinel", "rediss+sentinel":
            throw RedisURLError("sentinels (redis+sentinel://) are not supported yet; name the master by redis://")
        case "redis+cluster", "valkey+cluster": return .cluster
        case "rediss+cluster", "valkeys+cluster": return .clusterTLS
        default:
            // Not repeated: without its scheme, a URL may begin with a password.
            throw RedisURLError(
                "the scheme is unknown; use redis://, rediss://, valkey://, valkeys://, redis+unix:// or redis+cluster://"
            )
        }
    }

    private static func split(_ text: Substring, at mark: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: mark) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    /// The last `@` counts: an unencoded one in a password is a fault that many have in their settings.
    private static func splitUserInfo(_ authority: Substring) -> (Substring?, Substring) {
        guard let index = authority.lastIndex(of: "@") else { return (nil, authority) }
        return (authority[..<index], authority[authority.index(after: index)...])
    }

    private static func credentials(_ userInfo: Substring?) throws(RedisURLError) -> (String?, String?) {
        guard let userInfo else { return (nil, nil) }
        let (rawUser, rawPassword) = split(userInfo, at: ":")
        let user = try decode(rawUser, what: "user name")
        let password = try rawPassword.map { raw throws(RedisURLError) in try decode(raw, what: "password") } ?? ""
        if password.isEmpty {
            if user.isEmpty { return (nil, nil) }
            throw RedisURLError("it names a user without a password; write user:password@host or :password@host")
        }
        return (user.isEmpty ? nil : user, password)
    }

    private static func database(query: Substring?) throws(RedisURLError) -> Int? {
        guard let query, !query.isEmpty else { return nil }
        var found: Int?
        for item in query.split(separator: "&", omittingEmptySubsequences: false) {
            let (name, value) = split(item, at: "=")
            // The name is not repeated: behind an unencoded '?' in a password it may be the password's rest.
            guard name == "db" else { throw RedisURLError("its query holds a key other than 'db'") }
            guard found == nil else { throw RedisURLError("its query names the database twice") }
            found = try database(value ?? "")
        }
        return found
    }

    private static func database(_ text: Substring) throws(RedisURLError) -> Int {
        if text.isEmpty { return 0 }
        guard text.utf8.count <= 9, text.utf8.allSatisfy(Self.isDigit), let number = Int(text) else {
            throw RedisURLError("the database is not a number such as 0")
        }
        return number
    }

    private static func decode(_ text: Substring, what: String) throws(RedisURLError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.hexadecimal),
                let low = rest.popFirst().flatMap(Self.hexadecimal)
            else {
                throw RedisURLError("the \(what) contains a '%' without two hexadecimal digits; '%' is written %25")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !decoded.utf8.contains(0) else {
            throw RedisURLError("the \(what), percent-decoded, is not UTF-8 text")
        }
        return decoded
    }

    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
