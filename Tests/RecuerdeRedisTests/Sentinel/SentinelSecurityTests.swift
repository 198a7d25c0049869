import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Real sentinels and servers with TLS, passwords, and users who may do no more than is needed.
@Suite(.serialized) struct SecuredSentinels {
    private static let serverRights = ["~*", "resetchannels", "-@all", "+get", "+set", "+role"]
    private static let sentinelRights = [
        "resetchannels", "&+switch-master", "-@all", "+sentinel|get-master-addr-by-name", "+sentinel|sentinels",
        "+subscribe", "+ping",
    ]

    @Test func areUsedOverTLSWithTheLeastACLThroughAFailover() async throws {
        let certificates = try TestCertificates()
        // Their files go with the last reference.
        defer { withExtendedLifetime(certificates) {} }
        var options = RedisServerOptions()
        options.tls = certificates.server
        options.password = "among servers"
        options.users = ["app on >hunter2 \(Self.serverRights.joined(separator: " "))"]
        let setup = try RedisSentinelSetup(
            options: options,
            sentinelPassword: "among sentinels",
            sentinelUsers: ["watch on >hunter3 \(Self.sentinelRights.joined(separator: " "))"]
        )
        defer { setup.stop() }
        let trust: (inout RedisConfiguration) -> Void = { $0.tls.trustRoots = .file(certificates.authority) }
        let query = "?sentinelUsername=watch&sentinelPassword=hunter3"
        try await withSentinelClient(setup.url(credentials: "app:hunter2", query: query), change: trust) { client in
            try await client.connect()
            _ = try await client.send(RedisCommand("SET", "k", "v"))
            let former = try #require(client.master?.port)
            #expect(former == setup.servers[0].tlsPort)
            #expect(Set(client.sentinels.map(\.port)) == Set(setup.sentinels.compactMap(\.tlsPort)))
            try setup.servers[0].waitForReplicas(2)
            try setup.sentinels[0].command("SENTINEL", "FAILOVER", setup.masterName)
            try await until { client.master.map { $0.port != former } ?? false }
            let value = try await client.send(RedisCommand("GET", "k"))
            #expect(value.string == "v")
            _ = try await eventually { try await client.send(RedisCommand("SET", "k", "w")) }
            let present = try setup.server(onPort: try #require(client.master?.port))
            #expect(try present.command("GET", "k") == "w")
        }
        try await Self.missing(setup, trust)
        try await Self.refused(setup, trust)
    }

    /// What is said when a right is missing.
    private static func missing(
        _ setup: RedisSentinelSetup,
        _ trust: (inout RedisConfiguration) -> Void
    ) async throws {
        func error(_ url: String) async throws -> RedisError? {
            try await withSentinelClient(url, change: trust) { client in
                await redisError { try await client.send(RedisCommand("GET", "k"), timeout: .seconds(60)) }
            }
        }
        func allow(_ rights: [String]) throws {
            for sentinel in setup.sentinels {
                try sentinel.command(["ACL", "SETUSER", "less", "reset", "on", ">pw"] + rights)
            }
        }
        let less = setup.url(credentials: "app:hunter2", query: "?sentinelUsername=less&sentinelPassword=pw")
        // Without these they are asked and not listened to, until the right is given.
        for missing in ["&+switch-master", "+subscribe", "+ping"] {
            try allow(sentinelRights.filter { $0 != missing })
            try await withSentinelClient(
                less,
                change: {
                    trust(&$0)
                    $0.keepAlive = .milliseconds(100)
                }
            ) { client in
                _ = try await client.send(RedisCommand("GET", "k"))
                try await until { client.sentinelFaults.count == setup.sentinels.count }
                for fault in client.sentinelFaults.values {
                    #expect(fault.serverCode == "NOPERM" && fault.message.contains(missing), "\(fault)")
                }
                try allow(sentinelRights)
                try await until { client.sentinelFaults.isEmpty }
                _ = try await client.send(RedisCommand("GET", "k"))
            }
        }
        // Without this one there is nothing to be had from them, until the right is given.
        let asking = "+sentinel|get-master-addr-by-name"
        try allow(sentinelRights.filter { $0 != asking })
        try await withSentinelClient(less, change: trust) { client in
            let refused = await redisError {
                try await client.send(RedisCommand("GET", "k"), timeout: .seconds(60))
            }
            #expect(refused?.serverCode == "NOPERM", "\(String(describing: refused))")
            #expect(refused?.message.contains(asking) == true, "\(refused?.message ?? "")")
            #expect(client.state.lastError?.message.contains(asking) == true)
            try allow(sentinelRights)
            _ = try await eventually { try await client.send(RedisCommand("GET", "k")) }
            // The one that has led there is well again; the others have not been asked since.
            #expect(client.sentinelFaults.count < setup.sentinels.count)
        }
        // Without this one, the others are not known.
        let alone = sentinelRights.filter { $0 != "+sentinel|sentinels" }
        try setup.sentinels[0].command(["ACL", "SETUSER", "less", "reset", "on", ">pw"] + alone)
        let host = "127.0.0.1:\(setup.sentinels[0].tlsPort ?? 0)"
        try await withSentinelClient(
            "rediss+sentinel://app:hunter2@\(host)/\(setup.masterName)?sentinelUsername=less&sentinelPassword=pw",
            change: trust
        ) { client in
            _ = try await client.send(RedisCommand("GET", "k"))
            #expect(client.sentinels.count == 1)
        }
        for server in setup.servers {
            try server.command("ACL", "SETUSER", "less", "reset", "on", ">pw", "~*", "-@all", "+get")
        }
        let query = "?sentinelUsername=watch&sentinelPassword=hunter3"
        let role = try await error(setup.url(credentials: "less:pw", query: query))
        #expect(role?.serverCode == "NOPERM" && role?.message.contains("+role") == true, "\(String(describing: role))")
    }

    /// What is said when the credentials are wrong.
    private static func refused(
        _ setup: RedisSentinelSetup,
        _ trust: (inout RedisConfiguration) -> Void
    ) async throws {
        let right = "?sentinelUsername=watch&sentinelPassword=hunter3"
        let urls = [
            setup.url(credentials: "app:hunter2"),
            setup.url(credentials: "app:hunter2", query: "?sentinelPassword=hunter4"),
            setup.url(credentials: "app:hunter4", query: right), setup.url(credentials: nil, query: right),
        ]
        for url in urls {
            try await withSentinelClient(url, change: trust) { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .authenticationFailed, "\(String(describing: error))")
                #expect(error?.description.contains("hunter") == false)
                #expect(error?.mayHaveExecuted == false)
            }
        }
    }
}
