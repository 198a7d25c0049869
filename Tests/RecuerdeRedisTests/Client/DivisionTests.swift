import NIOCore
import NIOPosix
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// A client of one server that has several connections divides what touches keys of several of them.
@Suite struct DividedCommands {
    private static let names = (0..<60).map { "k\($0)" }

    @Test func haveAPartForEachConnectionAndAreWholeAgainInOrder() throws {
        let command = RedisCommand("MGET", arguments: Self.names)
        let split = try #require(CommandSplit(command, connections: 3))
        #expect(split.parts.count == 3)
        #expect(split.parts.flatMap(\.positions).sorted() == Array(Self.names.indices))
        for part in split.parts {
            let places = part.positions.map {
                RedisKeySlot.connection(of: ByteBuffer(string: Self.names[$0]), count: 3)
            }
            #expect(Set(places).count == 1)
            #expect(part.command.slot.map { Int($0) % 3 } == places.first)
        }
        let replies = split.parts.map { part in
            Result<RESPValue, RedisError>.success(
                .array(part.positions.map { .bulk(ByteBuffer(string: Self.names[$0])) })
            )
        }
        #expect(try split.assemble(replies).get().elements?.map(\.string) == Self.names)
    }

    @Test func areNeitherThoseThatMustBeAtomicNorThoseThatNeedNoDivision() {
        let whole = [
            RedisCommand("MSET", arguments: Self.names), RedisCommand("MSETNX", arguments: Self.names),
            RedisCommand("MGET", "k1"), RedisCommand("DEL", "k1"), RedisCommand("MGET", "{k}1", "{k}2"),
            RedisCommand("EXPIRE", "k1", "10"), RedisCommand("DECRBY", "k1", "1"), RedisCommand("GET", "k1"),
            RedisCommand("EVAL", "return 1", 2, "k1", "k2", key: 2), RedisCommand("MULTI", key: nil),
        ]
        for command in whole { #expect(CommandSplit(command, connections: 3) == nil, "\(command)") }
        #expect(CommandSplit(RedisCommand("MGET", arguments: Self.names), connections: 1) == nil)
        for name in ["MGET", "del", "UNLINK", "EXISTS", "touch"] {
            let command = RedisCommand(name, arguments: Self.names)
            #expect(command.mayBeDivided && CommandSplit(command, connections: 2) != nil)
        }
    }

    private func with(
        _ options: RedisServerOptions = RedisServerOptions(),
        credentials: String = "",
        change: (inout RedisConfiguration) -> Void = { _ in },
        _ body: (RedisClient, RedisServerProcess) async throws -> Void
    ) async throws {
        try await withRedisServer(options) { server in
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
            var settings = RedisConfiguration(
                url: try RedisURL(server.url.replacing("redis://", with: "redis://\(credentials)"))
            )
            settings.commandTimeout = .seconds(10)
            change(&settings)
            let client = RedisClient(configuration: settings, eventLoopGroup: group, logger: quiet)
            do {
                try await client.connect()
                // All connections are open once each has carried a command.
                try await until {
                    for name in Self.names { _ = try await client.send(RedisCommand("ECHO", name)) }
                    return client.figures.openConnections == 3
                }
                try await body(client, server)
            } catch {
                await client.shutdown()
                try await group.shutdownGracefully()
                throw error
            }
            await client.shutdown()
            try await group.shutdownGracefully()
        }
    }

    private func calls(_ command: String, _ server: RedisServerProcess) throws -> Int {
        let statistics = try server.command("INFO", "commandstats")
        guard let start = statistics.firstRange(of: "cmdstat_\(command):calls=") else { return 0 }
        return Int(statistics[start.upperBound...].prefix { $0.isNumber }) ?? 0
    }

    @Test func goOverTheConnectionsOfTheirKeysAndComeBackInOrder() async throws {
        try await with { client, server in
            let pairs = Self.names.flatMap { [$0, "value of \($0)"] }
            #expect(try await client.send(RedisCommand("MSET", arguments: pairs)).string == "OK")
            #expect(try calls("mset", server) == 1)
            let asked = Self.names.reversed() + ["missing"] + Self.names.prefix(3)
            let values = try await client.send(RedisCommand("MGET", arguments: Array(asked))).elements?.map(\.string)
            #expect(values == asked.map { $0 == "missing" ? nil : "value of \($0)" })
            #expect(try calls("mget", server) == 3)
            #expect(try await client.send(RedisCommand("EXISTS", arguments: Self.names + ["missing"])).int == 60)
            #expect(try await client.send(RedisCommand("TOUCH", arguments: Self.names)).int == 60)
            // Whole where the caller chooses the lane, and in a pipeline.
            #expect(
                try await client.send(RedisCommand("MGET", arguments: Self.names), lane: .key).elements?.count == 60
            )
            #expect(try calls("mget", server) == 4)
            _ = try await client.pipeline([RedisCommand("MGET", arguments: Self.names)])
            #expect(try calls("mget", server) == 5)
            #expect(try await client.send(RedisCommand("DEL", arguments: Array(Self.names.prefix(30)))).int == 30)
            #expect(try await client.send(RedisCommand("UNLINK", arguments: Self.names)).int == 30)
            #expect(client.commandsInFlight == 0)
        }
    }

    @Test func failAsAWholeWithTheFirstFailureOfAPartAndSayThatAnotherPartHasWritten() async throws {
        let mine = Self.names.filter { RedisKeySlot.connection(of: ByteBuffer(string: $0), count: 3) == 0 }
        let others = Self.names.filter { RedisKeySlot.connection(of: ByteBuffer(string: $0), count: 3) == 1 }
        var options = RedisServerOptions()
        options.users = [
            "app on >pw +@all " + Self.names.filter { !others.contains($0) }.map { "~\($0)" }.joined(separator: " ")
        ]
        try await with(options, credentials: "app:pw@") { client, server in
            for name in Self.names { try server.command("SET", name, "v") }
            let read = await redisError { try await client.send(RedisCommand("MGET", arguments: Self.names)) }
            #expect(read?.serverCode == "NOPERM" && read?.mayHaveExecuted == false)
            let deleted = await redisError { try await client.send(RedisCommand("DEL", arguments: Self.names)) }
            #expect(deleted?.serverCode == "NOPERM" && deleted?.mayHaveExecuted == true)
            #expect(try server.command(["EXISTS"] + others) == "\(others.count)")
            #expect(try server.command(["EXISTS"] + mine) == "0")
        }
    }

    @Test func areOneOperationToAnObserverAndEndTogetherWhenTheirTaskIsCancelled() async throws {
        let observer = RecordingObserver()
        try await with(change: { $0.observer = observer }) { client, server in
            let before = observer.record.ended.count
            _ = try await client.send(RedisCommand("MGET", arguments: Self.names))
            #expect(observer.record.ended.count == before + 1)
            server.pause()
            let task = Task { try await client.send(RedisCommand("MGET", arguments: Self.names)) }
            try await until { client.commandsInFlight == 3 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            server.resume()
            try await until { client.commandsInFlight == 0 }
        }
    }
}
