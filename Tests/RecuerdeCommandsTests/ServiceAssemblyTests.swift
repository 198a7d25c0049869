import ArgumentParser
import AsyncHTTPClient
import Logging
import NIOCore
import Recuerde
import RecuerdeAI
import RecuerdeRedis
import RecuerdeServer
import RecuerdeTesting
import Testing

@testable import RecuerdeCommands

@Suite struct ServiceAssemblyTests {
    func assembly(_ values: [String: String], _ lines: ServiceLines = ServiceLines()) throws -> ServiceAssembly {
        let settings = try Settings(SettingsReader(environment: values))
        let logger = Logger(label: "test") { ServiceLogHandler(label: $0, level: .info, sink: lines) }
        return ServiceAssembly(settings: settings, logger: logger)
    }

    /// Runs a service on a free port while `body` runs.
    func running(
        _ values: [String: String],
        _ body: @escaping @Sendable (Int, ServiceLines) async throws -> Void
    ) async throws {
        let lines = ServiceLines()
        let assembly = try assembly(values.merging(["RECUERDE_PORT": "0"]) { $1 }, lines)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Being cancelled is how this service ends here; signals belong to the process.
                do { try await assembly.run() } catch is CancellationError {}
            }
            group.addTask {
                let port = try #require(await lines.ports.first { _ in true })
                try await body(port, lines)
            }
            // Whichever ends first: the body, or a service that did not start.
            try await group.next()
            group.cancelAll()
        }
    }

    @Test func withoutSettingsItAnswersFromMemoryWithTheTutor() async throws {
        try await running([:]) { port, lines in
            let report = await HealthProbe(baseURL: "http://127.0.0.1:\(port)/", timeout: .seconds(10)).ask()
            #expect(report.exitCode == 0)
            #expect(report.text.contains("status    disabled\n"))
            #expect(report.text.contains("backend   memory\n"))
            #expect(lines.text.contains("\"event\":\"redis_not_configured\""))
        }
    }

    @Test func aRedisThatIsAwayOnlyMeansMemory() async throws {
        // Port 1 of loopback: nothing listens there.
        let values = ["REDIS_URL": "redis://:hush@127.0.0.1:1/0", "ANTHROPIC_API_KEY": "sk-hush"]
        try await running(values) { port, lines in
            let report = await HealthProbe(baseURL: "http://127.0.0.1:\(port)", timeout: .seconds(10)).ask()
            #expect(report.exitCode == 1)
            #expect(report.text.contains("redis     redis://****@127.0.0.1:1/0 (away)\n"))
            #expect(lines.text.contains("\"event\":\"redis_initialization_failed\""))
            #expect(!lines.text.contains("hush"))
        }
    }

    @Test func aPortInUseIsOneClearLineAndExitCode69() async throws {
        try await running([:]) { port, _ in
            let second = try assembly(["RECUERDE_PORT": "\(port)"])
            let error = await #expect(throws: StartError.self) { try await second.run() }
            #expect(error?.exitCode.rawValue == 69)
            #expect(error?.message.hasPrefix("127.0.0.1:\(port) is in use: ") == true)
        }
    }

    @Test func anAddressThatThisMachineDoesNotHaveIsNamed() async throws {
        // RFC 5737: an address for documentation, that no machine has.
        let assembly = try assembly(["RECUERDE_HOST": "192.0.2.1", "RECUERDE_PORT": "0"])
        let error = await #expect(throws: StartError.self) { try await assembly.run() }
        #expect(error?.exitCode.rawValue == 78)
        #expect(error?.message.contains("RECUERDE_HOST") == true)
    }

    @Test func aHostThatCannotBeResolvedIsNamed() async throws {
        // RFC 6761, section 6.4: no name under .invalid exists.
        let assembly = try assembly(["RECUERDE_HOST": "no-such-host.invalid", "RECUERDE_PORT": "0"])
        let error = await #expect(throws: StartError.self) { try await assembly.run() }
        #expect(error?.exitCode.rawValue == 78)
        #expect(error?.message == "RECUERDE_HOST names a host that cannot be resolved")
    }

    @Test(arguments: [
        ([:], "tutor"),
        (["ANTHROPIC_API_KEY": "k"], "anthropic"),
        (["OPENAI_API_KEY": "k"], "openai"),
        (["OPENAI_BASE_URL": "http://127.0.0.1:1", "OPENAI_MODEL": "m"], "openai"),
        (["ANTHROPIC_API_KEY": "k", "OPENAI_API_KEY": "k"], "anthropic"),
    ])
    func theSettingsChooseTheProvider(values: [String: String], provider: String) async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let health: AIServiceHealth?
        do {
            health = try await assembly(values).makeService(httpClient: client, remote: nil).0.healthCheck()
        } catch {
            health = nil
        }
        try await client.shutdown()
        #expect(health?.provider == provider)
        #expect(health?.configured == (provider != "tutor"))
    }

    @Test(arguments: ["http://example.com", "https://host?x=1"])
    func aProvidersAddressThatWouldShowTheKeyIsRefused(url: String) async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let assembly = try assembly(["ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": url])
        let error = #expect(throws: AIServiceError.self) {
            try assembly.makeService(httpClient: client, remote: nil)
        }
        try await client.shutdown()
        #expect(error?.code == .configuration)
        #expect(error?.message.hasPrefix("ANTHROPIC_BASE_URL ") == true)
    }

    @Test func theSettingsOfRedisReachTheClient() throws {
        let assembly = try assembly([
            "REDIS_URL": "rediss://h:1/2", "REDIS_POOL_SIZE": "3", "RECUERDE_REDIS_TIMEOUT_MS": "100",
            "RECUERDE_REDIS_CONNECT_TIMEOUT_MS": "700", "REDIS_TLS_CA_FILE": "ca.pem",
        ])
        let remote = RemoteTierAssembly(settings: assembly.settings, logger: assembly.logger)
        let configuration = remote.configuration(for: try #require(assembly.settings.redisURL))
        #expect(configuration.maximumConnections == 3)
        #expect(configuration.commandTimeout == .milliseconds(100))
        #expect(configuration.connectTimeout == .milliseconds(700))
        #expect(configuration.tls.trustRoots == .file("ca.pem"))
        #expect(configuration.tls.certificateChain == nil)
    }

    @Test(arguments: [
        ("tracking", RedisTierInvalidation.tracking, true),
        ("published", .published(on: "p:changes:2"), false),
        ("both", .trackingAndAnnouncing(on: "p:changes:2"), true),
    ])
    func theTierHearsOfChangesAsItIsTold(word: String, invalidation: RedisTierInvalidation, tracks: Bool) throws {
        let assembly = try assembly([
            "REDIS_URL": "redis://h:1/2", "REDIS_CACHE_PREFIX": "p", "RECUERDE_INVALIDATION": word,
        ])
        let remote = RemoteTierAssembly(settings: assembly.settings, logger: assembly.logger)
        let url = try #require(assembly.settings.redisURL)
        #expect(remote.invalidation(for: url) == invalidation)
        #expect(remote.configuration(for: url).tracksKeys == tracks)
    }

    @Test func theServiceCountsWhatItsClientDoes() async throws {
        let server = try RedisServerProcess()
        defer { server.stop() }
        try await running(["REDIS_URL": "redis://127.0.0.1:\(server.port)/0"]) { port, _ in
            let page = try await Self.page("http://127.0.0.1:\(port)/metrics")
            #expect(page.contains("\nrecuerde_redis_connections "))
            #expect(!page.contains("\nrecuerde_redis_connections 0\n"))
            #expect(page.contains("recuerde_redis_connections_opened_total{kind=\"first\"} "))
            #expect(!page.contains("recuerde_redis_connections_opened_total{kind=\"first\"} 0\n"))
            #expect(page.contains("recuerde_redis_operation_duration_seconds_bucket{family="))
        }
    }

    private static func page(_ url: String) async throws -> String {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        do {
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
            let page = String(buffer: try await response.body.collect(upTo: 1 << 20))
            try await client.shutdown()
            return page
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    @Test func theURLChoosesTheClient() async throws {
        let urls = ["redis://h", "redis+cluster://a:1,b:2", "rediss+cluster://a", "redis+sentinel://a,b/mymaster/1"]
        var kinds: [String] = []
        for url in urls {
            let assembly = try assembly(["REDIS_URL": url])
            let made = try RemoteTierAssembly(settings: assembly.settings, logger: assembly.logger).make()
            let remote = try #require(made)
            kinds.append("\(type(of: remote.client))")
            await remote.shutdown()
        }
        #expect(kinds == ["RedisClient", "RedisClusterClient", "RedisClusterClient", "RedisSentinelClient"])
    }

    @Test(arguments: [
        ("1", "1"), ("1", "250"), ("2", "500"), ("10", "2500"), ("30", "250"), ("30", "7500"), ("600", "60000"),
    ])
    func whatIsInsideARequestEndsBeforeIt(seconds: String, redis: String) throws {
        let assembly = try assembly(["RECUERDE_REQUEST_TIMEOUT": seconds, "RECUERDE_REDIS_TIMEOUT_MS": redis])
        let load = try assembly.aiConfiguration().loadTimeout
        let provider = assembly.providerSettings
        #expect(assembly.deadlines.batch < assembly.settings.requestTimeout)
        #expect(load + assembly.settings.redisTimeout < assembly.deadlines.batch)
        // Whoever waits is answered before the batch ends, and not before a load of its own has had its time.
        #expect(assembly.deadlines.answer < assembly.deadlines.batch)
        #expect(load + assembly.settings.redisTimeout <= assembly.deadlines.answer)
        #expect(try assembly.aiConfiguration().answerTimeout == assembly.deadlines.answer)
        #expect(provider.totalTimeout < load)
        #expect(provider.attemptTimeout <= provider.totalTimeout)
        #expect(provider.totalTimeout > .zero)
    }

    @Test func theSettingsReachTheCache() throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        defer { try? client.syncShutdown() }
        let cache = try assembly([
            "REDIS_CACHE_PREFIX": "p", "REDIS_CACHE_TTL": "60", "REDIS_CACHE_FORMAT": "plain",
            "RECUERDE_READING_ORDER": "unchecked", "RECUERDE_STALENESS_BOUND_MS": "250",
            "RECUERDE_MEMORY_ENTRIES": "7", "RECUERDE_MEMORY_BYTES": "70000",
        ]).makeService(httpClient: client, remote: nil).1
        #expect(cache.configuration.prefix == "p")
        #expect(cache.configuration.defaultTimeToLive == .seconds(60))
        #expect(cache.configuration.format == .plain)
        #expect(cache.configuration.readingOrder == .memoryUnchecked)
        #expect(cache.configuration.stalenessBound == .milliseconds(250))
        #expect(cache.configuration.memory.maximumEntries == 7)
        #expect(cache.configuration.memory.maximumBytes == 70_000)
    }
}
