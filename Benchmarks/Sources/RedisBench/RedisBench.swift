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

    @Option(help: "get, set, mixed (GET and SET of each key in turn), lrange or large (GET of one value).")
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

    @Option(help: "Milliseconds from one of them to the next, at least.")
    var pace: Int = 0

    @Flag(help: "Run the tasks on the event loop of their key's connection.")
    var onLoop = false

    @Flag(help: "Let small commands run beside lrange or large.")
    var beside = false

    enum Operation: String, ExpressibleByArgument, Sendable {
        case get, set, mixed, lrange, large
    }

    init() {}

    func validate() throws {
        guard (1...65535).contains(port), tasks > 0, pipeline > 0, valueBytes >= 0, seconds > 0, loops > 0,
            repetitions > 0, pace >= 0
        else { throw ValidationError("Every number must be positive, and the port a port.") }
    }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        var configuration = RedisConfiguration(url: try RedisURL("redis://127.0.0.1:\(port)/0"))
        configuration.tracksKeys = true
        let client = RedisClient(
            configuration: configuration,
            eventLoopGroup: group,
            logger: Logger(label: "recuerde.benchmark")
        )
        let result: Measurement
        do {
            try await client.connect()
            // The other connections open beside it; a command of each key waits for that of its own.
            for key in Keys.names.prefix(64) { _ = try await client.send(RedisCommand("EXISTS", key)) }
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
        case .get, .set, .mixed:
            let workload = SmallCommands(
                client: client,
                kind: operation == .get ? .reads : operation == .set ? .writes : .both,
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
                beside: beside,
                pace: pace
            )
            return try await workload.measure(seconds: seconds)
        }
    }
}
