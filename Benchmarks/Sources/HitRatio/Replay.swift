@testable import Recuerde

/// Sends a trace through a memory tier of its own.
struct Replay: Sendable {
    struct Result: Sendable {
        var trace: String
        var size: Int
        var requests = 0
        var hits = 0
        /// Millionths of a dollar, or requests where the trace has no costs.
        var cost: UInt64 = 0
        var saved: UInt64 = 0

        var ratio: Double { requests == 0 ? 0 : Double(hits) / Double(requests) }
        var savedRatio: Double { cost == 0 ? 0 : Double(saved) / Double(cost) }

        var json: String {
            """
            {"trace":"\(trace)","size":\(size),"requests":\(requests),"hits":\(hits),\
            "hit_ratio":\(rounded(ratio)),"cost_saved_ratio":\(rounded(savedRatio))}
            """
        }

        var text: String {
            "\(trace) at \(size): \(requests) requests, hit ratio \(rounded(ratio)), cost saved \(rounded(savedRatio))"
        }

        private func rounded(_ ratio: Double) -> Double { (ratio * 1e6).rounded() / 1e6 }
    }

    var goal = EvictionGoal.requests
    var threads = 1
    var shards: Int?

    func run(_ trace: Trace, size: Int) async -> Result {
        var configuration = MemoryConfiguration()
        configuration.goal = goal
        configuration.shards = shards
        if trace.isWeighted {
            configuration.maximumEntries = Int(Int32.max)
            configuration.maximumBytes = size
        } else {
            configuration.maximumEntries = size
            configuration.maximumBytes = .max
        }
        let tier = MemoryTier(configuration: configuration, timeSource: SystemTimeSource())
        let keys = (0..<trace.distinct).map { CacheKey("key", String($0)) }
        var result = Result(trace: trace.name, size: size)
        await withTaskGroup(of: Result.self) { group in
            for thread in 0..<threads {
                group.addTask { replay(trace, keys: keys, tier: tier, from: thread) }
            }
            for await part in group {
                result.requests += part.requests
                result.hits += part.hits
                result.cost += part.cost
                result.saved += part.saved
            }
        }
        return result
    }

    /// Every request that is this thread's turn.
    private func replay(_ trace: Trace, keys: [CacheKey], tier: MemoryTier, from thread: Int) -> Result {
        var result = Result(trace: trace.name, size: 0)
        let now = tier.timeSource.now()
        for index in stride(from: thread, to: trace.keys.count, by: threads) {
            let number = trace.keys[index]
            let key = keys[Int(number)]
            let cost = trace.isWeighted ? trace.costs[index] : 1
            result.requests += 1
            result.cost += cost
            if tier.fresh(key, as: UInt32.self, now: now) != nil {
                result.hits += 1
                result.saved += cost
                continue
            }
            let metadata = MemoryMetadata(
                stamp: .zero,
                createdAt: now,
                logicalExpiry: .distantFuture,
                physicalExpiry: .distantFuture,
                cost: LoadCost(microdollars: cost),
                weight: trace.isWeighted ? trace.bytes[index] : 1
            )
            tier.put(key, TypedMemoryEntry(value: number, metadata: metadata))
        }
        return result
    }
}
