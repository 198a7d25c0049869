@testable import Recuerde
import Synchronization

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
        /// Hits of so many requests each, one after the other.
        var windows: [Int] = []

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

        /// The hit ratio of each window, in order.
        func windows(of length: Int) -> String {
            let ratios = windows.enumerated().map { number, hits in
                rounded(Double(hits) / Double(min(length, requests - number * length)))
            }
            return #"{"trace":"\#(trace)","size":\#(size),"window":\#(length),"hit_ratios":\#(ratios)}"#
        }

        private func rounded(_ ratio: Double) -> Double { (ratio * 1e6).rounded() / 1e6 }
    }

    var goal = EvictionGoal.requests
    var threads = 1
    var shards: Int?
    /// Requests whose hits are counted together, beside all; nil for none.
    var window: Int?

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
            let turn = Turn()
            for _ in 0..<threads {
                group.addTask { replay(trace, keys: keys, tier: tier, turn: turn) }
            }
            for await part in group {
                result.requests += part.requests
                result.hits += part.hits
                result.cost += part.cost
                result.saved += part.saved
                if result.windows.isEmpty {
                    result.windows = part.windows
                } else {
                    for (number, hits) in part.windows.enumerated() { result.windows[number] += hits }
                }
            }
        }
        return result
    }

    /// Which request is the next. Each thread takes one at a time, so that they stay in order but for those under way;
    /// threads that went through parts of the trace on their own would drift apart, and make another trace of it.
    private final class Turn: Sendable {
        private let next = Atomic(0)

        func take() -> Int { next.add(1, ordering: .relaxed).oldValue }
    }

    private func replay(_ trace: Trace, keys: [CacheKey], tier: MemoryTier, turn: Turn) -> Result {
        var result = Result(trace: trace.name, size: 0)
        if let window { result.windows = [Int](repeating: 0, count: (trace.keys.count + window - 1) / window) }
        let now = tier.timeSource.now()
        while true {
            let index = turn.take()
            guard index < trace.keys.count else { return result }
            let number = trace.keys[index]
            let key = keys[Int(number)]
            let cost = trace.isWeighted ? trace.costs[index] : 1
            result.requests += 1
            result.cost += cost
            if tier.lookup(key, as: UInt32.self, now: now) != nil {
                result.hits += 1
                if let window { result.windows[index / window] += 1 }
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
    }
}
