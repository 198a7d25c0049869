import NIOCore
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeRedis

@Suite struct Subscriptions {
    private func subscribers(_ server: RedisServerProcess) throws -> [String] {
        try server.command("CLIENT", "LIST", "TYPE", "pubsub").split(separator: "\n").map(String.init)
    }

    @Test func bringMessagesOfChannelsAndPatternsInOrder() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                var iterator = client.subscribe(to: ["news", "news"], patterns: ["w*"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                for index in 0..<50 {
                    try server.command("PUBLISH", index.isMultiple(of: 2) ? "news" : "weather", "\(index)")
                }
                for index in 0..<50 {
                    guard case .message(let message) = try await iterator.next() else {
                        Issue.record("no message")
                        return
                    }
                    #expect(message.text == "\(index)")
                    #expect(message.channel == (index.isMultiple(of: 2) ? "news" : "weather"))
                    #expect(message.pattern == (index.isMultiple(of: 2) ? nil : "w*"))
                }
            }
        }
    }

    @Test func haveAConnectionOfTheirOwn() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                let id = try await client.send(RedisCommand("CLIENT", "ID", key: nil)).int
                var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                #expect(try subscribers(server).count == 1)
                #expect(try subscribers(server).first?.hasPrefix("id=\(id ?? 0) ") == false)
                // The others go on while it is subscribed.
                try await client.ping()
                #expect(try await client.send(RedisCommand("CLIENT", "ID", key: nil)).int == id)
                #expect(client.commandsInFlight == 0)
            }
        }
    }

    @Test func subscribeAgainAfterALossAndTellTheGap() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                for round in 0..<3 {
                    try server.command("CLIENT", "KILL", "TYPE", "pubsub")
                    #expect(try await iterator.next() == .interrupted)
                    #expect(try await iterator.next() == .resubscribed)
                    try server.command("PUBLISH", "news", "\(round)")
                    #expect(
                        try await iterator.next()
                            == .message(RedisMessage(channel: "news", payload: ByteBuffer(string: "\(round)")))
                    )
                }
            }
        }
    }

    @Test func outliveARestartOfTheServer() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                server.kill()
                #expect(try await iterator.next() == .interrupted)
                try server.restart()
                #expect(try await iterator.next() == .resubscribed)
            }
        }
    }

    @Test func waitForAServerThatIsNotThereYet() async throws {
        try await withRedisServer { server in
            server.kill()
            try await withClient(server.url) { client in
                let first = Shared<RedisSubscriptionEvent?>(nil)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                        let event = try await iterator.next()
                        first.change { $0 = event }
                    }
                    try await until { client.subscriptions.count == 1 }
                    try server.restart()
                    try await tasks.waitForAll()
                }
                #expect(first.value == .subscribed)
            }
        }
    }

    @Test func endAndCloseWhenTheirTaskIsCancelled() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let isSubscribed = Shared(false)
                try await withThrowingTaskGroup(of: Int.self) { tasks in
                    tasks.addTask {
                        var count = 0
                        for try await event in client.subscribe(to: ["news"]) {
                            if event == .subscribed { isSubscribed.change { $0 = true } }
                            count += 1
                        }
                        return count
                    }
                    try await until { isSubscribed.value }
                    tasks.cancelAll()
                    let count = try await tasks.next()
                    #expect(count == 1)
                }
                try await until { try subscribers(server).isEmpty }
                #expect(client.subscriptions.count == 0)
            }
        }
    }

    @Test func endAndCloseWhenTheirIteratorIsLetGo() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                for try await event in client.subscribe(to: ["news"]) where event == .subscribed { break }
                try await until { try subscribers(server).isEmpty }
                #expect(client.subscriptions.count == 0)
            }
        }
    }

    @Test func endWithTheClientAndBeginNoMoreAfterIt() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                await client.shutdown()
                #expect(try await iterator.next() == nil)
                let error = await redisError {
                    var late = client.subscribe(to: ["news"]).makeAsyncIterator()
                    return try await late.next() as Any
                }
                #expect(error?.code == .shutDown)
                try await until { try subscribers(server).isEmpty }
            }
        }
    }

    @Test func thatTheServerRefusesThrow() async throws {
        var options = RedisServerOptions()
        options.users = ["app on >secret ~* +@all resetchannels &mine"]
        try await withRedisServer(options) { server in
            try await withClient(server.url.replacing("redis://", with: "redis://app:secret@")) { client async throws in
                var allowed = client.subscribe(to: ["mine"]).makeAsyncIterator()
                #expect(try await allowed.next() == .subscribed)
                let refused = await redisError {
                    var iterator = client.subscribe(to: ["others"]).makeAsyncIterator()
                    return try await iterator.next() as Any
                }
                #expect(refused?.serverCode == "NOPERM")
            }
            try await withClient(server.url.replacing("redis://", with: "redis://app:wrong@")) { client in
                let refused = await redisError {
                    var iterator = client.subscribe(to: ["mine"]).makeAsyncIterator()
                    return try await iterator.next() as Any
                }
                #expect(refused?.code == .authenticationFailed)
            }
            try await withClient(server.url) { client in
                let empty = await redisError {
                    var iterator = client.subscribe().makeAsyncIterator()
                    return try await iterator.next() as Any
                }
                #expect(empty?.code == .invalidCommand)
            }
        }
    }

    @Test func stopReadingWhileTheConsumerLagsAndLoseNothing() async throws {
        try await withRedisServer { server in
            try server.command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 0 0")
            try await withClient(server.url) { client in
                var iterator = client.subscribe(to: ["news"], buffer: 8).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                let size = 100_000
                let count = 300
                let script =
                    "for i = 1, tonumber(ARGV[1]) do redis.call('publish', 'news', i .. ':' .. string.rep('x', tonumber(ARGV[2]))) end"
                try server.command("EVAL", script, "0", "\(count)", "\(size)")
                // What the client does not read stays at the server: 30 MB are more than all socket buffers hold.
                #expect(try waitsAtServer(server) > 10_000_000)
                for index in 1...count {
                    guard case .message(let message) = try await iterator.next() else {
                        Issue.record("no message")
                        return
                    }
                    #expect(message.payload.readableBytes == "\(index):".utf8.count + size)
                    #expect(message.text.hasPrefix("\(index):"))
                }
                try server.command("PUBLISH", "news", "last")
                #expect(
                    try await iterator.next()
                        == .message(RedisMessage(channel: "news", payload: ByteBuffer(string: "last")))
                )
            }
        }
    }

    /// The bytes that the server holds for its only subscriber, once they no longer become less.
    private func waitsAtServer(_ server: RedisServerProcess) throws -> Int {
        var last = Int.max
        while true {
            let fields = try subscribers(server).first?.split(separator: " ") ?? []
            let bytes = fields.first { $0.hasPrefix("omem=") }.flatMap { Int($0.dropFirst("omem=".count)) } ?? 0
            if bytes >= last { return bytes }
            last = bytes
        }
    }

    @Test func aServerThatThrowsOutASlowConsumerIsAskedAgainWhenItHasCaughtUp() async throws {
        try await withRedisServer { server in
            try server.command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 1mb 1")
            try await withClient(server.url) { client in
                var iterator = client.subscribe(to: ["news"], buffer: 4).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                let script = "for i = 1, 300 do redis.call('publish', 'news', string.rep('x', 100000)) end"
                try server.command("EVAL", script, "0")
                var events: [RedisSubscriptionEvent] = []
                while events.last != .resubscribed, let event = try await iterator.next() { events.append(event) }
                #expect(events.contains(.interrupted))
                #expect(events.last == .resubscribed)
                try server.command("PUBLISH", "news", "after")
                #expect(
                    try await iterator.next()
                        == .message(RedisMessage(channel: "news", payload: ByteBuffer(string: "after")))
                )
            }
        }
    }

    @Test func ofOldServersComeAsArrays() async throws {
        try await FakeServer.with { _, words in
            switch words.first {
            case "HELLO": .bytes("-ERR unknown command `HELLO`\r\n")
            case "INFO": .bytes("$22\r\nredis_version:4.0.14\r\n\r\n")
            case "SUBSCRIBE":
                .bytes("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n")
            case "PING": .bytes("*2\r\n$4\r\npong\r\n$0\r\n\r\n*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nlater\r\n")
            default: .bytes("+OK\r\n")
            }
        } _: { server in
            try await withClient(
                server.url,
                change: {
                    $0.keepAlive = .milliseconds(50)
                    $0.commandTimeout = .milliseconds(100)
                }
            ) { client async throws in
                var iterator = client.subscribe(to: ["c"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                for text in ["hi", "later", "later"] {
                    #expect(
                        try await iterator.next()
                            == .message(RedisMessage(channel: "c", payload: ByteBuffer(string: text)))
                    )
                }
                #expect(server.connections == 1)
            }
        }
    }

    @Test func onAConnectionThatFallsSilentAreMadeAgain() async throws {
        let script = FakeServer.greeted { connection, words in
            switch words.first {
            case "SUBSCRIBE": .bytes(">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
            default: connection == 0 ? .nothing : .bytes("+PONG\r\n")
            }
        }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: {
                    $0.keepAlive = .milliseconds(50)
                    $0.commandTimeout = .milliseconds(100)
                }
            ) { client in
                var iterator = client.subscribe(to: ["c"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                #expect(try await iterator.next() == .interrupted)
                #expect(try await iterator.next() == .resubscribed)
                #expect(server.connections == 2)
                // A server that answers keeps its connection.
                try await until { server.commands.filter { $0 == ["PING"] }.count > 3 }
                #expect(server.connections == 2)
            }
        }
    }
}
