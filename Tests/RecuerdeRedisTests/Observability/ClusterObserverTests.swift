import NIOCore
import Testing

@testable import RecuerdeRedis

/// However many nodes and attempts a call takes, it is one operation.
@Suite struct AnObserverOfACluster {
    private let observer = RecordingObserver()

    /// A cluster of two masters; the first one answers by a script, the second one always with a value.
    private func withTwoNodes(
        change: (inout RedisConfiguration) -> Void = { _ in },
        _ script: @escaping @Sendable (_ words: [String], _ other: Int) -> FakeServer.Answer,
        _ body: (RedisClusterClient, _ first: FakeServer, _ second: FakeServer) async throws -> Void
    ) async throws {
        let ports = Shared<[Int]>([])
        let second = AClusterOfFakes.node(ports) { _, words in
            words.first == "SCAN" ? .bytes("*2\r\n+0\r\n*1\r\n+high\r\n") : .bytes("$1\r\nv\r\n")
        }
        try await FakeServer.with(second) { second in
            let other = second.port
            let first = AClusterOfFakes.node(ports) { _, words in script(words, other) }
            try await FakeServer.with(first) { first in
                ports.change { $0 = [first.port, second.port] }
                try await withClusterClient(
                    AClusterOfFakes.url(first),
                    change: { configuration, _ in
                        configuration.observer = observer
                        change(&configuration)
                    }
                ) { client in
                    try await body(client, first, second)
                }
            }
        }
    }

    /// Every start has its end; returns the ends.
    private func operations() -> [(operation: RedisOperation, end: RedisOperationEnd, number: Int)] {
        let record = observer.record
        #expect(record.ended.map(\.number).sorted() == (0..<record.started).map { $0 + 1 })
        return record.ended
    }

    // Slots of the first node are below 8192.
    private let low = keys("low", in: 0...8191, count: 1)[0]
    private let high = keys("high", in: 8192...16383, count: 1)[0]

    @Test(arguments: [("MOVED", RedisRepetition.Kind.moved), ("ASK", .ask)])
    func hearsOfARedirectedCommandOnceAndOfTheRedirect(word: String, kind: RedisRepetition.Kind) async throws {
        let slot = slot(of: low)
        try await withTwoNodes({ _, other in .bytes("-\(word) \(slot) 127.0.0.1:\(other)\r\n") }) {
            client,
            first,
            second in
            let value = try await client.send(RedisCommand("GET", low))
            #expect(value.string == "v")
            let ended = operations()
            #expect(ended.map(\.operation.name) == ["GET"] && ended.first?.end.error == nil)
            #expect(ended.first?.end.replyBytes == 1)
            // MOVED has changed the table, ASK has not.
            #expect(ended.first?.end.server?.port == (kind == .moved ? second.port : first.port))
            #expect(observer.record.repetitions.map(\.kind) == [kind])
            #expect(observer.record.repetitions.first?.error.serverCode == word)
            #expect(client.figures.redirects == 1 && client.figures.retries == 0)
        }
    }

    @Test func hearsOfEachRetryAlsoWithoutATokenOfTheBudget() async throws {
        let refusals = Shared(42)
        let change: (inout RedisConfiguration) -> Void = { configuration in
            // Of these, four a second come back.
            configuration.retry.reserve = 40
            configuration.retry.share = 0
            configuration.retry.firstPause = .milliseconds(1)
            configuration.retry.longestPause = .milliseconds(2)
        }
        try await withTwoNodes(
            change: change,
            { _, _ in
                let left = refusals.value
                refusals.change { $0 -= 1 }
                return left > 0 ? .bytes("-BUSY a script runs\r\n") : .bytes("$1\r\nv\r\n")
            }
        ) { client, _, _ in
            let value = try await client.send(RedisCommand("SET", low, "v"))
            #expect(value.string == "v")
            let ended = operations()
            #expect(ended.map(\.operation.name) == ["SET"] && ended.first?.end.error == nil)
            let repetitions = observer.record.repetitions
            #expect(repetitions.count == 42)
            #expect(repetitions.allSatisfy { $0.kind == .retry && $0.error.serverCode == "BUSY" })
            #expect(client.figures.retries == 42 && client.clusterState.retries == 42)
        }
    }

    @Test func hearsOfWhatIsDividedOnce() async throws {
        try await withTwoNodes({ words, _ in .bytes(words.first == "MGET" ? "*1\r\n$1\r\nw\r\n" : "$1\r\nw\r\n") }) {
            client,
            _,
            _ in
            // The second node answers a MGET with something else than a list.
            let error = await redisError { try await client.send(RedisCommand("MGET", arguments: [low, high])) }
            #expect(error?.code == .protocolViolation)
            let results = try await client.pipeline([RedisCommand("GET", low), RedisCommand("GET", high)])
            #expect(try results.map { try $0.get().string } == ["w", "v"])
            let ended = operations()
            #expect(ended.map(\.operation.name) == ["MGET", "PIPELINE GET"])
            #expect(ended.map(\.operation.commandCount) == [1, 2])
            #expect(ended.map(\.end.error?.code) == [.protocolViolation, nil])
            // More than one server has been asked.
            #expect(ended.allSatisfy { $0.end.server == nil })
            #expect(ended.last?.end.replyBytes == 2)
        }
    }

    @Test func hearsOfAPipelineWithRedirectsOnce() async throws {
        let slot = slot(of: low)
        try await withTwoNodes({ _, other in .bytes("-MOVED \(slot) 127.0.0.1:\(other)\r\n") }) { client, _, _ in
            let results = try await client.pipeline([RedisCommand("GET", low), RedisCommand("TTL", high)])
            #expect(try results.map { try $0.get().string } == ["v", "v"])
            #expect(operations().map(\.operation.name) == ["PIPELINE"])
            #expect(observer.record.repetitions.map(\.kind) == [.moved])
        }
    }

    @Test func hearsOfAPageOfAScanOnce() async throws {
        try await withTwoNodes({ _, _ in .bytes("*2\r\n+0\r\n*2\r\n+a\r\n+bc\r\n") }) { client, _, _ in
            let page = try await client.scan(pattern: "*", cursor: nil, count: 10)
            #expect(page.names == ["a", "bc"])
            let last = try await client.scan(pattern: "*", cursor: page.cursor, count: 10)
            #expect(last.names == ["high"] && last.cursor == nil)
            _ = await redisError { try await client.scan(pattern: "*", cursor: "?", count: 10) }
            let ended = operations()
            #expect(ended.map(\.operation.name) == ["SCAN", "SCAN", "SCAN"])
            #expect(ended.map(\.operation.family) == [.read, .read, .read])
            #expect(ended.map(\.end.replyBytes) == [3, 4, 0])
            #expect(ended.map(\.end.error?.code) == [nil, nil, .invalidCommand])
        }
    }

    @Test func doesNotHearOfWhatTheClientAsksForItself() async throws {
        try await withTwoNodes({ _, _ in .bytes("$1\r\nv\r\n") }) { client, first, second in
            try await client.connect()
            client.refresher.want()
            try await until { client.clusterState.refreshes >= 2 }
            #expect(observer.record.started == 0)
            let ports = Set(observer.record.changes.filter(\.isOpen).compactMap(\.server.port))
            #expect(ports == [first.port, second.port])
        }
        let changes = observer.record.changes
        #expect(changes.filter(\.isOpen).count == changes.count { !$0.isOpen })
        #expect(changes.allSatisfy { $0.error == nil })
    }
}
