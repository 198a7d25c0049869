import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Real sentinels that speak the old protocol only, and such whose passwords change.
@Suite(.serialized) struct SentinelsInUse {
    @Test func thatSpeakTheOldProtocolOnlyLeadThroughFailovers() async throws {
        let setup = try RedisSentinelSetup(sentinelLines: ["rename-command HELLO \"\""])
        defer { setup.stop() }
        let log = LogText()
        try await withSentinelClient(setup.url, logger: log.logger) { client in
            _ = try await client.send(RedisCommand("SET", "k", "v"))
            // The others are learned as ever; what each of them would announce is not heard, and said to be so.
            try await until { client.sentinelFaults.count == setup.sentinels.count }
            for fault in client.sentinelFaults.values {
                #expect(fault.message.contains("speaks RESP2 only"), "\(fault)")
            }

            // A failover that was asked for: the connections to the former master are closed.
            let former = try setup.server(onPort: try #require(client.master?.port))
            try former.waitForReplicas(2)
            try setup.sentinels[0].command("SENTINEL", "FAILOVER", setup.masterName)
            try await until {
                _ = try? await client.send(RedisCommand("SET", "k", "w"))
                return client.master.map { $0.port != former.port } ?? false
            }
            let next = try setup.server(onPort: try #require(client.master?.port))
            _ = try await client.send(RedisCommand("SET", "k", "x"))
            #expect(try next.command("GET", "k") == "x")

            // A master that is killed.
            try await until { try former.command("INFO", "replication").contains("master_link_status:up") }
            try next.waitForReplicas(2)
            next.kill()
            #expect(try await client.send(RedisCommand("GET", "k")).string == "x")
            #expect(client.master.map { $0.port != next.port } == true)
        }
        // One line for all sentinels and all their connections.
        #expect(log.lines("redis_old_protocol").count == 1)
    }

    @Test func areShownTheCredentialsOfTheMomentAtEachConnect() async throws {
        let rights = [
            "resetchannels", "&+switch-master", "-@all", "+sentinel|get-master-addr-by-name", "+sentinel|sentinels",
            "+subscribe", "+ping",
        ]
        var options = RedisServerOptions()
        options.users = ["app on >first ~* resetchannels -@all +get +set +role"]
        let setup = try RedisSentinelSetup(
            options: options,
            sentinelUsers: ["watch on >first \(rights.joined(separator: " "))"]
        )
        defer { setup.stop() }
        let password = Shared("first")
        let asked = Shared((servers: 0, sentinels: 0))
        // Those of the URL are outdated.
        let url = setup.url(credentials: "app:old", query: "?sentinelUsername=watch&sentinelPassword=old")
        try await withSentinelClient(
            url,
            change: {
                $0.maximumConnections = 1
                $0.credentials = {
                    asked.change { $0.servers += 1 }
                    return RedisCredentials(username: "app", password: password.value)
                }
                $0.sentinelCredentials = {
                    asked.change { $0.sentinels += 1 }
                    return RedisCredentials(username: "watch", password: password.value)
                }
            }
        ) { client in
            func isHeard() throws -> Bool {
                try setup.sentinels.allSatisfy { sentinel in
                    try sentinel.command("CLIENT", "LIST").split(separator: "\n").contains {
                        $0.contains("user=watch") && $0.contains(" sub=1 ")
                    }
                }
            }
            _ = try await client.send(RedisCommand("SET", "k", "v"))
            try await until { try isHeard() }
            #expect(asked.value.servers == 1 && asked.value.sentinels >= 3)

            for server in setup.servers { try server.command("ACL", "SETUSER", "app", "resetpass", ">second") }
            for sentinel in setup.sentinels { try sentinel.command("ACL", "SETUSER", "watch", "resetpass", ">second") }
            password.change { $0 = "second" }
            let before = asked.value.sentinels
            for sentinel in setup.sentinels { try sentinel.command("CLIENT", "KILL", "USER", "watch") }
            try await until { try asked.value.sentinels >= before + 3 && isHeard() }
            #expect(client.sentinelFaults.isEmpty, "\(client.sentinelFaults)")

            // The next master is shown the new password as well.
            let former = try #require(client.master?.port)
            try setup.servers[0].waitForReplicas(2)
            try setup.sentinels[0].command("SENTINEL", "FAILOVER", setup.masterName)
            try await until { client.master.map { $0.port != former } ?? false }
            #expect(try await client.send(RedisCommand("GET", "k")).string == "v")
            #expect(asked.value.servers >= 2)
        }
    }
}
