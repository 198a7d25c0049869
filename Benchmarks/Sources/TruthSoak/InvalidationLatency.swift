import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Synchronization

/// From the acknowledgement of a write on one node until a read on another sees it.
enum InvalidationLatency {
    private final class End: Sendable {
        let isThere = Atomic(false)
    }

    static func measure(_ server: RedisServerProcess) async throws {
        let one = try await Measurements.node(server)
        let two = try await Measurements.node(server)
        Distribution.head("a write on one node, seen on another")
        try await print("idle", samples(one, two, seconds: 8))
        let end = End()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<50 {
                for node in [one, two] { group.addTask { try await work(node, caller, until: end) } }
            }
            try await print("100 callers without a pause", samples(one, two, seconds: 12))
            end.isThere.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        await one.client.shutdown()
        await two.client.shutdown()
    }

    private static func print(
        _ name: String,
        _ samples: (latencies: [Int64], pings: [Int64])
    ) {
        let (latency, ping) = (Distribution(samples.latencies), Distribution(samples.pings))
        ping.row("\(name): PING")
        latency.row("\(name): acknowledged to seen")
        let ratio = Double(latency.quantile(0.99) * 100 / max(1, ping.quantile(0.5))) / 100
        let ninetyNinth = Double(latency.quantile(0.99) * 100 / max(1, ping.quantile(0.99))) / 100
        Swift.print("  p99 to the PING's p50: \(ratio); to its p99: \(ninetyNinth)")
    }

    private static func samples(
        _ one: CacheNode,
        _ two: CacheNode,
        seconds: Int
    ) async throws -> (latencies: [Int64], pings: [Int64]) {
        var (latencies, pings) = ([Int64](), [Int64]())
        let end = nanoseconds() + milliseconds(seconds * 1_000)
        var round = 0
        while nanoseconds() < end {
            round += 1
            let key = CacheKey("seen-\(round % 64)")
            // The other has a copy that it would serve.
            _ = try await two.cache.get(key, as: Int.self)
            try await one.cache.set(key, to: round)
            let acknowledged = nanoseconds()
            while try await two.cache.get(key, as: Int.self) != round {
                if nanoseconds() > acknowledged + milliseconds(10_000) { fail("a write was not seen for ten seconds") }
                await Task.yield()
            }
            latencies.append(nanoseconds() - acknowledged)
            let begin = nanoseconds()
            try await two.client.ping()
            pings.append(nanoseconds() - begin)
        }
        return (latencies, pings)
    }

    /// Nine reads and one write of a thousand keys, which the other node has copies of.
    private static func work(_ node: CacheNode, _ caller: Int, until end: End) async throws {
        var random = SplitMix(state: UInt64(caller))
        while !end.isThere.load(ordering: .relaxed) {
            let key = CacheKey("load-\(Int.random(in: 0..<1_000, using: &random))")
            if random.one(in: 10) {
                try await node.cache.set(key, to: caller)
            } else {
                _ = try await node.cache.get(key, as: Int.self)
            }
        }
    }
}
