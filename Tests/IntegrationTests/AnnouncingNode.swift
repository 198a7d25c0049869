import Logging
import Recuerde
import RecuerdeRedis
import RecuerdeTesting

/// A cache on a real server that hears by pub/sub of what others change.
struct AnnouncingNode: Sendable {
    let client: RedisClient
    /// By which it subscribes; nil for the same.
    let subscriber: RedisClient?
    let tier: RedisTier
    let cache: Cache

    init(
        _ server: RedisServerProcess,
        url: String?,
        subscribingBy subscriberURL: String?,
        _ invalidation: RedisTierInvalidation,
        _ change: (inout CacheConfiguration) -> Void
    ) throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var redis = RedisConfiguration(url: try RedisURL(url ?? server.url))
        redis.tracksKeys = invalidation != .published(on: Self.channel)
        client = RedisClient(configuration: redis, logger: logger)
        if let subscriberURL {
            var configuration = RedisConfiguration(url: try RedisURL(subscriberURL))
            configuration.connectTimeout = .milliseconds(500)
            subscriber = RedisClient(configuration: configuration, logger: logger)
        } else {
            subscriber = nil
        }
        var executor: any RedisExecutor = client
        if let subscriber { executor = TwoWays(client: client, subscriber: subscriber) }
        tier = RedisTier(client: executor, invalidation: invalidation)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        configuration.breakerPause = .milliseconds(200)
        // So that what is found out in time is found out by being told.
        configuration.stalenessBound = .seconds(120)
        change(&configuration)
        cache = Cache(configuration: configuration, remote: tier, logger: logger)
    }

    static let channel = RedisTierInvalidation.channel(prefix: "test", database: 0)

    /// Whether it is told of changes.
    var isHearing: Bool { cache.statistics().invalidationLines > 0 }

    func shutdown() async {
        await client.shutdown()
        await subscriber?.shutdown()
    }
}

/// Subscribes by a way of its own.
private struct TwoWays: RedisExecutor {
    let client: RedisClient
    let subscriber: RedisClient

    var address: String { client.address }
    var commandTimeout: Duration { client.commandTimeout }
    var figures: RedisClientFigures { client.figures }

    func connect() async throws { try await client.connect() }

    func send(_ command: RedisCommand, timeout: Duration?) async throws -> RESPValue {
        try await client.send(command, timeout: timeout)
    }

    func send(_ command: RedisCommand, timeout: Duration?, lane: RedisLane) async throws -> RESPValue {
        try await client.send(command, timeout: timeout, lane: lane)
    }

    func subscription(to channels: [String], patterns: [String], buffer: Int) -> RedisSubscription {
        subscriber.subscription(to: channels, patterns: patterns, buffer: buffer)
    }

    func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws -> [Result<RESPValue, RedisError>] {
        try await client.pipeline(commands, timeout: timeout)
    }

    func groups(of keys: [String]) -> [[String]] { client.groups(of: keys) }

    func shutdown() async { await client.shutdown() }
}

/// Runs a body with such a cache, and shuts its client down afterwards.
func withAnnouncingNode<Result>(
    _ server: RedisServerProcess,
    url: String? = nil,
    subscribingBy subscriberURL: String? = nil,
    invalidation: RedisTierInvalidation = .published(on: AnnouncingNode.channel),
    _ change: (inout CacheConfiguration) -> Void = { _ in },
    _ body: (AnnouncingNode) async throws -> Result
) async throws -> Result {
    let node = try AnnouncingNode(server, url: url, subscribingBy: subscriberURL, invalidation, change)
    try? await node.client.connect()
    await node.cache.connect()
    do {
        let result = try await body(node)
        await node.shutdown()
        return result
    } catch {
        await node.shutdown()
        throw error
    }
}
