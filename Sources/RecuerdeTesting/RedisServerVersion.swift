import Synchronization

/// What a server under test is, as its `INFO server` says, and what differs between those that the tests are run against.
///
/// Valkey calls itself 7.2.4 in `redis_version`, the release of Redis from which it parted; its own number is
/// `valkey_version`. What the tests ask for here was all decided by 7.2, so that one number is enough.
package struct RedisServerVersion: Sendable, Comparable, CustomStringConvertible {
    /// Of `redis_version`.
    package let major: Int
    /// Of `redis_version`.
    package let minor: Int
    /// Such as `redis 7.0.15` or `valkey 8.1.8`.
    package let description: String

    /// Reads the reply of INFO.
    ///
    /// - Throws: `TestingError` if it does not say a version.
    package init(info: String) throws {
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        let text = fields["redis_version"] ?? ""
        let numbers = text.split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else {
            throw TestingError("INFO server says no redis_version")
        }
        self.major = major
        self.minor = minor
        description = fields["valkey_version"].map { "valkey \($0)" } ?? "redis \(text)"
    }

    /// Redis 7.0: settings `enable-debug-command`, `cluster-port` and `maxmemory-clients`, commands CLUSTER SHARDS,
    /// CLUSTER ADDSLOTSRANGE, EVAL_RO and CLIENT NO-EVICT; and errors inside scripts keep their code.
    package var isSevenOrLater: Bool { major >= 7 }

    /// Redis 7.2 and what parted from it: a script is tracked by the keys that its commands read, no longer by those that
    /// its caller declares.
    package var tracksWhatScriptsRead: Bool { (major, minor) >= (7, 2) }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    private static let known = Mutex<[String: RedisServerVersion]>([:])

    /// The version of a program, asked of a server that is started for it; asked once for each.
    ///
    /// - Throws: `TestingError` if there is no such program, or it does not come up.
    package static func of(executable: String? = nil) throws -> RedisServerVersion {
        let path = try RedisServerProcess.find(executable)
        if let version = known.withLock({ $0[path] }) { return version }
        var options = RedisServerOptions()
        options.executable = path
        let server = try RedisServerProcess(options)
        defer { server.stop() }
        let version = try server.version
        known.withLock { $0[path] = version }
        return version
    }
}

extension RedisServerProcess {
    /// What the server says it is.
    package var version: RedisServerVersion {
        get throws { try RedisServerVersion(info: command("INFO", "server")) }
    }
}
