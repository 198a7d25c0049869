import Recuerde
import RecuerdeRedis
import RecuerdeTesting

/// What it costs to invalidate a tag that a million entries carry, beside one that ten do, in the same cache.
enum TagInvalidationCost {
    private static let many = 1_000_000
    private static let few = 10
    private static let turns = 101

    static func measure(_ server: RedisServerProcess) async throws -> LifeTable {
        var table = LifeTable(
            "invalidate",
            "invalidate(tags:), one tag",
            ["first_us", "p50_us", "p99_us", "max_us", "next_get_void_p50_us", "next_hit_p50_us", "next_hit_max_us"]
        )
        func room(_ configuration: inout CacheConfiguration) {
            configuration.memory.maximumEntries = 2 * many
            configuration.memory.maximumBytes = 4 << 30
            // A thousand writes in one exchange, beside whatever else a machine does: nothing is to go by way of the journal.
            configuration.remoteDeadline = .seconds(10)
        }
        var alone = CacheConfiguration()
        room(&alone)
        try await measure(Cache(configuration: alone), "memory only", &table)
        // Redis remembers a million keys for all who are told of changes, unless it is told otherwise, and takes the rest for changed.
        try server.command("CONFIG", "SET", "tracking-table-max-keys", "0")
        let node = try await Measurements.node(server, room)
        try await measure(node.cache, "with Redis", &table)
        await node.client.shutdown()
        return table
    }

    private struct Costs {
        var calls: [Int64] = []
        var gets: [Int64] = []
        var hits: [Int64] = []
    }

    private static func measure(_ cache: Cache, _ name: String, _ table: inout LifeTable) async throws {
        let sizes = [few, many]
        for size in sizes { try await fill(cache, size) }
        let statistics = cache.statistics()
        if statistics.cacheSize < many + few {
            fail(
                "only \(statistics.cacheSize) entries are held: \(statistics.invalidations) went for notices, "
                    + "\(statistics.evictions) were evicted, \(statistics.remote.errors) exchanges failed, "
                    + "the journal overflowed \(statistics.journalOverflows) times"
            )
        }
        var costs = sizes.map { _ in Costs() }
        for turn in 0..<turns {
            for (index, size) in sizes.enumerated() {
                let (again, void) = (key(size, 0), key(size, 1 + turn % (size - 1)))
                let begin = nanoseconds()
                try await cache.invalidate(tags: [tag(size)])
                costs[index].calls.append(nanoseconds() - begin)
                let asked = nanoseconds()
                if try await cache.get(void, as: Int.self) != nil { fail("a void entry was served") }
                costs[index].gets.append(nanoseconds() - asked)
                try await cache.set(again, to: 2, options: options(size))
                // What was written is read once, if it has to be.
                _ = try await cache.get(again, as: Int.self)
                let hit = nanoseconds()
                if try await cache.get(again, as: Int.self) == nil { fail("a valid entry was not served") }
                costs[index].hits.append(nanoseconds() - hit)
            }
        }
        for (index, size) in sizes.enumerated() {
            let calls = Distribution(Array(costs[index].calls.dropFirst()))
            table.add(
                "\(name): \(size) entries carry it",
                [LifeTable.us(costs[index].calls[0])] + [0.5, 0.99, 1].map { LifeTable.us(calls.quantile($0)) }
                    + [
                        LifeTable.us(LifeTable.median(costs[index].gets)),
                        LifeTable.us(LifeTable.median(costs[index].hits)),
                    ]
                    + [LifeTable.us(costs[index].hits.max() ?? 0)]
            )
        }
    }

    private static func tag(_ size: Int) -> String { "of-\(size)" }
    private static func key(_ size: Int, _ number: Int) -> CacheKey { CacheKey("tagged-\(size)", "\(number)") }

    private static func options(_ size: Int) -> EntryOptions {
        var options = EntryOptions()
        options.tags = [tag(size)]
        options.maximumStaleness = .seconds(3_600)
        return options
    }

    private static func fill(_ cache: Cache, _ size: Int) async throws {
        for start in stride(from: 0, to: size, by: 1_000) {
            let keys = (start..<min(size, start + 1_000)).map { (key(size, $0), 1) }
            try await cache.set(Dictionary(uniqueKeysWithValues: keys), options: options(size))
        }
    }
}
