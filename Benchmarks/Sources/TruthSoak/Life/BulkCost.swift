import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Synchronization

/// What a hundred values cost at once, beside one after the other and all at the same time, by turns in one run.
enum BulkCost {
    private static let keys = 100
    private static let turns = 101

    /// Counts what the cache asks of Redis.
    private final class CountingTier: ForwardingTier {
        let base: any RemoteTier
        private let asked = Atomic(0)

        var exchanges: Int { asked.load(ordering: .relaxed) }

        init(_ base: any RemoteTier) { self.base = base }

        private func count() { asked.wrappingAdd(1, ordering: .relaxed) }

        func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
            count()
            return try await base.read(names, with: details, timeout: timeout)
        }

        func write(
            _ writes: [RemoteWrite],
            timeout: Duration
        ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
            count()
            return try await base.write(writes, timeout: timeout)
        }

        func plant(
            _ names: [String],
            timeToLive: Duration,
            timeout: Duration
        ) async throws -> [Result<RemoteToken, RemoteTierError>] {
            count()
            return try await base.plant(names, timeToLive: timeToLive, timeout: timeout)
        }
    }

    /// One way to ask for all keys.
    private struct Way {
        var name: String
        var ask: @Sendable (Cache, [CacheKey]) async throws -> Int
        var times: [Int64] = []
        var exchanges = 0
    }

    static func measure(_ server: RedisServerProcess) async throws -> LifeTable {
        var table = LifeTable(
            "bulk",
            "\(keys) values",
            ["p50_us", "p99_us", "of_one_by_one", "exchanges"]
        )
        let (writer, reader) = (try await Measurements.node(server), try await Measurements.node(server))
        let tier = CountingTier(reader.tier)
        let cache = Cache(configuration: reader.cache.configuration, remote: tier)
        await cache.connect()
        try await measure("loaded", ways(loading: true), table: &table, cache, tier) { _ in }
        try await measure("found in Redis", ways(loading: false), table: &table, cache, tier) { keys in
            try await writer.cache.set(Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) }))
        }
        await writer.client.shutdown()
        await reader.client.shutdown()
        return table
    }

    private static func ways(loading: Bool) -> [Way] {
        [
            Way(name: "one by one") { cache, keys in
                var sum = 0
                for key in keys { sum += try await one(cache, key, loading) }
                return sum
            },
            Way(name: "one by one, at the same time") { cache, keys in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for key in keys { group.addTask { try await one(cache, key, loading) } }
                    return try await group.reduce(0, +)
                }
            },
            Way(name: "at once") { cache, keys in
                if !loading { return try await cache.get(keys, as: Int.self).count }
                return try await cache.values(for: keys) { keys in
                    Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
                }.count
            },
        ]
    }

    private static func one(_ cache: Cache, _ key: CacheKey, _ loading: Bool) async throws -> Int {
        loading ? try await cache.value(for: key) { 1 } : try await cache.get(key, as: Int.self) ?? 0
    }

    private static func measure(
        _ what: String,
        _ ways: [Way],
        table: inout LifeTable,
        _ cache: Cache,
        _ tier: CountingTier,
        _ prepare: ([CacheKey]) async throws -> Void
    ) async throws {
        var ways = ways
        for turn in 0..<turns {
            for index in ways.indices {
                let keys = (0..<keys).map { CacheKey("bulk", what, "\(index)", "\(turn)", "\($0)") }
                try await prepare(keys)
                let (before, begin) = (tier.exchanges, nanoseconds())
                let found = try await ways[index].ask(cache, keys)
                ways[index].times.append(nanoseconds() - begin)
                ways[index].exchanges = tier.exchanges - before
                if found != keys.count { fail("\(found) of \(keys.count) values came: \(ways[index].name), \(what)") }
            }
        }
        let first = LifeTable.median(ways[0].times)
        for way in ways {
            let times = Distribution(way.times)
            table.add(
                "\(what), \(way.name)",
                [0.5, 0.99].map { LifeTable.us(times.quantile($0)) }
                    + [
                        "\((Double(LifeTable.median(way.times)) / Double(first) * 1_000).rounded() / 1_000)",
                        "\(way.exchanges)",
                    ]
            )
        }
    }
}
