import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Synchronization

/// What callers get while a source is down and stale values stand in, beside fresh ones in the same run.
enum StaleHits {
    private static let callers = 100
    private static let keys = 500
    private static let turns = 3
    private static let length = milliseconds(1_000)

    /// How the source is, and what that makes of a call.
    private enum Mode: String, CaseIterable, Sendable {
        case fresh = "fresh"
        case throttled = "source fails, stale within the pause"
        case atOnce = "source hangs, soft limit 0"
        case soon = "source hangs, soft limit 10 ms"

        var options: EntryOptions {
            var options = EntryOptions()
            options.maximumStaleness = .seconds(600)
            options.timeToLive = self == .fresh ? .seconds(600) : .milliseconds(1)
            options.failureThrottle = .seconds(600)
            options.loadTimeout = .seconds(600)
            if self == .atOnce { options.softTimeout = .zero }
            if self == .soon { options.softTimeout = .milliseconds(10) }
            return options
        }
    }

    private struct Run: Sendable {
        var latencies = LatencyCounts()
        var stale = 0
    }

    static func measure(_ server: RedisServerProcess) async throws -> LifeTable {
        var table = LifeTable(
            "stale",
            "\(callers) callers, \(keys) keys",
            ["calls_s", "to_fresh", "p50_us", "p99_us", "p99.9_us", "max_us", "stale", "calls", "source_asked"]
        )
        let node = try await Measurements.node(server)
        for (name, cache) in [("memory only", Cache(configuration: CacheConfiguration())), ("with Redis", node.cache)] {
            try await measure(cache, name, &table)
            // Ends the loads that hang.
            cache.close()
        }
        await node.client.shutdown()
        return table
    }

    private static func measure(_ cache: Cache, _ name: String, _ table: inout LifeTable) async throws {
        for mode in Mode.allCases {
            for key in keys(mode) {
                try await cache.set(key, to: [UInt8](repeating: 1, count: 100), options: mode.options)
            }
        }
        try await Task.sleep(nanoseconds: 20_000_000)
        let asked = Mode.allCases.map { _ in Counter() }
        // Each source is asked once for each key, and then is down.
        for (index, mode) in Mode.allCases.enumerated() {
            for key in keys(mode) { _ = try await call(cache, key, mode, asked[index]) }
        }
        var runs: [[Run]] = Mode.allCases.map { _ in [] }
        for _ in 0..<turns {
            for (index, mode) in Mode.allCases.enumerated() {
                runs[index].append(try await turn(cache, mode, asked[index]))
            }
        }
        let rates = runs.map { runs in LifeTable.median(runs.map { Int64($0.latencies.total) * 1_000_000_000 / length })
        }
        for (index, mode) in Mode.allCases.enumerated() {
            let latencies = runs[index].reduce(into: LatencyCounts()) { $0.add($1.latencies) }
            table.add(
                "\(name): \(mode.rawValue)",
                ["\(rates[index])", "\(Double(rates[index] * 1_000 / max(1, rates[0])) / 1_000)"]
                    + [0.5, 0.99, 0.999, 1].map { LifeTable.us(latencies.quantile(min($0, 1 - 1e-12))) }
                    + ["\(runs[index].reduce(0) { $0 + $1.stale })", "\(latencies.total)", "\(asked[index].count)"]
            )
        }
    }

    private final class Counter: Sendable {
        private let value = Atomic(0)
        var count: Int { value.load(ordering: .relaxed) }
        func add() { value.wrappingAdd(1, ordering: .relaxed) }
    }

    private static func keys(_ mode: Mode) -> [CacheKey] {
        (0..<keys).map { CacheKey("\(mode)", "\($0)") }
    }

    /// Whether what came was stale.
    private static func call(_ cache: Cache, _ key: CacheKey, _ mode: Mode, _ asked: Counter) async throws -> Bool {
        try await call(cache, key, mode, mode.options, asked)
    }

    private static func call(
        _ cache: Cache,
        _ key: CacheKey,
        _ mode: Mode,
        _ options: EntryOptions,
        _ asked: Counter
    ) async throws -> Bool {
        let result: CacheResult<[UInt8]> = try await cache.result(for: key, options: options) { _ in
            asked.add()
            if mode == .throttled { throw SourceFailed() }
            try await Task.sleep(nanoseconds: 3_600_000_000_000)
            throw SourceFailed()
        }
        return result.provenance.source == .stale
    }

    private static func turn(_ cache: Cache, _ mode: Mode, _ asked: Counter) async throws -> Run {
        let (keys, options) = (keys(mode), mode.options)
        let end = nanoseconds() + length
        return try await withThrowingTaskGroup(of: Run.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var (run, index) = (Run(), caller * 37 % keys.count)
                    while true {
                        // Who never waits lets the others in now and then.
                        for _ in 0..<64 {
                            let begin = nanoseconds()
                            if begin >= end { return run }
                            if try await call(cache, keys[index], mode, options, asked) { run.stale += 1 }
                            run.latencies.add(nanoseconds() - begin)
                            index = index == keys.count - 1 ? 0 : index + 1
                        }
                        await Task.yield()
                    }
                }
            }
            return try await group.reduce(into: Run()) {
                $0.latencies.add($1.latencies)
                $0.stale += $1.stale
            }
        }
    }
}
