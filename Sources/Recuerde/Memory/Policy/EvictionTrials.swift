/// Finds out which plan serves best, by trying all of them at once on a small sample of the keys.
///
/// Source: Waldspurger, Saemundsson, Ahmad and Park, "Cache Modeling and Optimization using Miniature Simulations", 2017:
/// a cache of one Nth of the size, fed with the keys whose hash falls into one Nth of all hashes, behaves like the
/// whole. Each plan has such a miniature, that holds hashes only, at most 256. The one that has saved most of late is
/// followed by the cache itself. A cache of up to 256 entries is simulated in full; in one of a million, four thousand
/// of which share a place in the sample, it costs next to nothing.
///
/// Differences are small and the sample is too, so another plan is followed only where it leads by a clear margin.
struct EvictionTrials {
    /// The most entries in a miniature, before the sample is halved.
    private static let largest = 256
    /// The memory of the scores, in multiples of the miniature's entries.
    private static let memory: Float = 10

    private let plans: [EvictionPlan]
    private var trials: [EvictionTrial] = []
    private var scores: [Float]
    private var sketch = FrequencySketch(entries: 256)
    /// A key is of the sample if these bits of its hash are zero.
    private var mask: UInt32 = 0
    private var untilAging = 640
    private var meanGain: Float = 1
    private(set) var chosen = 0

    init(goal: EvictionGoal) {
        plans = goal == .spend ? EvictionPlan.forSpend : EvictionPlan.forRequests
        scores = Array(repeating: 0, count: plans.count)
        trials = plans.map { EvictionTrial(goal: goal, plan: $0) }
    }

    var plan: EvictionPlan { plans[chosen] }

    func samples(_ hash: UInt32) -> Bool { hash & mask == 0 }

    /// Feeds the miniatures with a request; true if another plan is to be followed from now on.
    mutating func request(_ hash: UInt32, weight: Int, cost: UInt64, gain: Float, bound: Int) -> Bool {
        let frequency = min(FrequencySketch.maximum, sketch.estimate(hash) &+ 1)
        sketch.raise(hash, to: frequency)
        let share = max(1, bound >> Int(mask.nonzeroBitCount))
        var entries = 0
        meanGain += (gain - meanGain) / 256
        for index in trials.indices {
            let hit = trials[index].request(hash, weight: weight, cost: cost, frequency: frequency, bound: share)
            entries = max(entries, trials[index].count)
            let decay = 1 / (Self.memory * Float(max(16, trials[index].count)))
            scores[index] += (hit ? gain : 0) - scores[index] * decay
        }
        untilAging &-= 1
        if untilAging <= 0 {
            untilAging = 10 * max(64, entries)
            sketch.halve()
            for index in trials.indices { trials[index].halve() }
        }
        if entries > Self.largest { coarsen() }
        return choose()
    }

    /// The entry is gone, for a reason other than lack of room.
    mutating func remove(_ hash: UInt32) {
        guard samples(hash) else { return }
        for index in trials.indices { trials[index].remove(hash) }
    }

    private mutating func choose() -> Bool {
        var best = chosen
        for index in scores.indices where scores[index] > scores[best] { best = index }
        guard best != chosen, scores[best] > scores[chosen] * 1.01 + 2 * meanGain else { return false }
        chosen = best
        return true
    }

    /// Half as many keys are of the sample from now on.
    private mutating func coarsen() {
        guard mask < UInt32.max >> 4 else { return }
        mask = mask << 1 | 1
        for index in trials.indices { trials[index].keep { $0 & mask == 0 } }
    }
}
