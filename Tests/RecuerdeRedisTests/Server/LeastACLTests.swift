import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What a user of one server needs beside the commands that are sent: nothing, unless a feature asks for it.
@Suite struct TheLeastACL {
    private func with(
        _ rights: String,
        url: (RedisServerProcess) -> String = { "redis://app:pw@127.0.0.1:\($0.port)" },
        change: (inout RedisConfiguration) -> Void = { _ in },
        _ body: (RedisClient, RedisServerProcess) async throws -> Void
    ) async throws {
        var options = RedisServerOptions()
        options.users = ["app on >pw resetchannels -@all \(rights)"]
        try await withRedisServer(options) { server in
            try await withClient(url(server), change: change) { try await body($0, server) }
        }
    }

    @Test func isTheCommandsAndTheirKeys() async throws {
        try await with(
            "~app:* +get +set",
            change: {
                $0.clientName = "named"
                $0.keepAlive = .milliseconds(50)
                $0.maximumConnections = 1
            }
        ) { client, server in
            try await client.connect()
            _ = try await client.send(RedisCommand("SET", "app:k", "v"))
            let value = try await client.send(RedisCommand("GET", "app:k"))
            #expect(value.string == "v")
            // A refusal of PING is a sign of life as well.
            try await until { try server.command("ACL", "LOG").contains("\nping\n") }
            let again = try await client.send(RedisCommand("GET", "app:k"))
            #expect(again.string == "v")
            #expect(client.figures.connectionsOpened == 1)
        }
    }

    @Test(arguments: [("~* +get", false), ("~* +get +select", true)])
    func forADatabaseIsSELECT(rights: String, isEnough: Bool) async throws {
        try await with(rights, url: { "redis://app:pw@127.0.0.1:\($0.port)/3" }) { client, _ in
            let error = await redisError { try await client.send(RedisCommand("GET", "k"), timeout: .seconds(2)) }
            #expect((error == nil) == isEnough)
            if !isEnough { #expect(error?.message.contains("database 3") == true, "\(String(describing: error))") }
        }
    }

    @Test func forScriptsIsEVALAndEVALSHA() async throws {
        try await with("~* +eval +evalsha") { client, _ in
            let script = RedisScript("return ARGV[1]")
            for _ in 0..<2 {
                let value = try await client.evaluate(script, keys: ["k"], arguments: ["v"])
                #expect(value.string == "v")
            }
        }
    }

    @Test(arguments: [("+subscribe &news", false), ("+psubscribe &n*", true)])
    func forChannelsAndPatternsIsToSubscribeToThem(rights: String, isPattern: Bool) async throws {
        try await with(rights) { client, server in
            let subscription =
                isPattern ? client.subscribe(patterns: ["n*"]) : client.subscribe(to: ["news"])
            for try await event in subscription {
                switch event {
                case .message(let message):
                    #expect(String(buffer: message.payload) == "hello")
                    return
                default: try server.command("PUBLISH", "news", "hello")
                }
            }
        }
    }

    @Test(arguments: [false, true]) func forTrackingIsCLIENTTRACKING(isBroadcast: Bool) async throws {
        let mode: RedisTrackingConfiguration.Mode =
            isBroadcast ? try .broadcast(prefixes: ["app:"]) : .default(noLoop: true)
        var options = RedisServerOptions()
        options.users = ["app on >pw ~app:* resetchannels -@all +get +client|tracking"]
        try await withRedisServer(options) { server in
            let url = "redis://app:pw@127.0.0.1:\(server.port)"
            try await withTrackedClient(url, mode: mode) { tracked in
                try await tracked.client.connect()
                try await tracked.run("GET", "app:k")
                #expect(tracked.client.state.tracking.isOn)
                try server.command("SET", "app:k", "v")
                try await until {
                    tracked.events.value.contains { event in
                        guard case .invalidated(let keys, _) = event else { return false }
                        return keys.map { String(buffer: $0) } == ["app:k"]
                    }
                }
            }
        }
    }

    /// That a tracked connection is alive is proved by PING; CLIENT TRACKINGINFO, which finds out that somebody has switched tracking off,
    /// is done without.
    @Test(arguments: [("+ping +client|trackinginfo", true), ("+ping", true), ("+client|trackinginfo", false)])
    func forProofThatTrackingIsAliveIsPING(rights: String, isEnough: Bool) async throws {
        var options = RedisServerOptions()
        options.users = ["app on >pw ~app:* resetchannels -@all +get +client|tracking \(rights)"]
        try await withRedisServer(options) { server in
            let url = "redis://app:pw@127.0.0.1:\(server.port)"
            try await withTrackedClient(url, probePace: .milliseconds(10)) { tracked in
                try await tracked.client.connect()
                try await until {
                    try await tracked.run("GET", "app:k")
                    return try isEnough
                        ? tracked.events.value.proofs.count >= 5 : server.command("ACL", "LOG").contains("\nping\n")
                }
                #expect(tracked.events.value.proofs.isEmpty != isEnough)
                #expect(tracked.client.figures.connectionsOpened == 1)
                #expect(tracked.client.trackingRoute(forKey: "app:k") != nil)
            }
        }
    }
}
