import AsyncHTTPClient
import Foundation
import Hummingbird
import Logging
import Recuerde
import RecuerdeAI
import RecuerdeServer
import ServiceLifecycle
import UnixSignals

/// Puts the service together from its settings, and runs it.
struct ServiceAssembly {
    let settings: Settings
    let logger: Logger

    /// Runs until SIGTERM or SIGINT, then lets requests in flight finish within the bound.
    func run() async throws {
        if let fault = faults().first { throw fault }
        let httpClient = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .recuerdeProvider)
        let meters = MeterRegistry()
        let remote = try RemoteTierAssembly(settings: settings, logger: logger, meters: meters).make()
        do {
            try await run(httpClient: httpClient, remote: remote, meters: meters)
        } catch {
            await remote?.shutdown()
            try? await httpClient.shutdown()
            throw StartError(listeningOn: settings.host, port: settings.port, failedWith: error) ?? error
        }
        await remote?.shutdown()
        try await httpClient.shutdown()
        logger.info("service_stopped")
    }

    private func run(
        httpClient: HTTPClient,
        remote: RemoteTierAssembly.Remote?,
        meters: MeterRegistry
    ) async throws {
        let (service, cache) = try makeService(httpClient: httpClient, remote: remote?.tier)
        await remote?.connect()
        await cache.connect()
        let application = makeApplication(
            service: service,
            cache: cache,
            configuration: serverConfiguration,
            meters: meters,
            logger: logger
        ) { port in
            let health = await service.healthCheck()
            logger.info(
                "service_started",
                metadata: [
                    "host": "\(settings.host)",
                    "port": .stringConvertible(port),
                    "backend": "\(cache.statistics().backend)",
                    "provider": "\(health.provider)",
                    "model": "\(health.model)",
                    "version": "\(ProgramVersion.current)",
                ]
            )
        }
        // Services are shut down in the opposite order: the server first, so that the cache outlives its callers and
        // brings what its journal holds to Redis last. Each has a bound of its own for that.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: cache, successTerminationBehavior: .gracefullyShutdownGroup),
                .init(
                    service: BoundedShutdown(inner: application, bound: settings.shutdownTimeout),
                    successTerminationBehavior: .gracefullyShutdownGroup
                ),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quietLogger
        )
        group.maximumGracefulShutdownDuration = settings.shutdownTimeout + Self.flushAllowance
        try await ServiceGroup(configuration: group).run()
    }

    /// The AI service and its cache; nothing is opened.
    func makeService(httpClient: HTTPClient, remote: (any RemoteTier)?) throws -> (AIService, Cache) {
        let configuration = try aiConfiguration()
        let cache = Cache(configuration: try cacheConfiguration(), remote: remote, logger: logger)
        let provider = try makeProvider(httpClient: httpClient)
        let service = AIService(cache: cache, provider: provider, configuration: configuration, logger: logger)
        return (service, cache)
    }

    /// Anthropic if it has a key, else an OpenAI-compatible provider if it has a key or an address, else none.
    func makeProvider(httpClient: HTTPClient) throws -> (any AIProvider)? {
        if let key = settings.anthropicKey {
            var configuration = AnthropicProvider.Configuration(apiKey: key, model: settings.anthropicModel)
            configuration.settings = providerSettings
            if let baseURL = settings.anthropicBaseURL { configuration.baseURL = baseURL }
            return try AnthropicProvider(httpClient: httpClient, configuration: configuration)
        }
        if settings.openAIKey != nil || settings.openAIBaseURL != nil {
            var configuration = OpenAIProvider.Configuration(apiKey: settings.openAIKey ?? "")
            configuration.settings = providerSettings
            if let baseURL = settings.openAIBaseURL { configuration.baseURL = baseURL }
            if let model = settings.openAIModel { configuration.model = model }
            return try OpenAIProvider(httpClient: httpClient, configuration: configuration)
        }
        return nil
    }

    func aiConfiguration() throws -> AIServiceConfiguration {
        var configuration = AIServiceConfiguration()
        configuration.feedback.timeToLive = settings.feedbackTimeToLive
        configuration.hint.timeToLive = settings.hintTimeToLive
        configuration.insights.timeToLive = settings.insightsTimeToLive
        configuration.maximumTokensCap = settings.maxTokens
        configuration.temperatureOverride = settings.temperature
        configuration.dailyBudgetDollars = settings.dailyBudget
        configuration.loadTimeout = deadlines.load
        configuration.answerTimeout = deadlines.answer
        configuration.batchTimeout = deadlines.batch
        if let path = settings.pricesFile {
            guard let data = try? Data(contentsOf: URL(filePath: path)) else {
                throw SettingsError(name: "RECUERDE_PRICES_FILE", reason: "names a file that cannot be read")
            }
            do {
                configuration.priceTable = try PriceTable(json: data)
            } catch {
                throw SettingsError(name: "RECUERDE_PRICES_FILE", reason: "cannot be used: \(error.message)")
            }
        }
        return configuration
    }

    /// How long the parts of an answer may take.
    var deadlines: AnswerDeadlines {
        AnswerDeadlines(requestTimeout: settings.requestTimeout, redisTimeout: settings.redisTimeout)
    }

    /// How long the provider may take.
    var providerSettings: ProviderSettings {
        var provider = ProviderSettings()
        provider.totalTimeout = deadlines.provider
        provider.attemptTimeout = min(provider.attemptTimeout, deadlines.provider)
        return provider
    }

    func cacheConfiguration() throws(SettingsError) -> CacheConfiguration {
        var configuration = CacheConfiguration()
        configuration.payload = try settings.payload()
        configuration.prefix = settings.prefix
        configuration.defaultTimeToLive = settings.timeToLive
        configuration.format = settings.format
        configuration.memory.maximumEntries = settings.memoryEntries
        configuration.memory.maximumBytes = settings.memoryBytes
        configuration.readingOrder =
            switch settings.readingOrder {
            case .memory: .memoryFirst
            case .remote: .remoteFirst
            case .unchecked: .memoryUnchecked
            }
        configuration.stalenessBound = settings.stalenessBound
        configuration.remoteDeadline = settings.redisTimeout
        configuration.defaultLoadsOncePerCluster = settings.loadsOncePerCluster
        configuration.kinds = AnswerKind.allCases.map { CacheKind($0.rawValue) }
        return configuration
    }

    private var serverConfiguration: ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.host = settings.host
        configuration.port = settings.port
        configuration.adminToken = settings.adminToken
        configuration.requestBodyLimit = settings.maxBodyBytes
        configuration.requestTimeout = settings.requestTimeout
        configuration.rateLimitPerClient = settings.rateLimit
        configuration.trustsForwardedFor = settings.trustForwardedFor
        return configuration
    }

    /// Frameworks say at info what nobody needs, in sentences; their warnings come through.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }

    /// What the cache's own bounded flush may take after the last request.
    private static let flushAllowance: Duration = .seconds(3)
}
