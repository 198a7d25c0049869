import NIOCore
import Testing

@testable import RecuerdeRedis

/// What real clusters do at moments that tests cannot choose.
@Suite struct AClusterOfFakes {
    /// The reply of CLUSTER SHARDS for masters of loopback that share the slots evenly.
    static func shards(_ ports: [Int]) -> String {
        let share = 16384 / max(1, ports.count)
        let shards = ports.enumerated().map { number, port in
            let last = number == ports.count - 1 ? 16383 : (number + 1) * share - 1
            return "%2\r\n+slots\r\n*2\r\n:\(number * share)\r\n:\(last)\r\n+nodes\r\n*1\r\n"
                + "%3\r\n+endpoint\r\n+127.0.0.1\r\n+port\r\n:\(port)\r\n+role\r\n+master\r\n"
        }
        return "*\(shards.count)\r\n\(shards.joined())"
    }

    /// A node that knows the topology, and answers all else by another script.
    static func node(_ ports: Shared<[Int]>, _ script: @escaping FakeServer.Script) -> FakeServer.Script {
        FakeServer.greeted { connection, words in
            switch words.first {
            case "CLUSTER": .bytes(shards(ports.value))
            case "ASKING": .bytes("+OK\r\n")
            case "PING": .bytes("+PONG\r\n")
            default: script(connection, words)
            }
        }
    }

    static func url(_ servers: FakeServer...) -> String {
        "redis+cluster://" + servers.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
    }

    static func withNode(
        change: (inout RedisConfiguration) -> Void = { _ in },
        _ script: @escaping FakeServer.Script,
        _ body: (RedisClusterClient, FakeServer) async throws -> Void
    ) async throws {
        let ports = Shared<[Int]>([])
        try await FakeServer.with(node(ports, script)) { server in
            ports.change { $0 = [server.port] }
            try await withClusterClient(url(server), change: { configuration, _ in change(&configuration) }) { client in
                try await body(client, server)
            }
        }
    }

    /// Names of what was sent, without the questions of the client itself.
    private func names(_ server: FakeServer) -> [String] {
        server.commands.compactMap(\.first).filter { $0 != "CLUSTER" && $0 != "PING" }
    }

    @Test func sendsABlockingCommandOnByASKOverAConnectionOfItsOwn() async throws {
        let ports = Shared<[Int]>([])
        let connections = Shared<[String: Int]>([:])
        let target = Self.node(ports) { connection, words in
            connections.change { $0[words.first ?? ""] = connection }
            return words.first == "BLPOP" ? .nothing : .bytes("+v\r\n")
        }
        try await FakeServer.with(target) { target in
            let ask = "-ASK \(slot(of: "k")) 127.0.0.1:\(target.port)\r\n"
            try await FakeServer.with(Self.node(ports) { _, _ in .bytes(ask) }) { source in
                ports.change { $0 = [source.port] }
                try await withClusterClient(
                    Self.url(source),
                    change: { configuration, _ in configuration.maximumConnections = 1 }
                ) { client in
                    let waiting = Task { try await client.send(RedisCommand("BLPOP", "k", 0), timeout: .seconds(60)) }
                    try await until { connections.value["BLPOP"] != nil }
                    #expect(try await client.send(RedisCommand("GET", "k")).string == "v")
                    #expect(connections.value["BLPOP"] != connections.value["GET"])
                    #expect(names(target) == ["ASKING", "BLPOP", "ASKING", "GET"])
                    waiting.cancel()
                    await #expect(throws: CancellationError.self) { try await waiting.value }
                }
            }
        }
    }

    @Test func scenario48ClosesTheConnectionsToANodeThatHasLeft() async throws {
        let ports = Shared<[Int]>([])
        try await FakeServer.with(Self.node(ports) { _, _ in .bytes("+second\r\n") }) { second in
            let moved = Shared("")
            let script = Self.node(ports) { _, _ in .bytes(moved.value.isEmpty ? "+first\r\n" : moved.value) }
            try await FakeServer.with(script) { first in
                ports.change { $0 = [first.port, second.port] }
                try await withClusterClient(Self.url(first)) { client in
                    let low = keys("low", in: 0...100, count: 1)[0]
                    let high = keys("high", in: 16000...16383, count: 1)[0]
                    #expect(try await client.send(RedisCommand("GET", low)).string == "first")
                    #expect(try await client.send(RedisCommand("GET", high)).string == "second")
                    // The first node has gone, and whoever asks it for its slot is told so.
                    ports.change { $0 = [second.port] }
                    moved.change { $0 = "-MOVED \(slot(of: low)) 127.0.0.1:\(second.port)\r\n" }
                    #expect(try await client.send(RedisCommand("GET", low)).string == "second")
                    try await until { first.openConnections == 0 && first.connections > 0 }
                    #expect(client.nodes.clientCount == 1)
                    #expect(try await client.send(RedisCommand("GET", high)).string == "second")
                }
            }
        }
    }

