import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct Observers {
    @Test(arguments: [
        ("get", RedisCommandFamily.read), ("ZRANGE", .read), ("OBJECT", .read), ("SET", .write), ("GETEX", .write),
        ("EVALSHA", .script), ("FUNCTION", .script), ("PUBLISH", .pubsub), ("PING", .admin), ("INFO", .admin),
        ("DBSIZE", .admin), ("MULTI", .other), ("JSON.GET", .other), ("", .other),
    ]) func everyCommandHasAFamily(name: String, family: RedisCommandFamily) {
        #expect(RedisCommandFamily(of: name) == family)
    }

    @Test func aPipelineIsOneOperation() {
        let same = RedisOperation([RedisCommand("GET", "a"), RedisCommand("GET", "b")], database: 3)
        #expect(same.name == "PIPELINE GET" && same.family == .read && same.commandCount == 2 && same.database == 3)
        let reads = RedisOperation([RedisCommand("GET", "a"), RedisCommand("TTL", "b")], database: 0)
        #expect(reads.name == "PIPELINE" && reads.family == .read)
        let mixed = RedisOperation([RedisCommand("GET", "a"), RedisCommand("SET", "b", "c")], database: 0)
        #expect(mixed.name == "PIPELINE" && mixed.family == .other)
        #expect(RedisOperation([RedisCommand](), database: 0).family == .other)
    }

    @Test func aPipelineOfOneCommandIsThatCommand() {
        let one = RedisOperation([RedisCommand("GET", "a")], database: 0)
        #expect(one == RedisOperation(RedisCommand("GET", "a"), database: 0))
        #expect(RedisOperation([RedisCommand](), database: 0).name == "PIPELINE")
    }

    @Test func twoAsOneAreBothToldWithTheirOwnContext() async throws {
        let (first, second) = (RecordingObserver(), RecordingObserver())
        // So that the two have different contexts.
        _ = second.operationStarted(RedisOperation(RedisCommand("PING", key: nil), database: 0))
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.observer = first.and(second) }) { client in
                _ = try await client.send(RedisCommand("GET", "k"))
            }
        }
        #expect(first.record.ended.map(\.number) == [1] && second.record.ended.map(\.number) == [2])
        #expect(first.record.ended.first?.end == second.record.ended.first?.end)
        #expect(first.record.changes == second.record.changes && !first.record.changes.isEmpty)
        let error = RedisError(.connectionLost, phase: .reply, message: "")
        first.and(second).repeated(RedisRepetition(kind: .retry, error: error))
        #expect(first.record.repetitions.count == 1 && second.record.repetitions.count == 1)
    }

    @Test func aConnectionThatItsClientEndsIsNotLost() async throws {
        let observer = RecordingObserver()
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    $0.observer = observer
                    $0.maximumConnections = 1
                }
            ) { client in
                try await client.ping()
                try server.command("CLIENT", "KILL", "TYPE", "normal")
                try await until { client.figures.reconnects == 1 }
            }
        }
        let ends = observer.record.changes.filter { !$0.isOpen }
        #expect(ends.map(\.error?.code) == [.connectionLost, nil])
    }

    @Test func contentIsCountedWithoutTheProtocol() {
        let value = RESPValue.array([.bulk(ByteBuffer(string: "abc")), .null, .integer(1), .simple("OK")])
        #expect(value.contentBytes == 13)
        #expect(RESPValue.map(RESPMap([(.simple("k"), .boolean(true))])).contentBytes == 2)
    }

    @Test func hearEachOperationOnceWithItsEnd() async throws {
        let observer = RecordingObserver()
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.observer = observer }) { client in
                _ = try await client.send(RedisCommand("SET", "k", "value"))
                _ = try await client.execute(Redis.Get("k"))
                let error = await redisError { try await client.send(RedisCommand("LPUSH", "k", "x")) }
                _ = try await client.pipeline([RedisCommand("GET", "k"), RedisCommand("GET", "k")])
                _ = try await client.send(RedisCommand("GET", "k"), lane: .bulk)
                let task = Task { try await client.send(RedisCommand("GET", "k")) }
                task.cancel()
                _ = await task.result

                let record = observer.record
                #expect(record.started == 6 && record.ended.map(\.number).sorted() == Array(1...6))
                let names = record.ended.map(\.operation.name)
                #expect(names == ["SET", "GET", "LPUSH", "PIPELINE GET", "GET", "GET"])
                let families = record.ended.map(\.operation.family)
                #expect(families == [.write, .read, .write, .read, .read, .read])
                #expect(record.ended.map(\.end.replyBytes).prefix(5) == [2, 5, 0, 10, 5])
                #expect(record.ended[2].end.error == error && error?.serverCode == "WRONGTYPE")
                #expect(
                    record.ended[0].operation.requestBytes == RedisCommand("SET", "k", "value").encoded.readableBytes
                )
                for (_, end, _) in record.ended {
                    #expect(end.duration >= .zero)
                    #expect(end.server?.address == "127.0.0.1" && end.server?.port == server.port)
                }
            }
        }
        let changes = observer.record.changes
        #expect(changes.filter(\.isOpen).count == changes.count { !$0.isOpen })
    }

    @Test func hearOfACancelledCallThatItWasCancelled() async throws {
        let observer = RecordingObserver()
        try await FakeServer.with({ _, words in
            words.first == "HELLO" ? .bytes(FakeServer.greeting) : words.first == "GET" ? .nothing : .bytes("+OK\r\n")
        }) { server in
            try await withClient(server.url, change: { $0.observer = observer }) { client in
                let task = Task { try await client.send(RedisCommand("GET", "k")) }
                try await until { server.commands.contains(["GET", "k"]) }
                task.cancel()
                _ = await task.result
                let end = observer.record.ended.first?.end
                #expect(end?.isCancelled == true && end?.error == nil)
            }
        }
    }

    @Test func hearOfRetriesAndReconnectsThatTheFiguresCount() async throws {
        let observer = RecordingObserver()
        let first = Shared(true)
        try await FakeServer.with({ _, words in
            switch words.first {
            case "HELLO": return .bytes(FakeServer.greeting)
            case "GET":
                let isFirst = first.value
                first.change { $0 = false }
                return isFirst ? .last("") : .bytes("$1\r\nv\r\n")
            default: return .bytes("+OK\r\n")
            }
        }) { server in
            try await withClient(
                server.url,
                change: {
                    $0.observer = observer
                    $0.maximumConnections = 1
                }
            ) { client in
                let value = try await client.execute(Redis.Get("k"))
                #expect(value == ByteBuffer(string: "v"))
                let record = observer.record
                // One operation, however many attempts.
                #expect(record.ended.count == 1 && record.ended.first?.end.error == nil)
                #expect(record.repetitions.map(\.kind) == [.retry])
                #expect(record.repetitions.first?.error.code == .connectionLost)
                #expect(record.changes.map(\.isOpen) == [true, false, true])
                #expect(record.changes.map(\.isReconnect) == [false, false, true])
                let figures = client.figures
                #expect(figures.openConnections == 1 && figures.connectionsOpened == 2 && figures.reconnects == 1)
                #expect(figures.retries == 1 && figures.redirects == 0 && figures.commandsInFlight == 0)
                await client.shutdown()
                #expect(client.figures.openConnections == 0)
            }
        }
    }

    @Test func figuresAreKeptWhenNobodyListens() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                #expect(
                    client.figures
                        == RedisClientFigures(
                            openConnections: 0,
                            connectionsOpened: 0,
                            reconnects: 0,
                            commandsInFlight: 0,
                            retries: 0,
                            redirects: 0
                        )
                )
                try await client.ping()
                #expect(client.observer == nil)
                #expect(client.figures.openConnections == 1)
                try server.command("CLIENT", "KILL", "TYPE", "normal")
                try await until { client.figures.reconnects >= 1 && client.figures.openConnections == 1 }
            }
        }
    }
}
