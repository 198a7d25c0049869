import Logging
import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Runs a body with a client of a cluster and shuts the client down afterwards, also when the body throws.
func withClusterClient<Result>(
    _ url: String,
    change: (inout RedisConfiguration, inout RedisClusterOptions) -> Void = { _, _ in },
    logger: Logger = quiet,
    onStateChange: (@Sendable (RedisClientState) -> Void)? = nil,
    _ body: (RedisClusterClient) async throws -> Result
) async throws -> Result {
    var configuration = RedisConfiguration(url: try RedisURL(url))
    // Other tests share the machine; where a deadline is the point, the test sets its own.
    configuration.commandTimeout = .seconds(20)
    configuration.connectTimeout = .seconds(10)
    var options = RedisClusterOptions()
    change(&configuration, &options)
    let client = RedisClusterClient(
        configuration: configuration,
        options: options,
        logger: logger,
        onStateChange: onStateChange
    )
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

/// Gives all tests of a suite one cluster of three masters with a password, started before the first and stopped after
/// the last of them.
struct OnOneCluster: SuiteTrait, TestScoping {
    @TaskLocal static var cluster: RedisClusterProcess?

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        var options = RedisServerOptions()
        options.password = "secret"
        try await withRedisCluster(replicas: 0, options: options) { cluster in
            try await Self.$cluster.withValue(cluster) { try await function() }
        }
    }
}

extension SuiteTrait where Self == OnOneCluster {
    static var onOneCluster: Self { OnOneCluster() }
}

func slot(of key: String) -> Int {
    Int(Array(key.utf8).withUnsafeBytes { RedisKeySlot.slot(of: $0) })
}

/// Keys with slots among the given ones, as many as are asked for. They share a few hash tags, which begin with a text
/// and are searched for.
func keys(_ prefix: String, in slots: ClosedRange<Int>, count: Int) -> [String] {
    var tags: [String] = []
    var number = 0
    while tags.count < min(count, slots.count, 20) {
        let tag = "\(prefix)\(number)"
        if slots.contains(slot(of: tag)) { tags.append(tag) }
        number += 1
    }
    return (0..<count).map { "{\(tags[$0 % tags.count])}\($0)" }
}

/// Tasks that read and write keys whose values say whose they are, until they are told to stop.
final class ClusterLoad: Sendable {
    struct Outcome {
        var reads = 0
        var writes = 0
        var wrong = 0
        var failedReads: [String] = []
        /// Writes whose failure does not say that they may have been executed.
        var failedWrites: [String] = []
    }

    private let outcome = Shared(Outcome())
    private let isOver = Shared(false)
    private let client: RedisClusterClient
    let keys: [String]

    init(_ client: RedisClusterClient, keys: [String]) {
        self.client = client
        self.keys = keys
    }

    /// Writes all keys once.
    func fill() async throws {
        for result in try await client.pipeline(keys.map { RedisCommand("SET", $0, "value of \($0)") }) {
            _ = try result.get()
        }
    }

    var reads: Int { outcome.value.reads }

    /// Waits until so many more reads have been answered.
    func more(_ count: Int) async throws {
        let goal = reads + count
        try await until { self.reads >= goal }
    }

    /// Runs the load beside a body that disturbs the cluster.
    func run(tasks: Int = 12, beside body: () async throws -> Void) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask { try await self.work(seed: UInt64(task)) }
            }
            defer { isOver.change { $0 = true } }
            try await body()
        }
        return outcome.value
    }

    private func work(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        while !isOver.value {
            guard let key = keys.randomElement(using: &random) else { return }
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<2:
                do {
                    _ = try await client.send(RedisCommand("SET", key, "value of \(key)"))
                    outcome.change { $0.writes += 1 }
                } catch let error as RedisError {
                    if !error.mayHaveExecuted { outcome.change { $0.failedWrites.append("\(error)") } }
                }
            case 2..<4:
                let some = (0..<8).compactMap { _ in keys.randomElement(using: &random) }
                await read(some) { try await self.client.send(RedisCommand("MGET", arguments: some)).elements ?? [] }
            case 4..<6:
                let some = (0..<8).compactMap { _ in keys.randomElement(using: &random) }
                await read(some) {
                    try await self.client.pipeline(some.map { RedisCommand("GET", $0) }).map { try $0.get() }
                }
            default:
                await read([key]) { [try await self.client.send(RedisCommand("GET", key))] }
            }
        }
    }

    private func read(_ keys: [String], _ body: () async throws -> [RESPValue]) async {
        do {
            let values = try await body().map(\.string)
            let isRight = values == keys.map { "value of \($0)" }
            outcome.change {
                $0.reads += 1
                if !isRight { $0.wrong += 1 }
            }
        } catch {
            outcome.change { $0.failedReads.append("\(error)") }
        }
    }
}
