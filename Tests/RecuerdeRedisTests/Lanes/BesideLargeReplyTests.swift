import NIOCore
import NIOPosix
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Scenario 59: what is large is read over the bulk lane, and fifty small callers go on meanwhile.
@Suite struct SmallCommandsBesideALargeReply {
    @Test func scenario59AreAllAnsweredWhileItIsHalfThere() async throws {
        let half = String(repeating: "x", count: 1 << 20)
        try await FakeServer.with(
            FakeServer.greeted { _, words in
                switch words {
                case ["GET", "large"]: .bytes("$\(2 * half.utf8.count)\r\n" + half)
                case ["GET", "rest"]: .bytes(half + "\r\n+sent\r\n")
                default: .bytes("$\(words.last?.utf8.count ?? 0)\r\n\(words.last ?? "")\r\n")
                }
            }
        ) { server in
            try await withClient(
                server.url,
                change: {
                    $0.maximumConnections = 1
                    $0.maximumBulkConnections = 1
                    $0.commandTimeout = .seconds(60)
                }
            ) { client in
                async let large = client.send(RedisCommand("GET", "large"), lane: .bulk)
                try await until { server.commands.contains(["GET", "large"]) }
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for task in 0..<50 {
                        tasks.addTask {
                            for index in 0..<20 {
                                let key = "\(task):\(index)"
                                let value = try await client.send(RedisCommand("GET", key))
                                #expect(value.string == key)
                            }
                        }
                    }
                    try await tasks.waitForAll()
                }
                // Only now is the second half sent: none of the small ones can have waited for it.
                #expect(try await client.send(RedisCommand("GET", "rest"), lane: .bulk).string == "sent")
                #expect(try await large.buffer?.readableBytes == 2 * half.utf8.count)
            }
        }
    }

    /// All connections on one event loop, which reads a part of the large reply at a time.
    @Test(arguments: ["value", "list"])
    func scenario59GoOnOnTheLoopThatReadsIt(key: String) async throws {
        try await withRedisServer { server in
            let script =
                key == "list"
                ? "for i = 1, 10000 do redis.call('RPUSH', KEYS[1], unpack(ARGV)) end return redis.call('LLEN', KEYS[1])"
                : "redis.call('SET', KEYS[1], string.rep('x', tonumber(ARGV[1]))) return redis.call('STRLEN', KEYS[1])"
            let arguments = key == "list" ? (0..<100).map { "\($0)" } : ["\(100 << 20)"]
            let size = try server.command(["EVAL", script, "1", key] + arguments)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            var configuration = RedisConfiguration(url: try RedisURL(server.url))
            configuration.commandTimeout = .seconds(60)
            let client = RedisClient(configuration: configuration, eventLoopGroup: group, logger: quiet)
            let isOver = Shared(false)
            let during = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    defer { isOver.change { $0 = true } }
                    let command = key == "list" ? RedisCommand("LRANGE", key, 0, -1) : RedisCommand("GET", key)
                    let reply = try await client.send(command, lane: .bulk)
                    #expect((reply.elements?.count ?? reply.buffer?.readableBytes) == Int(size))
                }
                for task in 0..<50 {
                    tasks.addTask {
                        while !isOver.value {
                            let reply = try await client.send(RedisCommand("ECHO", task, key: nil))
                            #expect(reply.int == task)
                            if !isOver.value { during.change { $0 += 1 } }
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            // Each of them several times: had they waited for it, none would have been answered before it is over.
            #expect(during.value >= 200, "\(during.value)")
            await client.shutdown()
            try await group.shutdownGracefully()
        }
    }
}

@Suite struct LoopsOfLanes {
    @Test(arguments: [
        ([0, 1, 2], 1, [1, 2, 0]), ([0, 1, 2], 3, [2, 1, 0]), ([0], 1, [0]), ([0, 1], 1, [1, 0]), ([], 1, []),
        ([0, 1], 7, [1, 0]), ([0, 1], -1, [0, 1]),
    ]) func areThoseWithoutUsualConnectionsFirst(loops: [Int], usual: Int, order: [Int]) {
        #expect(LaneLoops.order(loops, usual: usual) == order)
    }
}

@Suite struct HeavyReplyLists {
    private let limits = RESPParser.Limits(replyBytes: 1 << 24, depth: 8)
    private let list = "*20000\r\n" + String(repeating: "$8\r\nelement.\r\n", count: 20_000)

    /// The size of the largest reply of one read.
    private func heaviest(_ text: String) throws -> Int {
        var parser = RESPParser(limits: limits)
        parser.append(ByteBuffer(string: text))
        while try parser.next() != nil {}
        let heaviest = parser.takeHeaviest()
        #expect(parser.takeHeaviest() == 0)
        return heaviest
    }

    @Test func areKnownWhereverInAReadTheyStand() throws {
        #expect(try heaviest(list) >= HeavyReplies.bytes)
        #expect(try heaviest("+OK\r\n" + list + "+OK\r\n") >= HeavyReplies.bytes)
        #expect(try heaviest("*2\r\n:1\r\n" + list) >= HeavyReplies.bytes)
        #expect(try heaviest(String(repeating: "$8\r\nelement.\r\n", count: 100_000)) < HeavyReplies.bytes)
        #expect(try heaviest("*2\r\n:1\r\n$1\r\nx\r\n") < HeavyReplies.bytes)
    }

    @Test func areGivenOutWhenTheirConnectionEndsInTheMiddle() throws {
        var parser = RESPParser(limits: limits)
        parser.append(ByteBuffer(string: String(list.dropLast(20)) + "$100\r\nx"))
        #expect(try parser.next() == nil)
        #expect(parser.heldBytes >= 19_000 * MemoryLayout<RESPValue>.stride)
        let held = parser.abandon()
        #expect(held.first?.elements?.count ?? 0 >= 19_000)
        #expect(parser.heldBytes == 0)
        #expect(parser.isInsideReply == false)
    }

    @Test func areLetGoOf() {
        var values: [RESPValue] = [.array(Array(repeating: .integer(1), count: 20_000)), .null]
        HeavyReplies.letGo(&values)
        #expect(values.isEmpty)
    }
}
