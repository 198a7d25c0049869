import Logging
import Recuerde
import RecuerdeRedis
import RecuerdeTesting

/// A cache on a real server.
struct Node: Sendable {
    let client: RedisClient
    let cache: Cache

    /// Where nobody tells of changes (`tracks` is false), Redis is asked first, so that every read sees what others have written.
    init(
        _ server: RedisServerProcess,
        url: String? = nil,
        tracks: Bool = false,
        _ change: (inout CacheConfiguration) -> Void = { _ in }
    ) throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var redis = RedisConfiguration(url: try RedisURL(url ?? server.url))
        redis.tracksKeys = tracks
        client = RedisClient(configuration: redis, logger: logger)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        configuration.breakerPause = .milliseconds(200)
        change(&configuration)
        cache = Cache(configuration: configuration, remote: RedisTier(client: client), logger: logger)
    }
}

/// Runs a body with a cache, and shuts its client down afterwards.
func withNode<Result>(
    _ server: RedisServerProcess,
    url: String? = nil,
    tracks: Bool = false,
    _ change: (inout CacheConfiguration) -> Void = { _ in },
    _ body: (Node) async throws -> Result
) async throws -> Result {
    let node = try Node(server, url: url, tracks: tracks, change)
    // All its connections, so that no key is read over one that stands in for its own.
    try? await node.client.connect()
    await node.cache.connect()
    do {
        let result = try await body(node)
        await node.client.shutdown()
        return result
    } catch {
        await node.client.shutdown()
        throw error
    }
}

/// Asks again and again until a condition holds; gives up after a generous while.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let clock = SystemTimeSource()
    let end = clock.now().advanced(by: .seconds(30))
    while clock.now() < end {
        if try await condition() { return true }
        try await clock.sleep(until: clock.now().advanced(by: .milliseconds(20)))
    }
    return false
}

/// Until the cache uses the server again and has brought there what waited.
func recovered(_ node: Node) async throws -> Bool {
    try await eventually {
        _ = try await node.cache.get("some:other:key", as: Int.self)
        let statistics = node.cache.statistics()
        return statistics.redisAvailable && statistics.journalDepth == 0
    }
}
