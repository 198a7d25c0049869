import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What real sentinels do seldom: being stale, wrong, mute. The servers are real.
@Suite struct OddSentinels {
    /// A master and its replica, and sentinels that name what the test says.
    private static func withPair(
        _ body: (_ master: RedisServerProcess, _ replica: RedisServerProcess) async throws -> Void
    ) async throws {
        try await withRedisServer { master in
            var options = RedisServerOptions()
            options.extraLines = ["replicaof 127.0.0.1 \(master.port)"]
            try await withRedisServer(options) { replica in
                try await until {
                    try replica.command("INFO", "replication").contains("master_link_status:up")
                }
                try await body(master, replica)
            }
        }
    }

    @Test func scenario50ThatNameAReplicaAreRefutedByItsRole() async throws {
        try await Self.withPair { master, replica in
            try await FakeServer.with(FakeServer.sentinel(Shared(replica.port))) { stale in
                try await FakeServer.with(FakeServer.sentinel(Shared(master.port))) { right in
                    let url = "redis+sentinel://\(stale.hostAndPort),\(right.hostAndPort)/mymaster"
                    try await withSentinelClient(url) { client in
                        _ = try await client.send(RedisCommand("SET", "k", "v"))
                        #expect(client.master?.port == master.port)
                        #expect(try master.command("GET", "k") == "v")
                        // The one that was right is asked first from now on.
                        #expect(client.sentinels.first?.description == right.hostAndPort)
                    }
                }
            }
        }
    }

    @Test func scenario50AReplicaThatIsNamedByAllIsNeverUsed() async throws {
        try await Self.withPair { _, replica in
            try await FakeServer.with(FakeServer.sentinel(Shared(replica.port))) { stale in
                let url = "redis+sentinel://\(stale.hostAndPort)/mymaster"
                try await withSentinelClient(url) { client in
                    let error = await redisError {
                        try await client.send(RedisCommand("GET", "k"), timeout: .milliseconds(500))
                    }
                    #expect(error?.code == .connectFailed)
                    #expect(error?.message.contains("its role is slave") == true, "\(error?.message ?? "")")
                    #expect(error?.mayHaveExecuted == false)
                    #expect(client.master == nil)
                    #expect(client.state.status == .lost)
                    let commands = try replica.command("INFO", "commandstats")
                    #expect(!commands.contains("cmdstat_get:"))
                    // As soon as it is promoted it is used: nothing has to be asked for again.
                    try replica.command("REPLICAOF", "NO", "ONE")
                    _ = try await client.send(RedisCommand("SET", "k", "v"))
                }
            }
        }
    }

    @Test func scenario40AWriteThatIsRefusedByADemotedMasterSucceedsOnTheNext() async throws {
        try await Self.withPair { old, new in
            let named = Shared<Int?>(old.port)
            try await FakeServer.with(FakeServer.sentinel(named)) { sentinel in
                try await withSentinelClient("redis+sentinel://\(sentinel.hostAndPort)/mymaster") { client in
                    _ = try await client.send(RedisCommand("SET", "a", "1"))
                    // The connection stays, and nothing is announced: only READONLY tells.
                    try new.command("REPLICAOF", "NO", "ONE")
                    try old.command("REPLICAOF", "127.0.0.1", "\(new.port)")
                    named.change { $0 = new.port }
                    _ = try await client.send(RedisCommand("SET", "b", "2"))
                    #expect(client.master?.port == new.port)
                    #expect(try new.command("GET", "b") == "2")
                    // A pipeline finds it as well.
                    try old.command("REPLICAOF", "NO", "ONE")
                    try new.command("REPLICAOF", "127.0.0.1", "\(old.port)")
                    named.change { $0 = old.port }
                    let results = try await client.pipeline([RedisCommand("SET", "c", "3"), RedisCommand("GET", "c")])
                    #expect(results.first == .success(.simple("OK")))
                    #expect(try old.command("GET", "c") == "3")
                }
            }
        }
    }

    @Test func scenario40WithoutANewMasterTheWriteFailsAsReadOnlyAtItsDeadline() async throws {
        try await Self.withPair { master, replica in
            try await FakeServer.with(FakeServer.sentinel(Shared(master.port))) { sentinel in
                try await withSentinelClient("redis+sentinel://\(sentinel.hostAndPort)/mymaster") { client in
                    try await client.connect()
                    try master.command("REPLICAOF", "127.0.0.1", "\(replica.port)")
                    let error = await redisError {
                        try await client.send(RedisCommand("SET", "k", "v"), timeout: .milliseconds(500))
                    }
                    #expect(error?.serverCode == "READONLY")
                    #expect(error?.mayHaveExecuted == false)
                    // Searches are single-flight and a tenth of a second apart at least.
                    let searches = sentinel.commands.filter { $0.contains("GET-MASTER-ADDR-BY-NAME") }.count
                    #expect((2...200).contains(searches))
                }
            }
        }
    }

