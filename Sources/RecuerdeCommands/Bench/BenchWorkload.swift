import Foundation
import Recuerde
import RecuerdeRedis

/// What `recuerde bench` runs: reads and writes of short texts, in memory and over Redis.
struct BenchWorkload {
    var operations: Int
    var valueBytes: Int
    let runner = BenchRunner()
    private let keyCount = 1_024

    private var value: String {
        String(repeating: "x", count: valueBytes)
    }

    private func keys(_ name: String) -> [CacheKey] {
        (0..<keyCount).map { CacheKey("bench", name, "\($0)") }
    }

    /// The memory tier alone: `get` of hits, and `set`.
    func memory() async throws -> [BenchMeasurement] {
        let cache = Cache()
        return try await measure(cache, client: "memory", operations: operations * 10, timesEach: false)
    }

    /// The cache with Redis behind it, which is asked first; keys of its own prefix, removed afterwards.
    func redis(_ client: any RedisExecutor) async throws -> [BenchMeasurement] {
        var configuration = CacheConfiguration()
        configuration.prefix = "recuerde-bench-\(UInt32.random(in: 0...UInt32.max))"
        // Whoever measures wants to know when an answer did not come from where it should.
        configuration.rethrowsRemoteErrors = true
        configuration.remoteDeadline = .seconds(5)
        let cache = Cache(configuration: configuration, remote: RedisTier(client: client))
        do {
            let measured = try await measure(cache, client: "redis", operations: operations, timesEach: true)
            _ = try await cache.clear()
            return measured
        } catch {
            _ = try? await cache.clear()
            throw error
        }
    }

    private func measure(
        _ cache: Cache,
        client: String,
        operations: Int,
        timesEach: Bool
    ) async throws -> [BenchMeasurement] {
        let keys = keys(client)
        let value = value
        var measured: [BenchMeasurement] = []
        for tasks in [1, 50] {
            // One task at a time spends its time waiting for the network: fewer operations say as much.
            let share = timesEach && tasks == 1 ? operations / 5 : operations
            measured.append(
                try await runner.measure(
                    client: client,
                    operation: "set",
                    tasks: tasks,
                    valueBytes: valueBytes,
                    operations: timesEach ? share : share / 10,
                    timesEach: timesEach
                ) { number in
                    try await cache.set(keys[number & 1_023], to: value)
                }
            )
            measured.append(
                try await runner.measure(
                    client: client,
                    operation: "get",
                    tasks: tasks,
                    valueBytes: valueBytes,
                    operations: share,
                    timesEach: timesEach
                ) { number in
                    guard try await cache.get(keys[number & 1_023], as: String.self) != nil else {
                        throw BenchError("a value that was just written was not found")
                    }
                }
            )
        }
        return measured
    }

    /// The client alone: the commands that `redis-benchmark` sends.
    func client(_ client: any RedisExecutor) async throws -> [BenchMeasurement] {
        let name = "recuerde-bench-\(UInt32.random(in: 0...UInt32.max))"
        let value = value
        var measured: [BenchMeasurement] = []
        for tasks in [1, 50] {
            let share = tasks == 1 ? operations / 5 : operations
            measured.append(
                try await runner.measure(
                    client: "redis-client",
                    operation: "set",
                    tasks: tasks,
                    valueBytes: valueBytes,
                    operations: share,
                    timesEach: true
                ) { number in
                    _ = try await client.send(
                        RedisCommand("SET", "\(name):\(number & 1_023)", value, "PX", 60_000),
                        timeout: .seconds(5)
                    )
                }
            )
            measured.append(
                try await runner.measure(
                    client: "redis-client",
                    operation: "get",
                    tasks: tasks,
                    valueBytes: valueBytes,
                    operations: share,
                    timesEach: true
                ) { number in
                    _ = try await client.send(
                        RedisCommand("GET", "\(name):\(number & 1_023)"),
                        timeout: .seconds(5)
                    )
                }
            )
        }
        return measured
    }
}

/// Why a benchmark cannot go on.
struct BenchError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
