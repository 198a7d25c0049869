import NIOCore
import Testing

@testable import RecuerdeRedis

/// Calls that wait between attempts, or for a server, count for the caps like commands at a connection.
@Suite struct CallsThatWait {
    private static let cap = 10

    /// Lets more callers than the cap in while nothing is answered; then lets the server answer, and counts the places.
    private static func crowd(
        _ client: some RedisExecutor,
        taken: () -> Int,
        isAway: Shared<Bool>
    ) async throws {
        let outcomes = Shared<[RedisError?]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 * cap {
                group.addTask {
                    let command = RedisCommand("GET", "k\(number)")
                    let error = await redisError { try await client.send(command, timeout: .seconds(60)) }
                    outcomes.change { $0.append(error) }
                }
            }
            // Those past the cap are told while the others go on waiting.
            try await until { outcomes.value.count == 9 * cap }
            #expect(outcomes.value.allSatisfy { $0?.code == .overloaded && $0?.mayHaveExecuted == false })
            #expect(taken() <= cap)
            isAway.change { $0 = false }
            try await group.waitForAll()
        }
        #expect(outcomes.value.count { $0 == nil } == cap)
        try await until { taken() == 0 }
        // All places can be had again.
        let commands = (0..<cap).map { RedisCommand("GET", "k\($0)") }
        for result in try await client.pipeline(commands, timeout: .seconds(60)) { _ = try result.get() }
        try await until { taken() == 0 }
        // Whoever is cancelled leaves nothing behind.
        isAway.change { $0 = true }
        let task = Task { try await client.send(RedisCommand("GET", "k"), timeout: .seconds(60)) }
        try await until { taken() == 1 }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        try await until { taken() == 0 }
        let late = await redisError { try await client.send(RedisCommand("GET", "k"), timeout: .milliseconds(100)) }
        #expect(late != nil && late?.code != .overloaded)
        try await until { taken() == 0 }
    }

    private static func limit(_ configuration: inout RedisConfiguration) {
        configuration.maximumConnections = 1
        configuration.maximumCommandsInFlight = cap
    }

    @Test func forOneServerAreRefusedPastTheCap() async throws {
        let isAway = Shared(true)
        let script = FakeServer.greeted { _, _ in .bytes(isAway.value ? "-LOADING wait\r\n" : "+v\r\n") }
        try await FakeServer.with(script) { server in
            try await withClient(server.url, change: Self.limit) { client in
                try await Self.crowd(client, taken: { client.commandsInFlight }, isAway: isAway)
            }
        }
    }

    @Test func forAClusterAreRefusedPastTheCap() async throws {
        let isAway = Shared(true)
        try await AClusterOfFakes.withNode(
            change: Self.limit,
            { _, _ in .bytes(isAway.value ? "-CLUSTERDOWN wait\r\n" : "+v\r\n") }
        ) { client, _ in
            try await Self.crowd(client, taken: { client.waiting.places.taken }, isAway: isAway)
            #expect(client.nodes.commandsInFlight == 0)
        }
    }

    @Test func forAMasterAreRefusedPastTheCap() async throws {
        let isAway = Shared(true)
        let master = FakeServer.greeted { _, words in
            if words.first == "ROLE" { return .bytes("*3\r\n+master\r\n:0\r\n*0\r\n") }
            return .bytes(isAway.value ? "-LOADING wait\r\n" : "+v\r\n")
        }
        try await FakeServer.with(master) { master in
            // None is named at first.
            let port = Shared<Int?>(master.port)
            let named = FakeServer.sentinel(port)
            let sentinel: FakeServer.Script = { connection, words in
                if words.count > 1, words[1] == "GET-MASTER-ADDR-BY-NAME", isAway.value {
                    return .bytes("-ERR wait\r\n")
                }
                return named(connection, words)
            }
            try await FakeServer.with(sentinel) { sentinel in
                try await withSentinelClient(
                    "redis+sentinel://\(sentinel.hostAndPort)/mymaster",
                    change: Self.limit
                ) { client in
                    try await Self.crowd(client, taken: { client.core.inFlight.places.taken }, isAway: isAway)
                }
            }
        }
    }

    @Test func keepTheBytesOfTheirCommands() async throws {
        let isAway = Shared(true)
        let script = FakeServer.greeted { _, _ in .bytes(isAway.value ? "-LOADING wait\r\n" : "+OK\r\n") }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: {
                    Self.limit(&$0)
                    $0.maximumBytesInFlight = 100_000
                }
            ) { client in
                let large = RedisCommand("SET", "k", String(repeating: "v", count: 80_000))
                let first = Task { try await client.send(large, timeout: .seconds(60)) }
                try await until { server.commands.count >= 2 && client.bytesInFlight > 0 }
                let second = await redisError { try await client.send(large, timeout: .seconds(60)) }
                #expect(second?.code == .overloaded)
                isAway.change { $0 = false }
                _ = try await first.value
                try await until { client.bytesInFlight == 0 && client.commandsInFlight == 0 }
            }
        }
    }
}
