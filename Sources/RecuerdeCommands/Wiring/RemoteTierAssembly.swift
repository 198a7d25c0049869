import Logging
import Recuerde
import RecuerdeRedis
import RecuerdeRedisTelemetry
import RecuerdeServer

/// Makes the remote tier that the settings ask for.
struct RemoteTierAssembly {
    /// A remote tier, and the client that it uses.
    struct Remote: Sendable {
        let tier: any RemoteTier
        let client: any RedisExecutor

        /// Gives the first connection the time that connecting may take, which is more than a command's deadline. What
        /// comes of it is for the cache to find out and to say.
        func connect() async {
            try? await client.connect()
        }

        /// Closes the connections.
        func shutdown() async {
            await client.shutdown()
        }
    }

    let settings: Settings
    let logger: Logger
    /// Where the client's doings are counted, if anywhere.
    var meters: MeterRegistry?

    /// The tier, or `nil` where no Redis is configured. Opens nothing, so that a start never fails because Redis is away.
    func make() throws -> Remote? {
        guard let url = settings.redisURL else { return nil }
        var configuration = configuration(for: url)
        if let meters { configuration.observer = RedisMetrics(factory: meters) }
        let client = try configuration.makeExecutor(logger: logger)
        if let meters {
            let gauges = RedisGauges(client: client, factory: meters)
            meters.beforeReading { gauges.read() }
        }
        let tier = RedisTier(client: client, invalidation: invalidation(for: url), logger: logger)
        return Remote(tier: tier, client: client)
    }

    /// How the tier hears of others' changes.
    func invalidation(for url: RedisURL) -> RedisTierInvalidation {
        let channel = RedisTierInvalidation.channel(prefix: settings.prefix, database: url.database)
        return switch settings.invalidation {
        case .tracking: .tracking
        case .published: .published(on: channel)
        case .both: .trackingAndAnnouncing(on: channel)
        }
    }

    /// The client's configuration.
    func configuration(for url: RedisURL) -> RedisConfiguration {
        var configuration = RedisConfiguration(url: url)
        configuration.maximumConnections = settings.poolSize
        configuration.connectTimeout = settings.redisConnectTimeout
        configuration.commandTimeout = settings.redisTimeout
        configuration.clientName = "recuerde"
        configuration.tracksKeys = settings.readingOrder == .memory && settings.invalidation != .published
        configuration.tls = tls
        return configuration
    }

    /// The client's configuration of TLS.
    var tls: RedisTLSConfiguration {
        var tls = RedisTLSConfiguration()
        tls.trustRoots = settings.tlsCAFile.map { .file($0) }
        tls.certificateChain = settings.tlsCertificateFile.map { .file($0) }
        tls.privateKey = settings.tlsKeyFile.map { .file($0) }
        return tls
    }
}
