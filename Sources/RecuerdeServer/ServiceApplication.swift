public import Hummingbird
public import Logging
import NIOCore
public import Recuerde
public import RecuerdeAI

/// Puts the HTTP service together; nothing listens before the application runs.
///
/// - Parameters:
///   - service: Answers learners.
///   - cache: The cache behind the service, for the administrative routes.
///   - configuration: Where it listens and what it lets clients do.
///   - meters: What else is to stand on the page of metrics.
///   - timeSource: Where limits and time limits read the time.
///   - logger: Takes one line per request, with neither content nor path parameters.
///   - onListening: Called once with the port when the service listens.
/// - Returns: An application to run by itself, in a `ServiceGroup`, or under HummingbirdTesting.
public func makeApplication(
    service: AIService,
    cache: Cache,
    configuration: ServerConfiguration = .init(),
    meters: MeterRegistry? = nil,
    timeSource: any TimeSource = SystemTimeSource(),
    logger: Logger,
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
) -> some ApplicationProtocol {
    let metrics = RequestMetrics()
    let gate = AdminGate(configuration: configuration, timeSource: timeSource)
    let limiter = ClientRateLimiter(perMinute: configuration.rateLimitPerClient, timeSource: timeSource)
    let router = Router(context: ServiceRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: ProblemMiddleware())
    AIRoutes(service: service, configuration: configuration, gate: gate, limiter: limiter).register(on: router)
    HealthRoutes(service: service, metrics: metrics, meters: meters, started: timeSource.unixTime())
        .register(on: router)
    CacheRoutes(cache: cache, configuration: configuration, gate: gate).register(on: router)

    // The framework's own lines are sentences; ours are fixed words. Its warnings and errors come through.
    var frameworkLogger = logger
    frameworkLogger.logLevel = max(logger.logLevel, .warning)
    return Application(
        responder: ServiceResponder(
            base: router.buildResponder(),
            configuration: configuration,
            timeSource: timeSource,
            metrics: metrics,
            logger: logger
        ),
        server: .http1(
            configuration: .init(
                additionalChannelHandlers: [
                    MalformedRequestHandler(),
                    UnreadBodyHandler(
                        limit: configuration.requestBodyLimit,
                        patience: TimeAmount(configuration.unreadBodyTimeout)
                    ),
                ],
                idleTimeout: TimeAmount(configuration.idleTimeout)
            )
        ),
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            serverName: "recuerde",
            availableConnectionsDelegate: .maximum(configuration.maximumConnections, logger: frameworkLogger)
        ),
        onServerRunning: { channel in await onListening(channel.localAddress?.port ?? configuration.port) },
        logger: frameworkLogger
    )
}
