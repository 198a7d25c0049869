import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import RecuerdeRedis

/// Measures one operation of the Redis client against a server that is there already, and prints one JSON object.
///
/// One process measures one thing, so that `getrusage` speaks of that alone. `scripts/bench redis` starts the server and
/// the other clients, and puts the figures side by side.
@main
struct RedisBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis-bench",
        abstract: "Measure one operation of the Redis client."
    )

    @Option(help: "The server's port on loopback.")
    var port: Int

    @Option(help: "get, set, lrange or large (GET of one value).")
    var operation: Operation = .get

    @Option(help: "Bytes of each value.")
    var valueBytes: Int = 100

    @Option(help: "How many tasks send one request after the other.")
    var tasks: Int = 50

    @Option(help: "Commands of one request; more than one makes a pipeline.")
    var pipeline: Int = 1

    @Option(help: "Seconds of measurement, after a warm-up of a third of it.")
    var seconds: Double = 1.2

    @Option(help: "Event loops; one core is left to the server unless told.")
    var loops: Int = max(1, System.coreCount - 1)

    @Option(help: "The key of lrange and large.")
    var key: String = "bench:list"

    @Option(help: "How often lrange and large are repeated.")
    var repetitions: Int = 5

    @Flag(help: "Run the tasks on the event loop of their key's connection.")
    var onLoop = false

    @Flag(help: "Let small commands run beside lrange or large.")
    var beside = false

    enum Operation: String, ExpressibleByArgument, Sendable {
        case get, set, lrange, large
    }

    init() {}

    func validate() throws {
        guard (1...65535).contains(port), tasks > 0, pipeline > 0, valueBytes >= 0, seconds > 0, loops > 0,
            repetitions > 0
        else { throw ValidationError("Every number must be positive, and the port a port.") }
    }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        var configuration = RedisConfiguration(url: try RedisURL("redis://127.0.0.1:\(port)/0"))
        configuration.onPush = { _ in }
        let client = RedisClient(
            configuration: configuration,
            eventLoopGroup: group,
            logger: Logger(label: "recuerde.benchmark")
        )
        let result: Measurement
        do {
            try await client.connect()
            try await switchTrackingOn(client)
            result = try await measure(client)
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
        try await group.shutdownGracefully()
        print(result.json)
    }

    private func measure(_ client: RedisClient) async throws -> Measurement {
        switch operation {
        case .get, .set:
            let workload = SmallCommands(
                client: client,
                isWrite: operation == .set,
                valueBytes: valueBytes,
                tasks: tasks,
                pipeline: pipeline,
                onLoop: onLoop
            )
            return try await workload.measure(seconds: seconds)
        case .lrange, .large:
            let workload = GreatReplies(
                client: client,
                command: operation == .lrange ? RedisCommand("LRANGE", key, 0, -1) : RedisCommand("GET", key),
                repetitions: repetitions,
                valueBytes: valueBytes,
                beside: beside
            )
            return try await workload.measure(seconds: seconds)
        }
    }

    /// As the cache does it: each connection tracks what was read over it. Nothing of the client says how to reach a
    /// certain connection, but the position of a routing key does, and the server reads `NOLOOP` in any mix of cases.
    private func switchTrackingOn(_ client: RedisClient) async throws {
        // The second connection opens when it is asked for first.
        for key in Keys.names.prefix(64) { _ = try await client.send(RedisCommand("EXISTS", key)) }
        let word = Array("NOLOOP".utf8)
        for mask in 0..<64 {
            let spelling = word.enumerated().map { mask & (1 << $0.offset) == 0 ? $0.element : $0.element | 0x20 }
            _ = try await client.send(RedisCommand("CLIENT", "TRACKING", "ON", spelling, key: 2))
        }
    }
}
