import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct ManyTasks {
    @Test func eachGetTheirOwnRepliesWhateverIsCancelled() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.commandTimeout = .seconds(60) }) { client in
                let answered = Shared(0)
                let cancelled = Shared(0)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<1000 {
                        group.addTask {
                            var random = SeededRandom(seed: UInt64(task))
                            for round in 0..<10 {
                                let word = "task \(task) round \(round)"
                                let single = Task { try await client.send(RedisCommand("ECHO", word)) }
                                if Int.random(in: 0..<4, using: &random) == 0 {
                                    if Bool.random(using: &random) { await Task.yield() }
                                    single.cancel()
                                }
                                do {
                                    let reply = try await single.value
                                    guard reply.string == word else { throw Mixed() }
                                    answered.change { $0 += 1 }
                                } catch is CancellationError {
                                    cancelled.change { $0 += 1 }
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(answered.value + cancelled.value == 10_000)
                #expect(answered.value >= 5000)
                #expect(cancelled.value > 0)
                try await until { client.commandsInFlight == 0 }
            }
        }
    }

    private struct Mixed: Error {}

    @Test func oneOfThemCancelledHarmsNoOther() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                let before = try await client.send(RedisCommand("CLIENT", "ID", key: nil))
                server.pause()
                let tasks = (0..<50).map { index in
                    Task { try await client.send(RedisCommand("ECHO", index), timeout: .seconds(60)) }
                }
                try await until { client.commandsInFlight == 50 }
                tasks[20].cancel()
                // Before the server goes on: the caller does not wait for the reply.
                await #expect(throws: CancellationError.self) { try await tasks[20].value }
                server.resume()
                for (index, task) in tasks.enumerated() where index != 20 {
                    let reply = try await task.value
                    #expect(reply.int == index)
                }
                let after = try await client.send(RedisCommand("CLIENT", "ID", key: nil))
                #expect(after == before)
                #expect(client.commandsInFlight == 0)
            }
        }
    }

    @Test func aTaskThatIsCancelledBeforeSendsNothing() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await client.ping()
                let task = Task {
                    while !Task.isCancelled { await Task.yield() }
                    return try await client.send(RedisCommand("SET", "k", "v"))
                }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                try await client.ping()
                let value = try server.command("GET", "k")
                #expect(value == "(nil)")
                #expect(client.commandsInFlight == 0)
            }
        }
    }

    @Test func pastTheBoundAreRefusedAtOnce() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.maximumCommandsInFlight = 10 }) { client in
                try await client.ping()
                server.pause()
                let tasks = (0..<10).map { index in Task { try await client.send(RedisCommand("ECHO", index)) } }
                try await until { client.commandsInFlight == 10 }
                let single = await redisError { try await client.send(RedisCommand("GET", "k")) }
                #expect(single?.code == .overloaded)
                #expect(single?.mayHaveExecuted == false)
                let many = await redisError { try await client.pipeline([RedisCommand("GET", "k")]) }
                #expect(many?.code == .overloaded)
                server.resume()
                for (index, task) in tasks.enumerated() {
                    let reply = try await task.value
                    #expect(reply.int == index)
                }
                try await client.ping()
            }
        }
    }

    @Test(arguments: [Int.max, 1000]) func pastTheBoundOfBytesAreRefusedAtOnce(bulkThreshold: Int) async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumBytesInFlight = 100_000
                    $0.bulkThreshold = bulkThreshold
                }
            ) { client in
                try await client.ping()
                // One that is larger than the bound goes if it is alone.
                _ = try await client.send(RedisCommand("SET", "k", ByteBuffer(repeating: 1, count: 150_000)))
                server.pause()
                let value = ByteBuffer(repeating: 1, count: 45_000)
                let tasks = (0..<2).map { index in Task { try await client.send(RedisCommand("SET", index, value)) } }
                try await until { client.commandsInFlight == 2 || client.bytesInFlight > 90_000 }
                let large = await redisError { try await client.send(RedisCommand("SET", "k", value)) }
                #expect(large?.code == .overloaded)
                #expect(large?.mayHaveExecuted == false)
                let many = await redisError {
                    try await client.pipeline(
                        [RedisCommand](repeating: RedisCommand("SET", "k", "0123456789"), count: 400)
                    )
                }
                #expect(many?.code == .overloaded)
                let small = Task { try await client.send(RedisCommand("ECHO", "small")) }
                server.resume()
                for task in tasks { _ = try await task.value }
                #expect(try await small.value.string == "small")
                try await until { client.bytesInFlight == 0 }
                _ = try await client.send(RedisCommand("SET", "k", value))
            }
        }
    }

    @Test func finishBeforeAShutdownAndAreRefusedAfterIt() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.shutdownTimeout = .seconds(60) }) { client in
                try await client.ping()
                server.pause()
                let tasks = (0..<50).map { index in Task { try await client.send(RedisCommand("ECHO", index)) } }
                // With their connection, and not only on the way to it, where a shutdown refuses them.
                try await until { await client.commandsWithConnections() == 50 }
                async let first: Void = client.shutdown()
                async let second: Void = client.shutdown()
                server.resume()
                for (index, task) in tasks.enumerated() {
                    let reply = try await task.value
                    #expect(reply.int == index)
                }
                _ = await (first, second)
                let error = await redisError { try await client.send(RedisCommand("GET", "k")) }
                #expect(error?.code == .shutDown)
                let connect = await redisError { try await client.connect() }
                #expect(connect?.code == .shutDown)
                #expect(client.state.status == .shutDown)
                try await until { try server.command("CLIENT", "LIST").split(separator: "\n").count == 1 }
            }
        }
    }

    @Test func areFailedByAShutdownThatCannotWait() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.shutdownTimeout = .milliseconds(50) }) { client in
                try await client.ping()
                server.pause()
                let task = Task {
                    await redisError { try await client.send(RedisCommand("GET", "k"), timeout: .seconds(60)) }
                }
                try await until { client.commandsInFlight == 1 }
                await client.shutdown()
                let error = await task.value
                // Whether it was written by then depends on whether its key's own connection was open.
                #expect(error?.code == .shutDown)
            }
        }
    }

    @Test func aClientThatIsLetGoOfClosesItsConnections() async throws {
        try await withRedisServer { server in
            var client: RedisClient? = RedisClient(
                configuration: RedisConfiguration(url: try RedisURL(server.url)),
                logger: quiet
            )
            try await client?.connect()
            #expect(try server.command("CLIENT", "LIST").split(separator: "\n").count == 2)
            client = nil
            try await until { try server.command("CLIENT", "LIST").split(separator: "\n").count == 1 }
        }
    }

    @Test func waitNoLongerThanTheirDeadlineInAnyPhase() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await client.ping()
                for timeout in [Duration.zero, .seconds(-5), .nanoseconds(1)] {
                    let error = await redisError { try await client.send(RedisCommand("INCR", "n"), timeout: timeout) }
                    #expect(error?.code == .deadlineExceeded)
                    #expect(error?.mayHaveExecuted == false)
                }
                // Nothing was sent.
                #expect(try await client.send(RedisCommand("GET", "n")).isNull)
                let long = try await client.send(RedisCommand("ECHO", "x"), timeout: .seconds(Int64.max))
                #expect(long.string == "x")
            }
        }
    }
}
