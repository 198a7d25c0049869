import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Lanes and subscriptions behind sentinels, through real failovers.
@Suite(.serialized) struct LanesBehindSentinels {
    /// Publishes at the present master, again after each gap that is told: sentinels that take a new master for dead promote
    /// another one. Whoever promotes a server closes all connections to it (`CLIENT KILL TYPE normal`), those of the other
    /// sentinels too, which connect again once a second; `RedisSentinelProcess` gives them the time.
    private static func expectMessage(
        _ iterator: inout RedisSubscription.Iterator,
        _ setup: RedisSentinelSetup,
        _ client: RedisSentinelClient,
        _ text: String
    ) async throws {
        for _ in 0..<5 {
            try setup.server(onPort: try #require(client.master?.port)).command("PUBLISH", "news", text)
            let event = try await iterator.next()
            guard event == .interrupted else {
                #expect(event == .message(RedisMessage(channel: "news", payload: ByteBuffer(string: text))))
                return
            }
            #expect(try await iterator.next() == .resubscribed)
        }
        Issue.record("the subscription never stays")
    }

    /// How many listen to the channel of the tests; the sentinels listen to one of their own.
    private static func listeners(_ server: RedisServerProcess) throws -> Int {
        try server.command("PUBSUB", "NUMSUB", "news").split(separator: "\n").last.flatMap { Int($0) } ?? -1
    }

    @Test func followTheMasterThroughFailovers() async throws {
        try await withRedisSentinels { setup in
            try await withSentinelClient(setup.url, change: { $0.shutdownTimeout = .milliseconds(200) }) { client in
                let executor: any RedisExecutor = client
                var iterator = executor.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                let former = try setup.server(onPort: try setup.masterPort())
                try await Self.expectMessage(&iterator, setup, client, "before")
                let value = [UInt8](repeating: 0x61, count: 1_000_000)
                _ = try await executor.send(RedisCommand("SET", "large", value), timeout: nil, lane: .bulk)
                let read = try await executor.execute(Redis.Get("large"), lane: .bulk)
                #expect(read?.readableBytes == value.count)
                // What has not reached the replica that is promoted is lost.
                for server in setup.servers {
                    try await until { try server.command("STRLEN", "large") == "\(value.count)" }
                }

                // A failover that was asked for: the client lets go of the former master, and nobody knows what has become of
                // the pop that waits there. The sentinels close its connection as well, before the server has said why.
                async let left = redisError {
                    try await client.send(RedisCommand("BLPOP", "list", 0), timeout: .seconds(60), lane: .blocking)
                }
                try await until { try former.command("CLIENT", "LIST").contains("cmd=blpop") }
                try setup.sentinels[0].command("SENTINEL", "FAILOVER", setup.masterName)
                #expect(try await iterator.next() == .interrupted)
                #expect(try await iterator.next() == .resubscribed)
                try await until { client.master.map { $0.port != former.port } ?? false }
                let port = try #require(client.master?.port)
                let next = try setup.server(onPort: port)
                try await until { try Self.listeners(next) == 1 }
                #expect(try Self.listeners(former) == 0)
                try await Self.expectMessage(&iterator, setup, client, "after")
                let first = await left
                #expect(first?.code == .connectionLost && first?.mayHaveExecuted == true)
                _ = try await client.send(RedisCommand("RPUSH", "list", "x"))
                #expect(try await client.send(RedisCommand("BLPOP", "list", 0)).elements?.last?.string == "x")
                #expect(try await executor.execute(Redis.Get("large"), lane: .bulk)?.readableBytes == value.count)

                // A master that is killed: nobody knows what has become of the pop that waits there.
                try await until { try former.command("INFO", "replication").contains("master_link_status:up") }
                async let lost = redisError {
                    try await client.send(RedisCommand("BLPOP", "list", 0), timeout: .seconds(60), lane: .blocking)
                }
                try await until { try next.command("CLIENT", "LIST").contains("cmd=blpop") }
                next.kill()
                let error = await lost
                #expect(error?.code == .connectionLost && error?.mayHaveExecuted == true)
                #expect(try await iterator.next() == .interrupted)
                #expect(try await iterator.next() == .resubscribed)
                try await until { client.master.map { $0.port != next.port } ?? false }
                let last = try setup.server(onPort: try #require(client.master?.port))
                try await Self.expectMessage(&iterator, setup, client, "again")

                await client.shutdown()
                while let event = try await iterator.next() { #expect(event == .interrupted || event == .resubscribed) }
                #expect(client.subscriptions.count == 0)
                try await until { try Self.listeners(last) == 0 }
            }
        }
    }

    @Test func aCommandThatBlocksAtAFormerMasterFailsAsLostWhenThatIsLetGo() async throws {
        let ports = Shared<Int?>(nil)
        try await withRedisServer { one in
            try await withRedisServer { two in
                ports.change { $0 = one.port }
                try await FakeServer.with(FakeServer.sentinel(ports)) { sentinel in
                    let url = "redis+sentinel://\(sentinel.hostAndPort)/mymaster"
                    try await withSentinelClient(url, change: { $0.shutdownTimeout = .milliseconds(50) }) { client in
                        async let lost = redisError {
                            try await client.send(RedisCommand("BLPOP", "list", 0), timeout: .seconds(60))
                        }
                        try await until { try one.command("CLIENT", "LIST").contains("cmd=blpop") }
                        ports.change { $0 = two.port }
                        // The connections of keys go, and with them the trust in the server.
                        try await until {
                            for line in try one.command("CLIENT", "LIST").split(separator: "\n")
                            where !line.contains("cmd=blpop") && !line.contains("cmd=client") {
                                let id = line.dropFirst("id=".count).prefix { $0.isNumber }
                                _ = try? one.command("CLIENT", "KILL", "ID", String(id))
                            }
                            _ = try? await client.send(RedisCommand("TIME", key: nil))
                            return client.master?.port == two.port
                        }
                        let error = await lost
                        #expect(error?.code == .connectionLost && error?.mayHaveExecuted == true)
                        try two.command("RPUSH", "list", "x")
                        #expect(try await client.send(RedisCommand("BLPOP", "list", 0)).elements?.last?.string == "x")
                    }
                }
            }
        }
    }

    @Test func subscriptionsWaitForAMasterThatIsNotKnownYetAndThrowWhatDoesNotPass() async throws {
        try await withRedisServer { server in
            let port = Shared<Int?>(nil)
            try await FakeServer.with(FakeServer.sentinel(port)) { sentinel in
                let url = "redis+sentinel://\(sentinel.hostAndPort)/mymaster"
                // A name that is known later only: the reason does not pass by itself, but the subscription goes on asking.
                try await withSentinelClient(url, change: { $0.connectTimeout = .milliseconds(300) }) { client in
                    let first = Shared<RedisSubscriptionEvent?>(nil)
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        tasks.addTask {
                            var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                            let event = try await iterator.next()
                            first.change { $0 = event }
                        }
                        try await until { sentinel.commands.count { $0.first == "SENTINEL" } > 2 }
                        port.change { $0 = server.port }
                        try await tasks.waitForAll()
                    }
                    #expect(first.value == .subscribed)
                }
                try server.command("CONFIG", "SET", "requirepass", "secret")
                let wrong = "redis+sentinel://:wrong@\(sentinel.hostAndPort)/mymaster"
                try await withSentinelClient(wrong) { client in
                    let error = await redisError {
                        var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                        return try await iterator.next() as Any
                    }
                    #expect(error?.code == .authenticationFailed)
                }
            }
        }
    }
}
