import Logging
import Recuerde
import RecuerdeRedis

/// Makes the remote tier that the settings ask for.
struct RemoteTierAssembly {
    /// A remote tier and how to close it.
    struct Remote: Sendable {
        let tier: any RemoteTier
        let shutdown: @Sendable () async -> Void
    }

    let settings: Settings
    let logger: Logger

    /// The tier, or `nil` where no Redis is configured. Opens nothing, so that a start never fails because Redis is away.
    func make() -> Remote? {
        guard let url = settings.redisURL else { return nil }
        let client = RedisClient(configuration: configuration(for: url), logger: logger)
        let tier = RedisTier(client: client)
        return Remote(tier: tier) { await client.shutdown() }
    }

    /// The client's configuration.
    func configuration(for url: RedisURL) -> RedisConfiguration {
        var configuration = RedisConfiguration(url: url)
        configuration.maximumConnections = settings.poolSize
        configuration.connectTimeout = settings.redisConnectTimeout
        configuration.commandTimeout = settings.redisTimeout
        configuration.clientName = "recuerde"
        configuration.tls.trustRoots = settings.tlsCAFile.map { .file($0) }
        configuration.tls.certificateChain = settings.tlsCertificateFile.map { .file($0) }
        configuration.tls.privateKey = settings.tlsKeyFile.map { .file($0) }
        return configuration
    }
}
