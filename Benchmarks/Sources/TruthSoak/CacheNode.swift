import Logging
import Recuerde
import RecuerdeRedis

/// A cache on a client of its own, with tracking.
struct CacheNode: Sendable {
    let client: any RedisExecutor
    let tier: RedisTier
    let cache: Cache

    init(url: String, flaw: Flaw? = nil, _ change: (inout CacheConfiguration) -> Void = { _ in }) throws {
        var logger = Logger(label: "soak")
        logger.logLevel = .critical
        var redis = RedisConfiguration(url: try RedisURL(url))
        redis.tracksKeys = true
        client = try redis.makeExecutor(logger: logger)
        tier = RedisTier(client: client)
        var configuration = CacheConfiguration()
        configuration.prefix = "soak"
        change(&configuration)
        if flaw == .unchecked { configuration.readingOrder = .memoryUnchecked }
        if let flaw {
            cache = Cache(configuration: configuration, remote: FlawedTier(tier, flaw), logger: logger)
        } else {
            cache = Cache(configuration: configuration, remote: tier, logger: logger)
        }
    }
}
