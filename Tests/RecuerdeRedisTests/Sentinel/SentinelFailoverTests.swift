import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Against real sentinels, servers and failovers. One after the other: each of them is six processes.
@Suite(.serialized) struct Failovers {
    /// Writes and reads of several tasks, each value of which carries its key.
    private final class Load: Sendable {
        let writes = Shared(0)
        let failures = Shared<[String]>([])
        let stops = Shared(false)

        func run(_ client: RedisSentinelClient, task: Int) async throws {
            var round = 0
            while !stops.value {
                let key = "task\(task):\(round % 10)"
                round += 1
                do {
                    _ = try await client.send(RedisCommand("SET", key, loadValue(key, round)))
                    writes.change { $0 += 1 }
                } catch let error as RedisError {
                    // Written and not answered: it may have been executed, and is not repeated.
                    #expect(error.mayHaveExecuted, "\(error)")
                    failures.change { $0.append(error.description) }
                }
                let read = try await client.send(RedisCommand("GET", key))
                // A replica that had not received a write when it was promoted has lost it; a wrong value there is none.
                #expect(read.isNull || read.string?.hasPrefix("\(key)=") == true)
                let pair = try await client.pipeline([RedisCommand("GET", key), RedisCommand("ECHO", key)])
                #expect(try pair.last?.get().string == key)
            }
        }
    }

    private static func underLoad(
        _ setup: RedisSentinelSetup,
        _ failover: (_ client: RedisSentinelClient, _ master: RedisServerProcess) async throws -> Void
    ) async throws {
        let load = Load()
        let changes = Shared<[RedisClientState.Status]>([])
        try await withSentinelClient(
            setup.url,
            onStateChange: { state in changes.change { $0.append(state.status) } }
        ) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<20 { group.addTask { try await load.run(client, task: task) } }
                try await until { load.writes.value >= 500 }
                let former = try setup.server(onPort: try setup.masterPort())
                #expect(client.master?.port == former.port)
                try await failover(client, former)
                try await until { client.master.map { $0.port != former.port } ?? false }
                let before = load.writes.value
                try await until { load.writes.value >= before + 500 }
                // All sentinels agree before long, and the client with them.
                for sentinel in setup.sentinels {
                    try await until {
                        try sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", setup.masterName)
                            .hasSuffix("\n\(client.master?.port ?? 0)")
                    }
                }
                load.stops.change { $0 = true }
                try await group.waitForAll()
            }
            // What was in flight when the connection broke, at most.
            #expect(load.failures.value.count <= 200, "\(load.failures.value.prefix(5))")
            #expect(client.state.isConnected)
        }
        #expect(changes.value.first == .connected)
        #expect(changes.value.last == .shutDown)
    }

    @Test func scenario50WritesAndReadsOutliveAFailoverThatWasAskedFor() async throws {
        try await withRedisSentinels { setup in
            try await Self.underLoad(setup) { _, _ in
                try setup.sentinels[0].command("SENTINEL", "FAILOVER", setup.masterName)
            }
        }
    }

    @Test func scenario50WritesAndReadsOutliveAMasterThatIsKilled() async throws {
        try await withRedisSentinels { setup in
            try await Self.underLoad(setup) { client, master in
                // Those that the URL did not name are known too.
                try await until { client.sentinels.count >= 3 }
                master.kill()
            }
        }
    }

    @Test func theMasterIsFoundByOneSentinelOfThreeAndTheOthersAreLearned() async throws {
        try await withRedisSentinels { setup in
            // Two of the three are away at the start; the last one is found behind them.
            setup.sentinels[0].kill()
            setup.sentinels[1].kill()
            try await withSentinelClient(setup.url) { client in
                try await client.connect()
                #expect(client.master?.port == setup.servers[0].port)
                _ = try await client.send(RedisCommand("SET", "k", "v"))
                #expect(try setup.servers[0].command("GET", "k") == "v")
            }
            let one = "redis+sentinel://127.0.0.1:\(setup.sentinels[2].port)/\(setup.masterName)"
            try setup.sentinels[0].restart()
            try setup.sentinels[1].restart()
            try await withSentinelClient(one) { client in
                try await client.connect()
                #expect(Set(client.sentinels.map(\.port)) == Set(setup.sentinels.map(\.port)))
                // And they are listened to.
                for sentinel in setup.sentinels {
                    try await until { try sentinel.command("CLIENT", "LIST").contains(" sub=1 ") }
                }
            }
            // A name that real sentinels do not know.
            let wrong = "redis+sentinel://127.0.0.1:\(setup.sentinels[2].port)/other"
            try await withSentinelClient(wrong) { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.message.contains("knows no master named 'other'") == true)
            }
            // The remote tier of the cache keeps its contract over it.
            try await withSentinelClient(setup.url) { client in
                try await RemoteTierConformance(tier: RedisTier(client: client), prefix: "c:").checkAll()
            }
        }
    }
}
