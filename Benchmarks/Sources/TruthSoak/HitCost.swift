import Foundation
import Recuerde
import RecuerdeRedis
import RecuerdeTesting

/// A hit with everything switched on beside one in a cache without Redis, and beside asking Redis.
enum HitCost {
    private static let keys = (0..<1_000).map { CacheKey("hit-\($0)") }

    static func measure(_ server: RedisServerProcess) async throws {
        var alone = CacheConfiguration()
        alone.prefix = "soak"
        let memoryOnly = Cache(configuration: alone)
        let tracked = try await Measurements.node(server)
        let asking = try await Measurements.node(server) { $0.readingOrder = .remoteFirst }
        let caches = [memoryOnly, tracked.cache, asking.cache]
        for cache in caches {
            for key in keys { try await cache.set(key, to: [UInt8](repeating: 1, count: 100)) }
        }
        // The one that wrote last has the copy that the others were told of: each reads once.
        for cache in caches { _ = try await turn(cache, hits: keys.count) }
        var costs: [[Int64]] = [[], [], []]
        var allocations: [Int] = [0, 0, 0]
        let hits = [2_000_000, 2_000_000, 10_000]
        for _ in 0..<7 {
            for (index, cache) in caches.enumerated() {
                let (before, start) = (Self.allocations(), nanoseconds())
                let found = try await turn(cache, hits: hits[index])
                let (time, after) = (nanoseconds() - start, Self.allocations())
                if found != hits[index] { fail("\(hits[index] - found) of \(hits[index]) reads found nothing") }
                costs[index].append(time * 1_000 / Int64(hits[index]))
                allocations[index] = after.flatMap { after in before.map { after - $0 } } ?? -1
            }
        }
        let asked = tracked.cache.statistics().remote.totalRequests
        print("a hit, one caller (median of 7)              ns      to memory only   allocations in the last turn")
        for (name, index) in [("memory only", 0), ("memoryFirst, tracked, verified", 1), ("remoteFirst", 2)] {
            let cost = costs[index].sorted()[3]
            let ratio = Double(cost * 100 / costs[0].sorted()[3]) / 100
            let counted = allocations[index] < 0 ? "not counted" : "\(allocations[index]) of \(hits[index]) hits"
            print(
                "  \(Distribution.padded(name, 42)) \(Distribution.padded("\(Double(cost / 100) / 10)", 7)) "
                    + "\(Distribution.padded("\(ratio)", 16)) \(counted)"
            )
        }
        print("  requests to Redis of the tracked cache, in all: \(asked)")
        await tracked.client.shutdown()
        await asking.client.shutdown()
    }

    private static func turn(_ cache: Cache, hits: Int) async throws -> Int {
        var (found, index) = (0, 0)
        for _ in 0..<hits {
            if try await cache.get(keys[index], as: [UInt8].self) != nil { found += 1 }
            index = index == keys.count - 1 ? 0 : index + 1
        }
        return found
    }

    /// How often memory was allocated so far, where the counter of `Benchmarks/truths` is loaded.
    static func allocations() -> Int? {
        guard let symbol = dlsym(nil, "recuerde_allocations") else { return nil }
        return unsafeBitCast(symbol, to: (@convention(c) () -> Int).self)()
    }
}