    @Test func thatKnowNoSuchMasterSaySoAtOnce() async throws {
        try await FakeServer.with(FakeServer.sentinel(Shared(nil))) { sentinel in
            try await withSentinelClient("redis+sentinel://\(sentinel.hostAndPort)/nobody") { client in
                let error = await redisError {
                    try await client.send(RedisCommand("GET", "k"), timeout: .seconds(3600))
                }
                #expect(error?.code == .connectFailed)
                #expect(error?.message.contains("knows no master named 'nobody'") == true)
            }
        }
    }

    @Test func thatAreAwayAreNamedAtTheDeadline() async throws {
        try await withRedisServer { server in
            server.kill()
            try await withSentinelClient("redis+sentinel://127.0.0.1:\(server.port)/mymaster") { client in
                let error = await redisError {
                    try await client.send(RedisCommand("GET", "k"), timeout: .milliseconds(300))
                }
                #expect(error?.code == .connectFailed)
                #expect(error?.message.contains("ECONNREFUSED") == true, "\(error?.message ?? "")")
                #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
                #expect(error?.mayHaveExecuted == false)
            }
        }
    }

    @Test func thatNeverAnswerAreGivenUpAndTheNextIsAsked() async throws {
        try await withRedisServer { server in
            try await FakeServer.with({ _, _ in .nothing }) { mute in
                try await FakeServer.with(FakeServer.sentinel(Shared(server.port))) { right in
                    let url = "redis+sentinel://\(mute.hostAndPort),\(right.hostAndPort)/mymaster"
                    try await withSentinelClient(url) { client in
                        _ = try await client.send(RedisCommand("SET", "k", "v"))
                    }
                }
            }
        }
    }

    @Test func thatFallSilentWhileTheyAreListenedToAreReachedAnew() async throws {
        try await withRedisServer { server in
            let right = FakeServer.sentinel(Shared(server.port))
            let isSilent = Shared(false)
            let script: FakeServer.Script = { connection, words in
                // Half-open: the connection stands, and nothing comes over it any more.
                connection == 0 && isSilent.value ? .nothing : right(connection, words)
            }
            try await FakeServer.with(script) { sentinel in
                try await withSentinelClient(
                    "redis+sentinel://\(sentinel.hostAndPort)/mymaster",
                    change: { $0.keepAlive = .milliseconds(50) }
                ) { client in
                    try await client.connect()
                    isSilent.change { $0 = true }
                    try await until {
                        sentinel.connections >= 2 && sentinel.commands.filter { $0.first == "SUBSCRIBE" }.count >= 2
                    }
                    _ = try await client.send(RedisCommand("SET", "k", "v"))
                }
            }
        }
    }

    @Test func aCallerThatIsCancelledDuringTheSearchGoesAtOnceAndTheClientEndsInTime() async throws {
        try await FakeServer.with({ _, _ in .nothing }) { mute in
            try await withSentinelClient("redis+sentinel://\(mute.hostAndPort)/mymaster") { client in
                let task = Task { try await client.send(RedisCommand("GET", "k"), timeout: .seconds(3600)) }
                try await until { mute.connections > 0 }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                let other = Task {
                    await redisError { try await client.send(RedisCommand("GET", "k"), timeout: .seconds(3600)) }
                }
                await Task.yield()
                await client.shutdown()
                #expect(await other.value?.code == .shutDown)
                let late = await redisError { try await client.send(RedisCommand("GET", "k")) }
                #expect(late?.code == .shutDown)
                #expect(client.state.status == .shutDown)
            }
        }
    }

    @Test func aClientThatIsLetGoOfClosesItsConnections() async throws {
        try await withRedisServer { server in
            try await FakeServer.with(FakeServer.sentinel(Shared(server.port))) { sentinel in
                let url = try RedisURL("redis+sentinel://\(sentinel.hostAndPort)/mymaster")
                var client: RedisSentinelClient? = try RedisSentinelClient(
                    configuration: RedisConfiguration(url: url),
                    logger: quiet
                )
                try await eventually { try await client?.connect() }
                #expect(try server.command("CLIENT", "LIST").split(separator: "\n").count == 2)
                client = nil
                try await until { try server.command("CLIENT", "LIST").split(separator: "\n").count == 1 }
            }
        }
    }
}
