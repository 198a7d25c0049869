import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Names are looked up by each attempt to connect: a server that has moved is found.
@Suite struct NamesOfServers {
    private static let name = "redis.test"

    /// A client of a name that leads to the first of two servers.
    private static func withTwoServers(
        change: @Sendable (inout RedisConfiguration) -> Void = { _ in },
        _ body: (RedisClient, ScriptedNames, _ one: RedisServerProcess, _ two: RedisServerProcess) async throws -> Void
    ) async throws {
        try await withRedisServer { one in
            try await withRedisServer { two in
                let names = ScriptedNames()
                names.lead(name, to: one.port)
                try await withClient(
                    "redis://\(name):6379",
                    change: {
                        $0.maximumConnections = 1
                        $0.backoff = RedisBackoff(base: .milliseconds(1), cap: .milliseconds(20))
                        $0.resolver = names.resolver
                        change(&$0)
                    }
                ) { try await body($0, names, one, two) }
            }
        }
    }

    @Test func areLookedUpByEachAttempt() async throws {
        try await Self.withTwoServers { client, names, one, two in
            _ = try await client.send(RedisCommand("SET", "k", "one"))
            #expect(try one.command("GET", "k") == "one")
            #expect(names.asked == [Self.name])
            names.lead(Self.name, to: two.port)
            // Nothing is asked while the connection stands.
            try await client.ping()
            #expect(names.asked == [Self.name])
            one.kill()
            _ = try await eventually { try await client.send(RedisCommand("SET", "k", "two")) }
            #expect(try two.command("GET", "k") == "two")
            #expect(names.asked.count >= 2)
        }
    }

    @Test func areLookedUpAgainWhenNobodyHadThem() async throws {
        try await Self.withTwoServers { client, names, one, _ in
            names.lead(Self.name, to: nil)
            let error = await redisError { try await client.connect() }
            #expect(error?.code == .connectFailed && error?.phase == .connecting)
            #expect(error?.message.contains("the host name is unknown") == true, "\(error?.message ?? "")")
            names.lead(Self.name, to: one.port)
            try await eventually { try await client.ping() }
        }
    }

    @Test func areLookedUpForTheSuccessorOfAnAgedConnection() async throws {
        try await Self.withTwoServers(change: { $0.maximumAge = .milliseconds(50) }) { client, names, _, two in
            try await client.ping()
            names.lead(Self.name, to: two.port)
            // The first server lives on, and no command fails by the change.
            try await until {
                try await client.ping()
                return try two.command("CLIENT", "LIST").contains("cmd=ping")
            }
        }
    }

    @Test func areLookedUpForLanesAndSubscriptions() async throws {
        try await Self.withTwoServers { client, names, one, two in
            var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
            #expect(try await iterator.next() == .subscribed)
            _ = try await client.send(RedisCommand("SET", "k", "one"), lane: .bulk)
            names.lead(Self.name, to: two.port)
            one.kill()
            #expect(try await iterator.next() == .interrupted)
            #expect(try await iterator.next() == .resubscribed)
            #expect(try two.command("PUBSUB", "NUMSUB", "news") == "news\n1")
            _ = try await eventually { try await client.send(RedisCommand("SET", "k", "two"), lane: .bulk) }
            #expect(try two.command("GET", "k") == "two")
        }
    }

    @Test func areLookedUpForSentinelsAndForTheMasterThatTheyName() async throws {
        try await Self.withTwoServers { _, names, one, two in
            let script = FakeServer.greeted { _, words in
                switch words.first {
                case "SUBSCRIBE": .bytes(">3\r\n+subscribe\r\n+\(SentinelReplies.announcements)\r\n:1\r\n")
                case "PING": .bytes("+PONG\r\n")
                case "SENTINEL" where words.last == "mymaster" && words[1] != "SENTINELS":
                    .bytes("*2\r\n$10\r\n\(Self.name)\r\n$4\r\n6379\r\n")
                case "SENTINEL": .bytes("*0\r\n")
                default: .nothing
                }
            }
            try await FakeServer.with(script) { sentinel in
                names.lead("sentinel.test", to: sentinel.port)
                try await withSentinelClient(
                    "redis+sentinel://sentinel.test/mymaster",
                    change: { $0.resolver = names.resolver }
                ) { client in
                    _ = try await client.send(RedisCommand("SET", "k", "one"))
                    #expect(try one.command("GET", "k") == "one")
                    names.lead(Self.name, to: two.port)
                    one.kill()
                    _ = try await eventually { try await client.send(RedisCommand("SET", "k", "two")) }
                    #expect(try two.command("GET", "k") == "two")
                }
            }
        }
    }
}
