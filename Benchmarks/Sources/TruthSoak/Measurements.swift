import Foundation
import Recuerde
import RecuerdeRedis
import RecuerdeTesting

/// What two tiers cost, on a server of its own.
enum Measurements {
    static func run(_ arguments: Arguments) async throws {
        let only = Set(
            arguments.text("--only", else: "hit,plant,latency,recovery").split(separator: ",").map(String.init)
        )
        let known: Set = ["hit", "plant", "latency", "recovery", "cold", "stale", "tags", "invalidate", "bulk"]
        guard only.isSubset(of: known) else { fail("measurements are \(known.sorted())") }
        // The counter of allocations is for this process: a server with an allocator of its own does not live with it.
        unsetenv("LD_PRELOAD")
        let server = try RedisServerProcess()
        defer { server.stop() }
        let json = arguments.has("--json")
        if !json { load("at the start") }
        if only.contains("cold") { try await ColdKey.measure(server).print(json: json) }
        if only.contains("stale") { try await StaleHits.measure(server).print(json: json) }
        if only.contains("tags") { try await TagCost.measure(server).print(json: json) }
        if only.contains("invalidate") { try await TagInvalidationCost.measure(server).print(json: json) }
        if only.contains("bulk") { try await BulkCost.measure(server).print(json: json) }
        if json { return }
        if only.contains("hit") { try await HitCost.measure(server) }
        if only.contains("plant") { try await plant(server) }
        if only.contains("latency") { try await InvalidationLatency.measure(server) }
        if only.contains("recovery") { try await recovery(server) }
        load("at the end")
    }

    /// A node with all its connections and lines.
    static func node(_ server: RedisServerProcess, _ change: (inout CacheConfiguration) -> Void = { _ in }) async throws
        -> CacheNode
    {
        let node = try CacheNode(url: server.url, change)
        try await node.client.connect()
        await node.cache.connect()
        let end = nanoseconds() + milliseconds(5_000)
        while node.cache.statistics().invalidationLines == 0, nanoseconds() < end {
            try await Task.sleep(nanoseconds: 10_000_000)
        }
        return node
    }

    /// What the machine does besides.
    private static func load(_ when: String) {
        var averages = [Double](repeating: 0, count: 3)
        _ = getloadavg(&averages, 3)
        print("load of the machine \(when): \(averages.map { "\(($0 * 100).rounded() / 100)" }.joined(separator: " "))")
    }

    // MARK: One exchange for each load

    private static func plant(_ server: RedisServerProcess) async throws {
        let node = try await node(server)
        var (plants, pings, misses, loads) = ([Int64](), [Int64](), [Int64](), [Int64]())
        for number in 0..<20_000 {
            let name = "soak:v2:plant-\(number)"
            let begin = nanoseconds()
            _ = try await node.tier.plant([name], timeToLive: .seconds(60), timeout: .seconds(1))
            let planted = nanoseconds()
            try await node.client.ping()
            let pinged = nanoseconds()
            _ = try await node.tier.read([name], with: [], timeout: .seconds(1))
            let missed = nanoseconds()
            _ = try await node.cache.value(for: CacheKey("load-\(number)")) { 1 }
            loads.append(nanoseconds() - missed)
            plants.append(planted - begin)
            pings.append(pinged - planted)
            misses.append(missed - pinged)
        }
        Distribution.head("one after the other")
        Distribution(pings).row("PING")
        Distribution(misses).row("a read that finds nothing")
        Distribution(plants).row("a token planted")
        Distribution(loads).row("a load in all (read, token, load, write)")
        await node.client.shutdown()
    }

    // MARK: After an outage

    private static func recovery(_ server: RedisServerProcess) async throws {
        print("after an outage               answers again   journal empty after that   an intent")
        for count in [100, 1_000, 10_000] {
            let node = try await node(server)
            let upkeep = Task { try await node.cache.run() }
            let value = [UInt8](repeating: 1, count: 100)
            try await node.cache.set("before", to: value)
            server.kill()
            for number in 0..<count { try await node.cache.set(CacheKey("k-\(number)"), to: value) }
            let depth = node.cache.statistics().journalDepth
            try server.restart()
            let start = nanoseconds()
            let end = start + milliseconds(30_000)
            var answered: Int64?
            while node.cache.statistics().journalDepth > 0, nanoseconds() < end {
                if answered == nil, node.cache.statistics().redisAvailable { answered = nanoseconds() }
                try await Task.sleep(nanoseconds: 200_000)
            }
            let done = nanoseconds()
            let since = answered ?? done
            print(
                "  \(Distribution.padded("\(depth) intents", 26))  \(Distribution.padded("\((since - start) / 1_000_000) ms", 14))  "
                    + "\(Distribution.padded("\(Double((done - since) / 100_000) / 10) ms", 25))  "
                    + "\(Double((done - since) / Int64(max(1, depth)) / 100) / 10) us"
            )
            upkeep.cancel()
            _ = try? await upkeep.value
            await node.client.shutdown()
            _ = try server.command("FLUSHALL")
        }
    }
}
