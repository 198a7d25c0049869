/// Reads what stands behind the hosts of a sentinel URL: `/masterName[/db][?sentinelUsername=…&sentinelPassword=…]`.
enum SentinelURLParser {
    struct Target {
        var masterName: String
        var database: Int
        var sentinelCredentials: RedisCredentials?
    }

    static func target(path: Substring, query: Substring?) throws(RedisURLError) -> Target {
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else {
            throw RedisURLError("the name of the master is missing; write redis+sentinel://host:26379/mymaster/0")
        }
        guard parts.count <= 2 else {
            throw RedisURLError("only a database may follow the name of the master, as in /mymaster/0")
        }
        let name = try RedisURLParser.decode(first, what: "name of the master")
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw RedisURLError("the name of the master contains a character that sentinels do not take")
        }
        let database = parts.count == 2 ? try RedisURLParser.database(parts[1]) : 0
        return Target(masterName: name, database: database, sentinelCredentials: try credentials(query))
    }

    private static func credentials(_ query: Substring?) throws(RedisURLError) -> RedisCredentials? {
        guard let query, !query.isEmpty else { return nil }
        var username: String?
        var password: String?
        for item in query.split(separator: "&", omittingEmptySubsequences: false) {
            let (key, value) = RedisURLParser.split(item, at: "=")
            let text = try RedisURLParser.decode(value ?? "", what: "query")
            // Neither key nor value is repeated: behind an unencoded '?' in a password it may be the password's rest.
            switch key {
            case "sentinelUsername" where username == nil: username = text
            case "sentinelPassword" where password == nil: password = text
            case "sentinelUsername", "sentinelPassword": throw RedisURLError("its query says the same thing twice")
            default: throw RedisURLError("its query holds a key other than 'sentinelUsername' and 'sentinelPassword'")
            }
        }
        guard let password, !password.isEmpty else {
            throw RedisURLError("it names a user of the sentinels without a password; add sentinelPassword")
        }
        return RedisCredentials(username: username?.isEmpty == false ? username : nil, password: password)
    }
}

extension RedisURL {
    init(
        scheme: Scheme,
        sentinels: [Endpoint],
        username: String?,
        password: String?,
        target: SentinelURLParser.Target
    ) {
        self.init(
            scheme: scheme,
            endpoints: sentinels,
            database: target.database,
            username: username,
            password: password,
            socketPath: nil,
            masterName: target.masterName,
            sentinelCredentials: target.sentinelCredentials
        )
    }
}