    @Test func getsTheReplyOfABlockingCommandAfterASKING() async throws {
        let ports = Shared<[Int]>([])
        try await FakeServer.with(Self.node(ports) { _, _ in .bytes("*2\r\n+k\r\n+v\r\n") }) { target in
            let ask = "-ASK \(slot(of: "k")) 127.0.0.1:\(target.port)\r\n"
            try await FakeServer.with(Self.node(ports) { _, _ in .bytes(ask) }) { source in
                ports.change { $0 = [source.port] }
                try await withClusterClient(Self.url(source)) { client in
                    for _ in 0..<2 {
                        let reply = try await client.send(RedisCommand("BLPOP", "k", 0))
                        #expect(reply.elements?.map(\.string) == ["k", "v"])
                    }
                    #expect(client.nodes.commandsInFlight == 0)
                }
            }
        }
    }

    @Test func namesTheRightWhenASKINGBeforeABlockingCommandIsRefused() async throws {
        let ports = Shared<[Int]>([])
        let blocked = Shared<Swift.Set<Int>>([])
        let target = FakeServer.greeted { connection, words in
            switch words.first {
            case "CLUSTER": return .bytes(Self.shards(ports.value))
            case "ASKING": return .bytes("-NOPERM this user has no permissions to run the 'asking' command\r\n")
            default:
                blocked.change { $0.insert(connection) }
                return .bytes("-MOVED \(slot(of: "k")) 127.0.0.1:\(ports.value.first ?? 0)\r\n")
            }
        }
        try await FakeServer.with(target) { target in
            let ask = "-ASK \(slot(of: "k")) 127.0.0.1:\(target.port)\r\n"
            try await FakeServer.with(Self.node(ports) { _, _ in .bytes(ask) }) { source in
                ports.change { $0 = [source.port] }
                try await withClusterClient(Self.url(source)) { client in
                    for _ in 0..<2 {
                        let error = await redisError { try await client.send(RedisCommand("BLPOP", "k", 0)) }
                        #expect(error?.serverCode == "NOPERM")
                        #expect(error?.message.contains("+asking") == true, "\(error?.message ?? "")")
                    }
                    // It was answered, so that its connection is as good as before.
                    #expect(blocked.value.count == 1)
                }
            }
        }
    }

    @Test func repeatsATransactionThatWasAbortedAsAWhole() async throws {
        let rounds = Shared(0)
        let script: FakeServer.Script = { _, words in
            switch words.first {
            case "MULTI":
                rounds.change { $0 += 1 }
                return .bytes("+OK\r\n")
            case "INCR": return .bytes(rounds.value == 1 ? "-TRYAGAIN keys are apart\r\n" : "+QUEUED\r\n")
            default: return .bytes(rounds.value == 1 ? "-EXECABORT discarded\r\n" : "*1\r\n:1\r\n")
            }
        }
        try await Self.withNode(script) { client, server in
            let results = try await client.pipeline([
                RedisCommand("MULTI", key: nil), RedisCommand("INCR", "k"), RedisCommand("EXEC", key: nil),
            ])
            #expect(try results.map { try $0.get() } == [.simple("OK"), .simple("QUEUED"), .array([.integer(1)])])
            #expect(names(server) == ["MULTI", "INCR", "EXEC", "MULTI", "INCR", "EXEC"])
        }
    }

    @Test func sendsNothingOfATransactionAloneWhenItsServerHasExecutedTheRest() async throws {
        let script: FakeServer.Script = { _, words in
            switch words.first {
            case "MULTI": .bytes("+OK\r\n")
            case "INCR": .bytes("-TRYAGAIN keys are apart\r\n")
            default: .bytes("*0\r\n")
            }
        }
        try await Self.withNode(script) { client, server in
            let results = try await client.pipeline([
                RedisCommand("MULTI", key: nil), RedisCommand("INCR", "k"), RedisCommand("EXEC", key: nil),
            ])
            let error = await redisError { try results[1].get() }
            #expect(error?.serverCode == "TRYAGAIN")
            #expect(names(server) == ["MULTI", "INCR", "EXEC"])
        }
    }

