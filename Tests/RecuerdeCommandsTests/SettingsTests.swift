import Configuration
import Logging
import Recuerde
import RecuerdeServer
import Testing

@testable import RecuerdeCommands

@Suite struct SettingsTests {
    private func settings(_ values: [String: String]) throws -> Settings {
        try Settings(SettingsReader(environment: values))
    }

    @Test func withoutAnythingTheDefaultsOfTheDesignApply() throws {
        let settings = try settings([:])
        #expect(settings.redisURL == nil)
        #expect(settings.timeToLive == .seconds(3_600))
        #expect(settings.prefix == "subjunctive")
        #expect(settings.poolSize == 10)
        #expect(settings.format == .envelope)
        #expect(settings.redisTimeout == .milliseconds(250))
        #expect(settings.loadsOncePerCluster)
        #expect(settings.feedbackTimeToLive == .seconds(3_600))
        #expect(settings.hintTimeToLive == .seconds(1_800))
        #expect(settings.insightsTimeToLive == .seconds(7_200))
        #expect(settings.anthropicKey == nil)
        #expect(settings.anthropicModel == "claude-haiku-4-5")
        #expect(settings.host == "127.0.0.1")
        #expect(settings.port == 8_000)
        #expect(settings.adminToken == nil)
        #expect(settings.dailyBudget == nil)
        #expect(settings.logLevel == .info)
        #expect(settings.logFormat == .json)
    }

    @Test func defaultsAgreeWithThoseOfTheParts() throws {
        let settings = try settings([:])
        let server = ServerConfiguration()
        #expect(settings.maxBodyBytes == server.requestBodyLimit)
        #expect(settings.requestTimeout == server.requestTimeout)
        #expect(settings.rateLimit == server.rateLimitPerClient)
        #expect(settings.host == server.host)
        #expect(settings.port == server.port)
        let cache = CacheConfiguration()
        #expect(settings.prefix == cache.prefix)
        #expect(settings.timeToLive == cache.defaultTimeToLive)
        #expect(settings.redisTimeout == cache.remoteDeadline)
        #expect(settings.memoryEntries == cache.memory.maximumEntries)
        #expect(settings.memoryBytes == cache.memory.maximumBytes)
    }

    @Test(arguments: SettingsCatalogue.all.map(\.name)) func everyNameIsFoundUnderItsKey(name: String) throws {
        let setting = try #require(SettingsCatalogue.all.first { $0.name == name })
        let reader = SettingsReader(environment: [name: "some text"])
        #expect(reader.text(of: setting)?.text == "some text")
        #expect(reader.text(of: setting)?.source == .environment)
    }

    @Test func everySettingHasADefaultThatItsOwnParserTakes() throws {
        for setting in SettingsCatalogue.all {
            if let text = setting.fallbackText { try setting.check(text) }
            #expect(!setting.summary.isEmpty)
        }
        #expect(Set(SettingsCatalogue.all.map(\.name)).count == SettingsCatalogue.all.count)
    }

