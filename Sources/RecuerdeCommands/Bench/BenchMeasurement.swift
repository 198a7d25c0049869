import Recuerde

/// What a benchmark measured of one operation.
struct BenchMeasurement: Sendable, Encodable {
    /// What was measured: `memory`, `redis`, `redis-client` or `redis-benchmark`.
    var client: String
    /// `get` or `set`.
    var operation: String
    /// How many tasks sent one operation after the other.
    var tasks: Int
    var valueBytes: Int
    var operationsPerSecond: Double
    /// Microseconds; nil where the tool does not tell.
    var p50: Double?
    var p99: Double?
    var p999: Double?

    private enum CodingKeys: String, CodingKey {
        case client, operation, tasks
        case valueBytes = "value_bytes"
        case operationsPerSecond = "ops_per_second"
        case p50 = "p50_us"
        case p99 = "p99_us"
        case p999 = "p999_us"
    }
}

/// Runs one operation many times from some tasks, each of which waits for its answer before it sends the next.
///
/// Throughput and latency are measured in two runs where an operation is short: reading the clock twice around a memory
/// hit would cost more than a tenth of the hit.
struct BenchRunner {
    var timeSource = SystemTimeSource()

    func measure(
        client: String,
        operation: String,
        tasks: Int,
        valueBytes: Int,
        operations: Int,
        timesEach: Bool,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> BenchMeasurement {
        // A warm-up, so that connections are open and tables have grown.
        _ = try await run(tasks: tasks, operations: max(tasks, operations / 10), timesEach: false, body)
        let whole = try await run(tasks: tasks, operations: operations, timesEach: timesEach, body)
        let timed =
            timesEach ? whole : try await run(tasks: tasks, operations: operations / 4, timesEach: true, body)
        let latencies = timed.latencies.sorted()
        func percentile(_ fraction: Double) -> Double? {
            guard !latencies.isEmpty else { return nil }
            let index = min(latencies.count - 1, Int((Double(latencies.count) * fraction).rounded(.up)) - 1)
            return Double(latencies[max(0, index)]) / 1_000
        }
        return BenchMeasurement(
            client: client,
            operation: operation,
            tasks: tasks,
            valueBytes: valueBytes,
            operationsPerSecond: Double(whole.operations) / whole.seconds,
            p50: percentile(0.5),
            p99: percentile(0.99),
            p999: percentile(0.999)
        )
    }

    private struct Run {
        var operations: Int
        var seconds: Double
        var latencies: [UInt32]
    }

    private func run(
        tasks: Int,
        operations: Int,
        timesEach: Bool,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Run {
        let share = max(1, operations / tasks)
        let started = timeSource.now()
        let latencies = try await withThrowingTaskGroup(of: [UInt32].self) { group in
            for task in 0..<tasks {
                group.addTask {
                    try await Self.repeatedly(
                        from: task * share,
                        count: share,
                        clock: timesEach ? timeSource : nil,
                        body
                    )
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let seconds = started.duration(to: timeSource.now()) / .seconds(1)
        return Run(operations: share * tasks, seconds: max(seconds, 1e-9), latencies: latencies)
    }

    /// One task's share. Not isolated to its caller, so that tasks run on as many threads as there are cores.
    @concurrent
    private static func repeatedly(
        from first: Int,
        count: Int,
        clock: SystemTimeSource?,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> [UInt32] {
        guard let clock else {
            for number in first..<(first + count) { try await body(number) }
            return []
        }
        var latencies: [UInt32] = []
        latencies.reserveCapacity(count)
        for number in first..<(first + count) {
            let before = clock.now()
            try await body(number)
            latencies.append(UInt32(clamping: clock.now().nanoseconds - before.nanoseconds))
        }
        return latencies
    }
}
