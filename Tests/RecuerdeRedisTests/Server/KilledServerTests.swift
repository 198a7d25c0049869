import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What a client has in hand when its server dies gives its places back, whatever it is and wherever it waits.
@Suite struct PlacesAtAServerThatDies {
    private static let cap = 200

    private static func settings(_ configuration: inout RedisConfiguration) {
        configuration.maximumCommandsInFlight = cap
        configuration.maximumBytesInFlight = 64 << 20
        configuration.silenceLimit = .seconds(100)
        configuration.backoff = RedisBackoff(base: .milliseconds(1), cap: .milliseconds(20))
    }

    /// Commands of every kind, none of which is answered while the server stands still.
    private static func crowd(_ client: some RedisExecutor, key: String) -> [Task<Void, Never>] {
        func start(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) -> [Task<Void, Never>] {
            (0..<count).map { number in Task { try? await body(number) } }
        }
        // Long enough to be there when the server dies, and for those that are repeated to end before long.
        let timeout = Duration.seconds(2)
        let counted = String(repeating: "v", count: 20_000)
        let bulk = [UInt8](repeating: 0x61, count: 500_000)
        return start(40) { _ in _ = try await client.send(RedisCommand("GET", key), timeout: timeout) }
            + start(10) { _ in _ = try await client.send(RedisCommand("SET", key, counted), timeout: timeout) }
            + start(10) { _ in _ = try await client.send(RedisCommand("INCR", "\(key):n"), timeout: timeout) }
            + start(10) { _ in _ = try await client.send(RedisCommand("MGET", key, "\(key):n"), timeout: timeout) }
            + start(5) { _ in
                let commands = (0..<5).map { _ in RedisCommand("GET", key) }
                _ = try await client.pipeline(commands, timeout: timeout)
            }
            + start(3) { _ in _ = try await client.send(RedisCommand("SET", key, bulk), timeout: timeout, lane: .bulk) }
            + start(3) { _ in
                _ = try await client.send(RedisCommand("BLPOP", "\(key):list", 0), timeout: timeout, lane: .blocking)
            }
            // Some miss their deadlines before the server dies, others are cancelled.
            + start(5) { number in
                _ = try await client.send(RedisCommand("GET", key), timeout: .milliseconds(number))
            }
    }

    private static func dies(
        _ client: some RedisExecutor,
        key: String,
        server: RedisServerProcess,
        taken: () -> (commands: Int, bytes: Int)
    ) async throws {
        _ = try await client.send(RedisCommand("SET", key, "v"), timeout: .seconds(10))
        server.pause()
        let tasks = crowd(client, key: key)
        // All of them but those that miss their deadlines: the pipelines and what is divided count for more than one.
        try await until { taken().commands >= 90 && taken().bytes >= 3 * 500_000 }
        for task in tasks.prefix(5) { task.cancel() }
        server.kill()
        for task in tasks { await task.value }
        try await until { taken() == (0, 0) }
        // All places can be had again.
        try server.restart()
        let commands = (0..<cap).map { _ in RedisCommand("GET", key) }
        try await eventually {
            for result in try await client.pipeline(commands, timeout: .seconds(10)) { _ = try result.get() }
        }
        try await until { taken() == (0, 0) }
    }

    @Test(arguments: [true, false]) func areFreeAfterwards(repeats: Bool) async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    Self.settings(&$0)
                    if !repeats { $0.retry = .never }
                }
            ) { client in
                try await Self.dies(client, key: "k", server: server) {
                    (client.commandsInFlight, client.bytesInFlight)
                }
            }
        }
    }

    @Test func areFreeAfterwardsInACluster() async throws {
        var options = RedisServerOptions()
        // The other nodes go on without the one.
        options.extraLines = ["cluster-require-full-coverage no"]
        try await withRedisCluster(replicas: 0, options: options) { cluster in
            try await withClusterClient(cluster.url, change: { configuration, _ in Self.settings(&configuration) }) {
                client in
                try await client.connect()
                let key = try #require(keys("k", in: 0...5460, count: 1).first)
                try await Self.dies(client, key: key, server: cluster.nodes[0]) {
                    let clients = client.nodes.masters().map(\.client)
                    return (
                        client.figures.commandsInFlight + client.waiting.places.taken,
                        clients.reduce(client.waiting.bytes.taken) { $0 + $1.bytesInFlight }
                    )
                }
            }
        }
    }

    @Test func areFreeAfterwardsBehindSentinels() async throws {
        try await withRedisServer { server in
            try await FakeServer.with(FakeServer.sentinel(Shared(server.port))) { sentinel in
                try await withSentinelClient(
                    "redis+sentinel://\(sentinel.hostAndPort)/mymaster",
                    change: Self.settings
                ) { client in
                    try await Self.dies(client, key: "k", server: server) {
                        (client.figures.commandsInFlight, client.core.inFlight.bytes.taken)
                    }
                }
            }
        }
    }
}