    @Test func everySettingIsRead() throws {
        // A name that is refused when it holds a control character is a name that someone reads.
        for setting in SettingsCatalogue.all {
            #expect(throws: SettingsError.self, "\(setting.name)") {
                try Settings(SettingsReader(environment: [setting.name: "a\u{1}b"]))
            }
        }
    }

    @Test(arguments: [
        ("REDIS_CACHE_TTL", "0"), ("REDIS_CACHE_TTL", "-1"), ("REDIS_CACHE_TTL", "1.5"), ("REDIS_CACHE_TTL", "1h"),
        ("REDIS_CACHE_TTL", "99999999999999999999999"), ("REDIS_CACHE_TTL", "+5"), ("REDIS_CACHE_TTL", "0x10"),
        ("REDIS_POOL_SIZE", "0"), ("REDIS_POOL_SIZE", "ten"), ("REDIS_POOL_SIZE", "١٠"),
        ("REDIS_CACHE_FORMAT", "pickle"), ("RECUERDE_READING_ORDER", "both"),
        ("RECUERDE_PORT", "65536"), ("RECUERDE_PORT", "-1"), ("RECUERDE_PORT", "80 80"),
        ("RECUERDE_REDIS_TIMEOUT_MS", "0"), ("RECUERDE_REDIS_TIMEOUT_MS", "1e3"),
        ("RECUERDE_ADMIN_TOKEN", "short"), ("RECUERDE_ADMIN_TOKEN", "with blanks in the middle"),
        ("RECUERDE_RATE_LIMIT", "-5"), ("RECUERDE_MAX_BODY_BYTES", "10"), ("RECUERDE_REQUEST_TIMEOUT", "0"),
        ("RECUERDE_LOADS_ONCE_PER_CLUSTER", "always"), ("RECUERDE_TRUST_FORWARDED_FOR", "maybe"),
        ("RECUERDE_DAILY_BUDGET", "-1"), ("RECUERDE_DAILY_BUDGET", "nan"),
        ("RECUERDE_DAILY_BUDGET", "inf"), ("RECUERDE_DAILY_BUDGET", "$5"), ("RECUERDE_MEMORY_BYTES", "64MB"),
        ("ANTHROPIC_TEMPERATURE", "1.01"), ("ANTHROPIC_TEMPERATURE", ".5"), ("ANTHROPIC_MAX_TOKENS", "0"),
        ("ANTHROPIC_BASE_URL", "api.anthropic.com"), ("ANTHROPIC_BASE_URL", "https://user:pass@host"),
        ("ANTHROPIC_API_KEY", "sk-ant-äöü"), ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("REDIS_URL", "localhost"),
    ])
    func aBadValueIsNamedAndNeverRepeated(name: String, value: String) throws {
        let error = try #require(throws: SettingsError.self) { try settings([name: value]) }
        #expect(error.name == name)
        #expect(error.source == .environment)
        #expect(
            error.description.hasPrefix(
                "\(name) (from environment) \(name == "REDIS_URL" ? "cannot be used: " : "must ")"
            )
        )
        #expect(!error.description.contains("\n"))
        let isWord = value.count > 3 && value.contains { $0.isLetter }
        if isWord { #expect(!error.description.contains(value)) }
    }

    @Test(arguments: [
        ("RECUERDE_PORT", "0"), ("RECUERDE_PORT", " 9000 "), ("LOG_LEVEL", "DEBUG"), ("LOG_FORMAT", "Text"),
        ("RECUERDE_TRUST_FORWARDED_FOR", "TRUE"), ("ANTHROPIC_TEMPERATURE", "0"), ("ANTHROPIC_TEMPERATURE", "1.0"),
        ("RECUERDE_DAILY_BUDGET", "2.50"), ("RECUERDE_RATE_LIMIT", "0"), ("REDIS_CACHE_FORMAT", "plain"),
    ])
    func aGoodValueIsTaken(name: String, value: String) throws {
        _ = try settings([name: value])
    }

    @Test(arguments: ["", " ", "\t"]) func anEmptyValueIsNotSetAndLetsTheNextLayerSpeak(empty: String) throws {
        let file = EnvironmentFile.Loaded(path: ".env", values: ["RECUERDE_PORT": "9001", "LOG_LEVEL": ""])
        let reader = SettingsReader(
            flags: ["RECUERDE_PORT": empty],
            environment: ["RECUERDE_PORT": empty, "LOG_LEVEL": empty],
            file: file
        )
        let settings = try Settings(reader)
        #expect(settings.port == 9_001)
        #expect(settings.logLevel == .info)
    }

    @Test func flagsComeBeforeTheEnvironmentAndThatBeforeTheFile() throws {
        let file = EnvironmentFile.Loaded(
            path: "x.env",
            values: ["RECUERDE_PORT": "1", "LOG_LEVEL": "error", "REDIS_POOL_SIZE": "3"]
        )
        let reader = SettingsReader(
            flags: ["RECUERDE_PORT": "3"],
            environment: ["RECUERDE_PORT": "2", "LOG_LEVEL": "debug"],
            file: file
        )
        let settings = try Settings(reader)
        #expect(settings.port == 3)
        #expect(settings.logLevel == .debug)
        #expect(settings.poolSize == 3)
        #expect(reader.text(of: SettingsCatalogue.port)?.source == .flag)
        #expect(reader.text(of: SettingsCatalogue.logLevel)?.source == .environment)
        #expect(reader.text(of: SettingsCatalogue.poolSize)?.source == .file("x.env"))
    }

    @Test func anyProviderOfSwiftConfigurationWillDo() throws {
        let provider = InMemoryProvider(values: ["recuerde.port": "9002", "redis.cache.ttl": "60"])
        let settings = try Settings(SettingsReader(layers: [.init(.environment, provider: provider)]))
        #expect(settings.port == 9_002)
        #expect(settings.timeToLive == .seconds(60))
    }

    @Test(arguments: [
        (["REDIS_TLS_CERT_FILE": "c.pem"], "REDIS_TLS_KEY_FILE"),
        (["REDIS_TLS_KEY_FILE": "k.pem"], "REDIS_TLS_CERT_FILE"),
        (["OPENAI_BASE_URL": "http://127.0.0.1:11434"], "OPENAI_MODEL"),
        (["RECUERDE_REQUEST_TIMEOUT": "1", "RECUERDE_REDIS_TIMEOUT_MS": "251"], "RECUERDE_REDIS_TIMEOUT_MS"),
        (["RECUERDE_REDIS_TIMEOUT_MS": "7501"], "RECUERDE_REDIS_TIMEOUT_MS"),
    ])
    func whatBelongsTogetherIsAskedFor(values: [String: String], missing: String) throws {
        let error = try #require(throws: SettingsError.self) { try settings(values) }
        #expect(error.name == missing)
    }

    @Test func aKubernetesServiceLinkIsExplained() throws {
        let error = try #require(throws: SettingsError.self) { try settings(["RECUERDE_PORT": "tcp://10.0.0.1:80"]) }
        #expect(error.description.contains("enableServiceLinks"))
    }
}