    @Test func sendsATransactionToOneNodeUndivided() async throws {
        let ports = Shared<[Int]>([])
        let script = Self.node(ports) { _, _ in .bytes("+OK\r\n") }
        try await FakeServer.with(script) { low in
            try await FakeServer.with(script) { high in
                ports.change { $0 = [low.port, high.port] }
                // The slots of a and b are in the upper and in the lower half.
                #expect(slot(of: "a") >= 8192 && slot(of: "b") < 8192)
                try await withClusterClient(Self.url(low)) { client in
                    _ = try await client.pipeline([
                        RedisCommand("GET", "b"), RedisCommand("MULTI", key: nil), RedisCommand("DEL", "a", "b"),
                        RedisCommand("EXEC", key: nil),
                    ])
                }
                #expect(names(low) == ["GET"])
                #expect(names(high) == ["MULTI", "DEL", "EXEC"])
                #expect(high.commands.contains(["DEL", "a", "b"]))
            }
        }
    }

    @Test func repeatsNothingWhenTheConfigurationSaysSo() async throws {
        try await Self.withNode(change: { $0.retry = .never }, { _, _ in .bytes("-LOADING wait\r\n") }) {
            client,
            server in
            let error = await redisError { try await client.send(RedisCommand("GET", "k")) }
            #expect(error?.serverCode == "LOADING")
            let results = try await client.pipeline([RedisCommand("GET", "k"), RedisCommand("GET", "l")])
            #expect(results.allSatisfy { if case .failure = $0 { true } else { false } })
            #expect(names(server) == ["GET", "GET", "GET"])
        }
    }

    @Test func sendsNoMoreRepetitionsThanTheBudgetAllows() async throws {
        let change: (inout RedisConfiguration) -> Void = { configuration in
            configuration.retry.reserve = 3
            configuration.retry.share = 0
            configuration.retry.firstPause = .milliseconds(1)
            configuration.retry.longestPause = .milliseconds(2)
        }
        try await Self.withNode(change: change, { _, _ in .bytes("-BUSY a script runs\r\n") }) { client, server in
            let commands = (0..<40).map { RedisCommand("SET", "k\($0)", "v") }
            let results = try await client.pipeline(commands, timeout: .milliseconds(400))
            #expect(results.count == 40)
            for result in results {
                let error = await redisError { try result.get() }
                #expect(error?.serverCode == "BUSY")
            }
            // Three in reserve, and what comes back of it within half a second, or in far more on a slow machine.
            #expect((41...60).contains(names(server).count), "\(names(server).count)")
        }
    }

    @Test func scansWithinTheDeadlineOfTheCaller() async throws {
        let isSlow = Shared(false)
        let ports = Shared<[Int]>([])
        let script = FakeServer.greeted { _, words in
            let text = words.first == "SCAN" ? "*2\r\n+0\r\n*0\r\n" : Self.shards(ports.value)
            return isSlow.value ? .later(text, 700) : .bytes(text)
        }
        try await FakeServer.with(script) { server in
            ports.change { $0 = [server.port] }
            try await withClusterClient(Self.url(server)) { client in
                let page = try await client.scan(pattern: "*", cursor: nil, count: 10)
                #expect(page.cursor == nil)
                isSlow.change { $0 = true }
                let error = await redisError {
                    try await client.scan(pattern: "*", cursor: nil, count: 10, timeout: .seconds(1))
                }
                #expect(error?.code == .deadlineExceeded)
            }
        }
    }

    @Test func connectsWithinItsTimeoutTopologyIncluded() async throws {
        let ports = Shared<[Int]>([])
        let slowToGreet: FakeServer.Script = { _, words in
            words.first == "HELLO" ? .later(FakeServer.greeting, 700) : .bytes("+OK\r\n")
        }
        try await FakeServer.with(slowToGreet) { master in
            ports.change { $0 = [master.port] }
            let seed = FakeServer.greeted { _, _ in .later(Self.shards(ports.value), 700) }
            try await FakeServer.with(seed) { seed in
                let change: (inout RedisConfiguration, inout RedisClusterOptions) -> Void = { configuration, _ in
                    configuration.connectTimeout = .seconds(1)
                }
                try await withClusterClient(Self.url(seed), change: change) { client in
                    let error = await redisError { try await client.connect() }
                    #expect(error != nil)
                }
            }
        }
    }
}
