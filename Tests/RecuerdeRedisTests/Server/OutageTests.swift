import NIOCore
import NIOPosix
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct Outages {
    private static func oneConnection(_ configuration: inout RedisConfiguration) {
        configuration.maximumConnections = 1
    }

    @Test func aServerThatIsAwayIsNamedAndUsedOnceItIsThere() async throws {
        try await withRedisServer { server in
            server.kill()
            try await withClient(server.url, change: { $0.commandTimeout = .milliseconds(200) }) { client in
                let connect = await redisError { try await client.connect() }
                let command = await redisError { try await client.send(RedisCommand("GET", "k")) }
                for error in [connect, command] {
                    #expect(error?.code == .connectFailed)
                    #expect(error?.message.contains("ECONNREFUSED") == true)
                    #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
                    #expect(error?.mayHaveExecuted == false)
                }
                #expect(client.state.status == .lost)
                try server.restart()
                try await eventually { try await client.ping(timeout: .seconds(10)) }
                #expect(client.state.isConnected)
                #expect(client.state.lastError == nil)
            }
        }
    }

    @Test func aNameThatNobodyHasIsNamed() async throws {
        try await withClient("redis://no-such-host.invalid") { client in
            let error = await redisError { try await client.connect() }
            #expect(error?.code == .connectFailed)
            #expect(error?.message.contains("no-such-host.invalid") == true)
        }
    }

    @Test func aServerThatIsKilledFailsWhatWasOnItsWayAndNothingElse() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    // Else what only reads would be repeated.
                    $0.retry = .never
                }
            ) { client in
                try await client.ping()
                server.pause()
                await withTaskGroup(of: RedisError?.self) { group in
                    for index in 0..<100 {
                        group.addTask { await redisError { try await client.send(RedisCommand("ECHO", index)) } }
                    }
                    try? await until { client.commandsInFlight == 100 }
                    server.kill()
                    for await error in group {
                        // One that had not been written when the server died waits for the next connection in vain.
                        #expect(error?.code == .connectionLost || error?.mayHaveExecuted == false)
                        #expect(error != nil)
                    }
                }
                try server.restart()
                try await eventually { try await client.ping() }
            }
        }
    }

    @Test func aServerThatIsRestartedOnItsDataIsUsedAgainByItself() async throws {
        var options = RedisServerOptions()
        options.keepsData = true
        let changes = Shared<[RedisClientState.Status]>([])
        try await withRedisServer(options) { server in
            try await withClient(
                server.url,
                change: Self.oneConnection,
                onStateChange: { state in changes.change { $0.append(state.status) } }
            ) { client in
                _ = try await client.send(RedisCommand("SET", "k", "v"))
                server.kill()
                try await until { client.state.status == .lost }
                #expect(client.state.lastError != nil)
                #expect(client.state.server != nil)
                for _ in 0..<3 { _ = try? await client.send(RedisCommand("GET", "k"), timeout: .milliseconds(50)) }
                try server.restart()
                // No command asks for it: the client comes back by itself.
                try await until { client.state.isConnected }
                let value = try await client.send(RedisCommand("GET", "k"))
                #expect(value.string == "v")
            }
            #expect(changes.value == [.connected, .lost, .connected, .shutDown])
        }
    }

    @Test func aFrozenServerCostsTheDeadlineAndItsLateRepliesReachNobody() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    // The connection is to survive here, however slow the machine.
                    $0.silenceLimit = .seconds(100)
                }
            ) { client in
                let before = try await client.send(RedisCommand("CLIENT", "ID", key: nil))
                server.pause()
                await withTaskGroup(of: RedisError?.self) { group in
                    for index in 0..<50 {
                        group.addTask {
                            await redisError {
                                try await client.send(RedisCommand("ECHO", "late \(index)"), timeout: .milliseconds(50))
                            }
                        }
                    }
                    for await error in group {
                        #expect(error?.code == .deadlineExceeded)
                        #expect(error?.phase == .reply)
                        #expect(error?.mayHaveExecuted == true)
                    }
                }
                #expect(client.commandsInFlight == 50)
                server.resume()
                for index in 0..<50 {
                    let reply = try await client.send(RedisCommand("ECHO", "new \(index)"))
                    #expect(reply.string == "new \(index)")
                }
                let after = try await client.send(RedisCommand("CLIENT", "ID", key: nil))
                #expect(after == before)
                #expect(client.commandsInFlight == 0)
            }
        }
    }

    @Test func aServerThatStaysSilentLosesItsConnection() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.silenceLimit = .milliseconds(50)
                    $0.connectTimeout = .milliseconds(200)
                }
            ) { client in
                let before = try await eventually { try await client.send(RedisCommand("CLIENT", "ID", key: nil)) }
                server.pause()
                for _ in 0..<3 { _ = try? await client.send(RedisCommand("GET", "k"), timeout: .milliseconds(10)) }
                try await until { client.state.status == .lost }
                let error = await redisError {
                    try await client.send(RedisCommand("GET", "k"), timeout: .milliseconds(10))
                }
                #expect(error?.mayHaveExecuted == false)
                server.resume()
                let after = try await eventually { try await client.send(RedisCommand("CLIENT", "ID", key: nil)) }
                #expect(after != before)
            }
        }
    }

    @Test func anUnansweredConnectIsCutOffAtItsTimeout() async throws {
        try await withRedisServer { server in
            server.pause()
            try await withClient(server.url, change: { $0.connectTimeout = .milliseconds(100) }) { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .connectFailed)
                #expect(error?.phase == .handshake)
                server.resume()
                try await eventually { try await client.ping() }
            }
        }
    }

    @Test func aFullServerRefusesWritesAndGoesOnReading() async throws {
        var options = RedisServerOptions()
        options.maxmemory = "3mb"
        try await withRedisServer(options) { server in
            try await withClient(server.url) { client in
                _ = try await client.send(RedisCommand("SET", "small", "v"))
                var error: RedisError?
                for index in 0..<200 where error == nil {
                    let value = [UInt8](repeating: 0x61, count: 50_000)
                    error = await redisError { try await client.send(RedisCommand("SET", "k\(index)", value)) }
                }
                #expect(error?.code == .server)
                #expect(error?.serverCode == "OOM")
                let small = try await client.send(RedisCommand("GET", "small"))
                #expect(small.string == "v")
            }
        }
    }

    @Test func aConnectionKilledInMidPipelineKeepsTheRepliesThatCame() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: Self.oneConnection) { client in
                async let running = client.pipeline([
                    RedisCommand("SET", "a", "1"), RedisCommand("INCR", "a"),
                    // For a replica that there is not.
                    RedisCommand("WAIT", 1, 0, key: nil), RedisCommand("INCR", "a"),
                ])
                try await until { try server.command("CLIENT", "LIST").contains("cmd=wait") }
                try server.command("CLIENT", "KILL", "TYPE", "normal")
                let results = try await running
                #expect(results.count == 4)
                #expect(results[0] == .success(.simple("OK")))
                #expect(results[1] == .success(.integer(2)))
                for result in results[2...] {
                    guard case .failure(let error) = result else {
                        Issue.record("answered")
                        continue
                    }
                    #expect(error.code == .connectionLost)
                    #expect(error.mayHaveExecuted)
                }
                let value = try await client.send(RedisCommand("GET", "a"))
                #expect(value.string == "2")
            }
        }
    }

    @Test func aKilledConnectionHarmsNoOther() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        try await withRedisServer { server in
            var configuration = RedisConfiguration(url: try RedisURL(server.url))
            configuration.commandTimeout = .seconds(20)
            let client = RedisClient(configuration: configuration, eventLoopGroup: group, logger: quiet)
            let keys = ["foo", "bar"]
            let slots = keys.compactMap { RedisCommand("GET", $0).slot.map { $0 % 2 } }
            try #require(Set(slots).count == 2)
            // Until both connections are open, one takes the commands of both.
            try await until {
                for key in keys { _ = try await client.send(RedisCommand("GET", key)) }
                let lines = try server.command("CLIENT", "LIST").split(separator: "\n")
                return lines.filter { $0.contains("cmd=get") }.count == 2
            }
            try await withThrowingTaskGroup(of: Bool.self) { tasks in
                for key in keys {
                    tasks.addTask {
                        await redisError { try await client.send(RedisCommand("BLPOP", "{\(key)}", 0)) } == nil
                    }
                }
                let ids = try await eventually {
                    let lines = try server.command("CLIENT", "LIST").split(separator: "\n").filter {
                        $0.contains("cmd=blpop")
                    }
                    guard lines.count == 2 else { throw NotYet() }
                    return lines.compactMap { $0.split(separator: " ").first?.dropFirst("id=".count) }.map(String.init)
                }
                try server.command("CLIENT", "KILL", "ID", ids[0])
                let first = try await tasks.next()
                #expect(first == false)
                for key in keys { try server.command("LPUSH", "{\(key)}", "x") }
                let second = try await tasks.next()
                #expect(second == true)
            }
            await client.shutdown()
        }
        try await group.shutdownGracefully()
    }
}
