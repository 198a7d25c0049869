import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A master, two replicas and three sentinels that watch them: real processes on free ports of the loopback interface.
///
/// All are killed when it is stopped, when the last reference goes, and when the test process ends in whatever way. The sentinels
/// notice a dead master after one and a half seconds. Starting blocks the calling thread for about two seconds.
public final class RedisSentinelSetup: Sendable {
    /// The name under which the sentinels know the master.
    public let masterName: String
    /// The master at the start, and its two replicas.
    public let servers: [RedisServerProcess]
    /// The sentinels.
    public let sentinels: [RedisSentinelProcess]

    /// Starts everything and waits until the sentinels know each other and both replicas.
    ///
    /// - Parameters:
    ///   - masterName: how the sentinels call the master.
    ///   - quorum: how many sentinels must agree that the master is down.
    ///   - options: for each server; `extraLines` are added to. With TLS, servers and sentinels use it among themselves too.
    ///   - sentinelPassword: what sentinels are to be shown.
    ///   - sentinelUsers: lines for ACL users of the sentinels, without the word `user`.
    ///   - sentinelLines: more lines of the sentinels' configuration.
    /// - Throws: `TestingError` if a program is missing or does not come up.
    public init(
        masterName: String = "mymaster",
        quorum: Int = 2,
        options: RedisServerOptions = RedisServerOptions(),
        sentinelPassword: String? = nil,
        sentinelUsers: [String] = [],
        sentinelLines: [String] = []
    ) throws {
        var options = options
        options.extraLines += [
            "repl-diskless-sync-delay 0", "repl-ping-replica-period 1", "replica-priority 100",
        ]
        options.extraLines += options.replicationLines
        let master = try RedisServerProcess(options)
        let replicas = try (0..<2).map { _ in
            var options = options
            options.extraLines.append("replicaof 127.0.0.1 \(master.clientPort)")
            return try RedisServerProcess(options)
        }
        self.masterName = masterName
        servers = [master] + replicas
        try Self.wait("the replicas do not come up") {
            try master.command("INFO", "replication").contains("connected_slaves:2")
                && replicas.allSatisfy {
                    try $0.command("INFO", "replication").contains("master_link_status:up")
                }
        }
        var security = RedisSentinelProcess.Security()
        security.password = sentinelPassword
        security.users = sentinelUsers
        security.extraLines = sentinelLines
        security.tls = options.tls
        security.serverPassword = options.password
        sentinels = try (0..<3).map { _ in
            try RedisSentinelProcess(
                masterName: masterName,
                masterPort: master.clientPort,
                quorum: quorum,
                security: security
            )
        }
        try Self.wait("the sentinels do not find each other") {
            try sentinels.allSatisfy { sentinel in
                let facts = try sentinel.command("SENTINEL", "MASTER", masterName)
                return facts.contains("num-other-sentinels\n2") && facts.contains("num-slaves\n2")
            }
        }
    }

    deinit { stop() }

    /// `redis+sentinel://`, or `rediss+sentinel://` with TLS, with all sentinels and no credentials.
    public var url: String { url(credentials: nil) }

    /// The same with credentials for the servers, as `user:password`, and a query, which may hold those for the sentinels.
    public func url(credentials: String?, query: String = "") -> String {
        let hosts = sentinels.map { "127.0.0.1:\($0.tlsPort ?? $0.port)" }.joined(separator: ",")
        let scheme = sentinels.first?.tlsPort == nil ? "redis" : "rediss"
        return "\(scheme)+sentinel://\(credentials.map { $0 + "@" } ?? "")\(hosts)/\(masterName)\(query)"
    }

    /// The port of the master, as the first sentinel that answers names it.
    public func masterPort() throws -> Int {
        var failure: any Error = TestingError("there are no sentinels")
        for sentinel in sentinels {
            do {
                let words = try sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName).split(
                    separator: "\n"
                )
                if let port = words.last.flatMap({ Int($0) }) { return port }
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// The server that clients reach by a port.
    public func server(onPort port: Int) throws -> RedisServerProcess {
        guard let server = servers.first(where: { $0.clientPort == port }) else {
            throw TestingError("no server of the setup listens on port \(port)")
        }
        return server
    }

    /// Ends all of them and removes their directories.
    public func stop() {
        for sentinel in sentinels { sentinel.stop() }
        for server in servers { server.stop() }
    }

    private static func wait(_ complaint: String, _ condition: () throws -> Bool) throws {
        for _ in 0..<3000 {
            if (try? condition()) == true { return }
            usleep(10_000)
        }
        throw TestingError(complaint)
    }
}

/// Runs a body with a master, replicas and sentinels, and ends them afterwards, also when the body throws.
///
/// - Throws: what the body throws, or `TestingError` if they do not come up.
public func withRedisSentinels<Result>(
    masterName: String = "mymaster",
    _ body: (RedisSentinelSetup) async throws -> Result
) async throws -> Result {
    let setup = try RedisSentinelSetup(masterName: masterName)
    defer { setup.stop() }
    return try await body(setup)
}
