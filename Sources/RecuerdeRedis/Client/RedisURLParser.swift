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
                host: "",
                port: 0,
                database: queryDatabase ?? 0,
                username: username,
                password: password,
                socketPath: socketPath
            )
        }
        let (host, port) = try Self.endpoint(hostAndPort)
        let pathDatabase = path.utf8.count <= 1 ? nil : try Self.database(path.dropFirst())
        if pathDatabase != nil, queryDatabase != nil {
            throw RedisURLError("the database is named twice, in the path and in the query")
        }
        return RedisURL(
            scheme: scheme,
            host: host,
            port: port,
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
        case "redis+cluster", "rediss+cluster":
            throw RedisURLError("clusters (redis+cluster://) are not supported yet; name one server by redis://")
        default:
            // Not repeated: without its scheme, a URL may begin with a password.
            throw RedisURLError(
                "the scheme is unknown; use redis://, rediss://, valkey://, valkeys:// or redis+unix://"
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

    private static func endpoint(_ text: Substring) throws(RedisURLError) -> (String, Int) {
        let host: Substring
        let portText: Substring?
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else {
                throw RedisURLError("an IPv6 address begins with '[' and never ends with ']'")
            }
            host = text[text.index(after: text.startIndex)..<close]
            guard host.contains(":"), host.utf8.allSatisfy(Self.isAddressByte) else {
                throw RedisURLError("what stands in brackets is no IPv6 address")
            }
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.first == ":" else {
                throw RedisURLError("only a port may follow the ']' of an IPv6 address")
            }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            (host, portText) = split(text, at: ":")
            guard !host.isEmpty else { throw RedisURLError("the host is missing; write redis://host:6379/0") }
            guard host.utf8.allSatisfy(Self.isHostByte) else {
                throw RedisURLError("the host contains a character that no host name has; percent-encode the password")
            }
        }
        guard let portText else { return (String(host), 6379) }
        guard portText.utf8.count <= 5, portText.utf8.allSatisfy(Self.isDigit), let port = Int(portText),
            (1...65535).contains(port)
        else {
            throw RedisURLError("the port is not a number from 1 to 65535; IPv6 addresses stand in brackets")
        }
        return (String(host), port)
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

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return isDigit(byte) || (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z"))
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        hexadecimal(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }
}
