import NIOCore
import NIOPosix
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct Liveness {
    private static func quick(_ configuration: inout RedisConfiguration) {
        configuration.maximumConnections = 1
        configuration.keepAlive = .milliseconds(50)
        configuration.commandTimeout = .milliseconds(100)
    }

    @Test func anIdleConnectionThatStopsAnsweringIsReplaced() async throws {
        let script = FakeServer.greeted { connection, words in
            connection == 0 && words.first == "PING" ? .nothing : .bytes("+PONG\r\n")
        }
        try await FakeServer.with(script) { server in
            try await withClient(server.url, change: Self.quick) { client in
                _ = try await client.send(RedisCommand("GET", "k"), timeout: .seconds(10))
                #expect(server.connections == 1)
                try await until { server.connections == 2 && client.state.isConnected }
                _ = try await client.send(RedisCommand("GET", "k"), timeout: .seconds(10))
                try await until { client.commandsInFlight == 0 }
            }
        }
    }

    @Test func anIdleConnectionThatAnswersIsKeptAndCountsNoCommands() async throws {
        let script = FakeServer.greeted { _, _ in .bytes("+PONG\r\n") }
        try await FakeServer.with(script) { server in
            try await withClient(server.url, change: Self.quick) { client in
                try await client.connect()
                try await until { server.commands.filter { $0 == ["PING"] }.count >= 5 }
                #expect(server.connections == 1)
                try await until { client.commandsInFlight == 0 }
            }
        }
    }

    @Test func aConnectionInUseIsNotAsked() async throws {
        let script = FakeServer.greeted { _, _ in .bytes("+OK\r\n") }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.keepAlive = .seconds(5)
                }
            ) { client in
                for _ in 0..<1000 { _ = try await client.send(RedisCommand("GET", "k")) }
                #expect(!server.commands.contains(["PING"]))
            }
        }
    }

    @Test func agedConnectionsAreReplacedWithoutAFailedCommand() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.maximumAge = .milliseconds(40)
                }
            ) { client in
                let ids = Shared<Set<Int>>([])
                let end = ContinuousClock.now + .seconds(30)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for task in 0..<8 {
                        tasks.addTask {
                            while ids.value.count < 6, ContinuousClock.now < end {
                                let replies = try await client.pipeline([
                                    RedisCommand("ECHO", "\(task)"), RedisCommand("CLIENT", "ID", key: nil),
                                ])
                                #expect(try replies[0].get().string == "\(task)")
                                if let id = try replies[1].get().int { ids.change { $0.insert(id) } }
                            }
                        }
                    }
                    try await tasks.waitForAll()
                }
                #expect(ids.value.count >= 6)
                // The old ones are closed.
                try await until { try server.command("CLIENT", "LIST").split(separator: "\n").count <= 3 }
            }
        }
    }

    @Test func aConnectionWhoseSuccessorCannotBeOpenedStays() async throws {
        let script: FakeServer.Script = { connection, words in
            switch words.first {
            case "HELLO":
                connection == 0 ? .bytes(FakeServer.greeting) : .last("-ERR max number of clients reached\r\n")
            case "CLIENT": .bytes("+OK\r\n")
            default: .bytes("+\(connection)\r\n")
            }
        }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.maximumAge = .milliseconds(20)
                    $0.backoff = RedisBackoff(base: .milliseconds(5), cap: .milliseconds(20))
                }
            ) { client in
                try await until {
                    let reply = try await client.send(RedisCommand("GET", "k"))
                    #expect(reply == .simple("0"))
                    return server.connections >= 4
                }
                #expect(client.state.isConnected)
            }
        }
    }

    @Test func trackingIsToldToBeginAnewWithEachSuccessor() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, change: { $0.maximumAge = .milliseconds(40) }) { tracked in
                try await tracked.client.connect()
                try await until { tracked.events.value.count >= 5 }
                let events = tracked.events.value
                let identities = events.identities
                #expect(Set(identities).count == identities.count)
                for (index, event) in events.enumerated() {
                    let identity = identities[index / 2]
                    #expect(
                        event == (index.isMultiple(of: 2) ? .opened(identity: identity) : .closed(identity: identity))
                    )
                }
            }
        }
    }

    @Test(arguments: [true, false])
    func noEvictProtectsFromTheLimitOnClientMemory(isProtected: Bool) async throws {
        var options = RedisServerOptions()
        // Older servers have neither the limit nor the protection from it: nobody is thrown out, and asking for it harms nothing.
        let isLimited = try RedisServerVersion.of().isSevenOrLater
        if isLimited { options.extraLines = ["maxmemory-clients 1mb"] }
        try await withRedisServer(options) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.bulkThreshold = .max
                    $0.protectsFromEviction = isProtected
                }
            ) { client in
                let value = [UInt8](repeating: 0x61, count: 8 * 1024 * 1024)
                let before = try await client.send(RedisCommand("CLIENT", "ID", key: nil)).int
                let error = await redisError { try await client.send(RedisCommand("SET", "k", value)) }
                // Thrown out or not, the client goes on.
                let after = try await eventually { try await client.send(RedisCommand("CLIENT", "ID", key: nil)).int }
                #expect((error == nil) == (isProtected || !isLimited))
                #expect((after == before) == (isProtected || !isLimited))
            }
        }
    }

    @Test func theNameOfTheServerIsLookedUpByEachAttempt() async throws {
        try await withRedisServer { server in
            try await withClient(server.url.replacing("127.0.0.1", with: "localhost")) { client in
                try await client.ping()
                for _ in 0..<3 {
                    try server.command("CLIENT", "KILL", "TYPE", "normal")
                    try await eventually { try await client.ping() }
                }
            }
        }
    }

    #if os(Linux)
        @Test func socketsAskTheKernelToFindDeadPeers() async throws {
            var configuration = RedisConfiguration(url: try RedisURL("redis://127.0.0.1:1"))
            configuration.keepAlive = .seconds(7)
            configuration.silenceLimit = .seconds(4)
            try await FakeServer.with({ _, _ in .nothing }) { server in
                let port = try RedisURL(server.url).port
                let bootstrap = SocketTuning.apply(
                    ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton),
                    configuration
                )
                let channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
                #expect(try await channel.getOption(.socketOption(.so_keepalive)).get() != 0)
                #expect(try await channel.getOption(.tcpOption(.init(rawValue: 4))).get() == 7)
                #expect(try await channel.getOption(.tcpOption(.init(rawValue: 18))).get() == 8000)
                try await channel.close()
            }
        }
    #endif
}
