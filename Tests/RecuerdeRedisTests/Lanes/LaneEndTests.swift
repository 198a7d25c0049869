import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What becomes of a lane whose connections end, and of the commands on them.
@Suite struct LanesThatLoseConnections {
    private static let blpop = RedisCommand("BLPOP", "list", 0)

    /// A pause that would be noticed: whoever waits for it misses the deadline.
    private static func slowToComeBack(_ configuration: inout RedisConfiguration) {
        configuration.maximumConnections = 1
        configuration.maximumBlockingConnections = 1
        configuration.backoff = RedisBackoff(base: .seconds(600), cap: .seconds(600))
        configuration.random = { 1 }
    }

    @Test func byTheirOwnHandServeTheNextCommandAtOnce() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: Self.slowToComeBack) { client in
                for _ in 0..<5 {
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        tasks.addTask { _ = try await client.send(Self.blpop, timeout: .seconds(60)) }
                        try await until { try server.command("CLIENT", "LIST").contains("cmd=blpop") }
                        tasks.cancelAll()
                        await #expect(throws: CancellationError.self) { try await tasks.waitForAll() }
                    }
                    // The one place of the lane is free again when its connection is closed.
                    try await until { try !server.command("CLIENT", "LIST").contains("cmd=blpop") }
                }
                try server.command("LPUSH", "list", "x")
                // Within a deadline that leaves no room for a pause of the backoff.
                let popped = try await eventually {
                    do {
                        return try await client.send(Self.blpop, timeout: .seconds(30))
                    } catch let error as RedisError where error.code != .overloaded {
                        Issue.record("\(error)")
                        return .null
                    }
                }
                #expect(popped.elements?.last?.string == "x")
            }
        }
    }

    @Test func byIdlenessServeTheNextCommandAtOnce() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    Self.slowToComeBack(&$0)
                    $0.keepAlive = .milliseconds(50)
                }
            ) { client in
                let id = RedisCommand("CLIENT", "ID", key: nil)
                var before: Set<Int> = []
                for _ in 0..<4 {
                    let number = try #require(try await client.send(id, lane: .bulk).int)
                    #expect(!before.contains(number))
                    before.insert(number)
                    try await until { try !server.command("CLIENT", "LIST").contains("id=\(number) ") }
                }
            }
        }
    }

    @Test func byTheServerRepeatReadsOfTheBulkLane() async throws {
        let asked = Shared(0)
        try await FakeServer.with(
            FakeServer.greeted { _, words in
                guard words.first == "GET" else { return .bytes("+PONG\r\n") }
                asked.change { $0 += 1 }
                return asked.value == 1 ? .last("") : .bytes("$5\r\nvalue\r\n")
            }
        ) { server in
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                let value = try await client.send(RedisCommand("GET", "k"), lane: .bulk)
                #expect(value.string == "value")
                #expect(server.commands.count { $0 == ["GET", "k"] } == 2)
            }
        }
    }

    @Test func byTheServerRepeatNoWriteOfTheBulkLane() async throws {
        try await FakeServer.with(FakeServer.greeted { _, _ in .last("") }) { server in
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                let error = await redisError { try await client.send(RedisCommand("SET", "k", "v"), lane: .bulk) }
                #expect(error?.code == .connectionLost)
                #expect(error?.mayHaveExecuted == true)
                #expect(server.commands.count { $0.first == "SET" } == 1)
            }
        }
    }

    /// XREAD only reads, yet whoever blocks is not repeated when the answer is lost: it is the caller who knows from where
    /// on to read. What was refused before it began is.
    @Test(arguments: [("-LOADING loading\r\n", 2), ("", 1)])
    func byTheServerRepeatABlockingCommandOnlyIfItWasRefused(answer: String, times: Int) async throws {
        let asked = Shared(0)
        try await FakeServer.with(
            FakeServer.greeted { _, words in
                guard words.first == "XREAD" else { return .bytes("+PONG\r\n") }
                asked.change { $0 += 1 }
                if asked.value > 1 { return .bytes("_\r\n") }
                return answer.isEmpty ? .last("") : .bytes(answer)
            }
        ) { server in
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                let words = ["BLOCK", "0", "STREAMS", "s", "0"]
                let error = await redisError { try await client.send(RedisCommand("XREAD", arguments: words, key: 3)) }
                #expect(error?.code == (times == 1 ? .connectionLost : nil))
                #expect(server.commands.count { $0.first == "XREAD" } == times)
            }
        }
    }

    @Test func byTooManyCallersNameWhatIsUsedUp() async throws {
        try await FakeServer.with(FakeServer.greeted { _, words in .nothing }) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumBlockingConnections = 1
                    $0.maximumCommandsInFlight = 2
                    $0.maximumBulkConnections = 1
                    $0.shutdownTimeout = .milliseconds(10)
                }
            ) { client in
                await withTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { _ = try? await client.send(Self.blpop, timeout: .seconds(60)) }
                    try? await until { server.commands.contains { $0.first == "BLPOP" } }
                    let connections = await redisError { try await client.send(Self.blpop) }
                    #expect(connections?.code == .overloaded)
                    #expect(connections?.message.contains("all 1 connections") == true)
                    tasks.addTask {
                        _ = try? await client.send(RedisCommand("GET", "k"), timeout: .seconds(60), lane: .bulk)
                    }
                    try? await until { server.commands.contains { $0.first == "GET" } }
                    let places = await redisError { try await client.send(RedisCommand("GET", "k"), lane: .bulk) }
                    #expect(places?.code == .overloaded)
                    #expect(
                        places?.message.contains("more than 2 bulk and blocking commands") == true,
                        "\(places?.message ?? "")"
                    )
                    #expect(places?.message.contains("connections") == false)
                    tasks.cancelAll()
                }
            }
        }
    }
}
