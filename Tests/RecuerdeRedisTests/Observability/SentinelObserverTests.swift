import NIOCore
import Testing

@testable import RecuerdeRedis

/// However many masters and attempts a call takes, it is one operation.
@Suite struct AnObserverOfAMasterBehindSentinels {
    private let observer = RecordingObserver()

    /// A master by its role, which answers all else by a script.
    private static func master(_ script: @escaping @Sendable ([String]) -> FakeServer.Answer) -> FakeServer.Script {
        FakeServer.greeted { _, words in
            words.first == "ROLE" ? .bytes("*3\r\n+master\r\n:0\r\n*0\r\n") : script(words)
        }
    }

    @Test func hearsOfACommandThatTwoMastersWereAskedForOnce() async throws {
        let named = Shared<Int?>(nil)
        try await FakeServer.with(Self.master { _ in .bytes("+OK\r\n") }) { new in
            let old = Self.master { words in
                named.change { $0 = new.port }
                return .bytes("-READONLY You can't write against a read only replica.\r\n")
            }
            try await FakeServer.with(old) { old in
                named.change { $0 = old.port }
                try await FakeServer.with(FakeServer.sentinel(named)) { sentinel in
                    try await withSentinelClient(
                        "redis+sentinel://\(sentinel.hostAndPort)/mymaster",
                        change: { $0.observer = observer }
                    ) { client in
                        try await client.connect()
                        #expect(observer.record.started == 0)
                        _ = try await client.send(RedisCommand("SET", "k", "v"))
                        _ = try await client.pipeline([RedisCommand("SET", "k", "v"), RedisCommand("GET", "k")])
                        let record = observer.record
                        #expect(record.started == 2)
                        #expect(record.ended.map(\.operation.name) == ["SET", "PIPELINE"])
                        for (_, end, _) in record.ended {
                            #expect(end.error == nil && end.server?.port == new.port)
                        }
                        // As often as the search took, and not an operation more.
                        #expect(!record.repetitions.isEmpty)
                        #expect(
                            record.repetitions.allSatisfy { $0.kind == .retry && $0.error.serverCode == "READONLY" }
                        )
                        #expect(client.figures.retries == record.repetitions.count)
                        #expect(client.figures.redirects == 0)
                        // Those to the sentinel do not count.
                        let ports = Set(record.changes.filter(\.isOpen).compactMap(\.server.port))
                        #expect(ports == [old.port, new.port])
                    }
                }
            }
        }
    }

    @Test func hearsOfAPipelineThatIsRepeatedOnce() async throws {
        let first = Shared(true)
        let script = Self.master { words in
            guard words.first == "GET" else { return .bytes("+OK\r\n") }
            let isFirst = first.value
            first.change { $0 = false }
            return isFirst ? .last("") : .bytes("$1\r\nv\r\n")
        }
        try await FakeServer.with(script) { master in
            try await FakeServer.with(FakeServer.sentinel(Shared(master.port))) { sentinel in
                try await withSentinelClient(
                    "redis+sentinel://\(sentinel.hostAndPort)/mymaster",
                    change: {
                        $0.observer = observer
                        $0.maximumConnections = 1
                    }
                ) { client in
                    let results = try await client.pipeline([RedisCommand("GET", "a"), RedisCommand("GET", "b")])
                    #expect(try results.map { try $0.get().string } == ["v", "v"])
                    let record = observer.record
                    #expect(record.started == 1 && record.ended.map(\.operation.name) == ["PIPELINE GET"])
                    #expect(record.ended.first?.end.error == nil && record.ended.first?.end.replyBytes == 2)
                    #expect(!record.repetitions.isEmpty && record.repetitions.allSatisfy { $0.kind == .retry })
                    #expect(client.figures.retries == record.repetitions.count && client.figures.reconnects == 1)
                }
            }
        }
    }

    @Test func hearsOfASearchThatIsInVainAsOneFailure() async throws {
        try await FakeServer.with(FakeServer.sentinel(Shared(nil))) { sentinel in
            try await withSentinelClient(
                "redis+sentinel://\(sentinel.hostAndPort)/mymaster",
                change: { $0.observer = observer }
            ) { client in
                let error = await redisError { try await client.send(RedisCommand("GET", "k"), timeout: .seconds(1)) }
                #expect(error != nil)
                let record = observer.record
                #expect(record.started == 1 && record.ended.map(\.end.error) == [error])
                #expect(record.ended.first?.end.server == nil)
            }
        }
    }
}
