import Logging
import Recuerde
import RecuerdeTesting
import Synchronization
import Testing

/// Keeps what is logged.
final class LogRecord: Sendable {
    struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var metadata: [String: String]
    }

    private let state = Mutex<[Line]>([])

    var lines: [Line] { state.withLock { $0 } }

    func messages(atLeast level: Logger.Level) -> [String] {
        lines.filter { $0.level >= level }.map(\.message)
    }

    func logger(level: Logger.Level) -> Logger {
        var logger = Logger(label: "test") { _ in Handler(record: self) }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        var record: LogRecord
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(
                level: event.level,
                message: event.message.description,
                metadata: (event.metadata ?? [:]).mapValues(\.description)
            )
            record.state.withLock { $0.append(line) }
        }
    }
}

@Suite struct CacheLogTests {
    private let nodes = Nodes()
    private let record = LogRecord()

    private func cache(level: Logger.Level = .info) -> Cache {
        Cache(
            configuration: CacheConfiguration(),
            remote: nodes.remote,
            timeSource: nodes.time,
            logger: record.logger(level: level)
        )
    }

    @Test func oneLineForEachChangeOfStateAndNotForEachRequest() async throws {
        let cache = cache()
        await cache.connect()
        nodes.remote.behave(Nodes.down)
        for number in 0..<100 { try await cache.set("k\(number)", to: number) }
        nodes.comeBack()
        for number in 0..<100 { _ = try await cache.get("k\(number)", as: Int.self) }
        #expect(
            record.messages(atLeast: .info) == ["redis_cache_initialized", "cache_fallback_active", "cache_recovered"]
        )
    }

    @Test func aRemoteTierThatIsAwayAtStartIsSaidOnce() async throws {
        nodes.remote.behave(Nodes.down)
        let cache = cache()
        await cache.connect()
        for number in 0..<100 { try await cache.set("k\(number)", to: number) }
        #expect(record.messages(atLeast: .info) == ["redis_initialization_failed"])
        nodes.comeBack()
        _ = try await cache.get("k", as: Int.self)
        #expect(record.messages(atLeast: .info) == ["redis_initialization_failed", "cache_recovered"])
    }

    @Test func aRemoteTierThatIsFrozenAtStartIsSaidOnce() async throws {
        nodes.remote.behave(.hang)
        let cache = cache()
        for number in 0..<6 {
            let write = Task { try await cache.set("k\(number)", to: number) }
            for _ in 0..<1_000 where nodes.time.sleepers == 0 { await Task.yield() }
            nodes.time.advance(by: .milliseconds(250))
            try await write.value
        }
        #expect(record.messages(atLeast: .info) == ["redis_initialization_failed"])
    }

    @Test func refusedWritesAreSaidAtMostOnceInAWhile() async throws {
        let cache = cache()
        await cache.connect()
        nodes.remote.behave(.fail(RemoteTierError(.refused, "OOM")))
        for number in 0..<100 { try await cache.set("k\(number)", to: number) }
        #expect(record.messages(atLeast: .warning) == ["redis_set_failed"])
    }

    @Test func noKeyAndNoValueIsLogged() async throws {
        let cache = cache(level: .trace)
        let secret = "mi respuesta secreta"
        try await cache.set(CacheKey(secret), to: secret)
        _ = try await cache.get(CacheKey(secret), as: String.self)
        _ = try await cache.get(CacheKey(secret, "missing"), as: String.self)
        _ = try await cache.delete(CacheKey(secret))
        #expect(record.lines.map(\.message).contains("cache_hit"))
        #expect(record.lines.map(\.message).contains("cache_miss"))
        #expect(record.lines.map(\.message).contains("cache_set"))
        #expect(record.lines.map(\.message).contains("cache_delete"))
        for line in record.lines { #expect(!"\(line)".contains("secreta")) }
    }
}
