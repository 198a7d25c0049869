import Recuerde
import RecuerdeRedis
import RecuerdeTesting

/// What tags cost a hit in memory.
enum TagCost {
    private static let tags = [0, 1, 4, 16]
    private static let keys = 1_000
    private static let hits = 500_000
    private static let turns = 7

    static func measure(_ server: RedisServerProcess) async throws -> LifeTable {
        var table = LifeTable(
            "tags",
            "a hit of one caller",
            ["ns", "beyond_none_ns", "allocations", "hits"]
        )
        let node = try await Measurements.node(server)
        for (name, cache) in [("memory only", Cache(configuration: CacheConfiguration())), ("tracked", node.cache)] {
            let sets = tags.map { count in (0..<keys).map { CacheKey("tags-\(count)", "\($0)") } }
            for (set, count) in zip(sets, tags) {
                for (index, key) in set.enumerated() {
                    var options = EntryOptions()
                    options.tags = (0..<count).map { "tag-\((index * 5 + $0) % 64)" }
                    try await cache.set(key, to: [UInt8](repeating: 1, count: 100), options: options)
                }
            }
            // What is not known yet of entries and tags is read once.
            for set in sets { _ = try await turn(cache, set, hits: keys) }
            var (costs, allocations): ([[Int64]], [Int]) = (tags.map { _ in [] }, tags.map { _ in -1 })
            for _ in 0..<turns {
                for (index, set) in sets.enumerated() {
                    let (before, start) = (HitCost.allocations(), nanoseconds())
                    let found = try await turn(cache, set, hits: hits)
                    let (time, after) = (nanoseconds() - start, HitCost.allocations())
                    if found != hits { fail("\(hits - found) of \(hits) reads found nothing") }
                    costs[index].append(time * 10 / Int64(hits))
                    allocations[index] = after.flatMap { after in before.map { after - $0 } } ?? -1
                }
            }
            let none = LifeTable.median(costs[0])
            for (index, count) in tags.enumerated() {
                let cost = LifeTable.median(costs[index])
                table.add(
                    "\(name): \(count) tags",
                    ["\(Double(cost) / 10)", "\(Double(cost - none) / 10)"]
                        + [allocations[index] < 0 ? "not counted" : "\(allocations[index])", "\(hits)"]
                )
            }
        }
        await node.client.shutdown()
        return table
    }

    private static func turn(_ cache: Cache, _ keys: [CacheKey], hits: Int) async throws -> Int {
        var (found, index) = (0, 0)
        for _ in 0..<hits {
            if try await cache.get(keys[index], as: [UInt8].self) != nil { found += 1 }
            index = index == keys.count - 1 ? 0 : index + 1
        }
        return found
    }
}
