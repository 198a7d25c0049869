import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Synchronization

/// Ten thousand callers of one key that nobody has: how many loads there are, and when the last caller has its answer.
enum ColdKey {
    private static let callers = 10_000
    private static let rounds = 9
    private static let loadTime = UInt64(50_000_000)

    /// The loads of one round.
    private final class Source: Sendable {
        private let spans = Mutex<[(begin: Int64, end: Int64)]>([])

        func load() async throws -> Int {
            let begin = nanoseconds()
            try await Task.sleep(nanoseconds: loadTime)
            let end = nanoseconds()
            spans.withLock { $0.append((begin, end)) }
            return 1
        }

        var all: [(begin: Int64, end: Int64)] { spans.withLock { $0 } }
    }

    static func measure(_ server: RedisServerProcess) async throws -> LifeTable {
        let one = try await Measurements.node(server)
        let two = try await Measurements.node(server)
        let setups: [(name: String, caches: [Cache], leases: Bool)] = [
            ("no cache: one task, awaited by all", [], false),
            ("memory only", [Cache(configuration: CacheConfiguration())], false),
            ("with Redis", [one.cache], false),
            ("with Redis and leases", [one.cache], true),
            ("two nodes with Redis, half of the callers each", [one.cache, two.cache], false),
            ("the same with leases", [one.cache, two.cache], true),
        ]
        var loads: [[Int]] = setups.map { _ in [] }
        var beyond: [[Int64]] = setups.map { _ in [] }
        var after: [[Int64]] = setups.map { _ in [] }
        for number in 0..<rounds {
            for (index, setup) in setups.enumerated() {
                let source = Source()
                let key = CacheKey("cold", "\(number)-\(index)")
                var options = EntryOptions()
                options.loadsOncePerCluster = setup.leases
                let begin = nanoseconds()
                let last = try await answers(setup.caches, key, options, source)
                let spans = source.all
                let (first, end) = (spans.map { $0.end - $0.begin }.max() ?? 0, spans.map(\.end).max() ?? last)
                loads[index].append(spans.count)
                beyond[index].append(last - begin - first)
                after[index].append(last - end)
            }
        }
        var table = LifeTable(
            "cold",
            "\(callers) callers of one cold key, a load of 50 ms",
            [
                "loads_least", "loads_most", "beyond_load_p50_ms", "beyond_load_max_ms", "after_load_p50_ms",
                "after_load_max_ms",
            ]
        )
        for (index, setup) in setups.enumerated() {
            table.add(
                setup.name,
                ["\(loads[index].min() ?? 0)", "\(loads[index].max() ?? 0)"]
                    + [beyond[index], after[index]].flatMap {
                        [LifeTable.ms(LifeTable.median($0)), LifeTable.ms($0.max() ?? 0)]
                    }
            )
        }
        await one.client.shutdown()
        await two.client.shutdown()
        return table
    }

    /// When the last of all callers had its answer.
    private static func answers(
        _ caches: [Cache],
        _ key: CacheKey,
        _ options: EntryOptions,
        _ source: Source
    ) async throws -> Int64 {
        try await withThrowingTaskGroup(of: Int64.self) { group in
            let one = caches.isEmpty ? Task { try await source.load() } : nil
            for caller in 0..<callers {
                if let one {
                    group.addTask {
                        if try await one.value != 1 { fail("another value came back") }
                        return nanoseconds()
                    }
                    continue
                }
                let cache = caches[caller % caches.count]
                group.addTask {
                    let value = try await cache.value(for: key, options: options) { try await source.load() }
                    if value != 1 { fail("another value came back") }
                    return nanoseconds()
                }
            }
            return try await group.reduce(0, max)
        }
    }
}
