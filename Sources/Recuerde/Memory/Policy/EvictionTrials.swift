/// Finds out which plan serves best, by trying all of them at once on a small sample of the keys.
///
/// Source: Waldspurger, Saemundsson, Ahmad and Park, "Cache Modeling and Optimization using Miniature Simulations", 2017:
/// a cache of one Nth of the size, fed with the keys whose hash falls into one Nth of all hashes, behaves like the
/// whole. Each plan has such a miniature, which holds hashes only, 256 of them at most. The plan that has saved most of
/// late is followed by the cache itself. A cache of up to 256 entries is simulated in full; in one of a million a
/// request in four thousand is looked at, and that costs nothing.
///
/// The differences are small and so is the sample; another plan is followed only where it leads by a clear margin.
struct EvictionTrials {
    /// The most entries in a miniature, before the sample is halved.
    static let largest = 256
    /// So many requests of a sample are dealt with together, by one caller in thousands: one at a time, each would find the miniatures pushed
    /// out of the processor's caches by all that is not of the sample. The plan changes that much later.
    static let batch = 64
    /// How far back the scores reach, in multiples of the miniature's entries.
    private static let memory: Float = 10
    /// The most by which the plan that is followed can lead, in hits for each entry of the miniature: a past in which it
    /// was far better than all others must not outweigh the present for long (Page, "Continuous Inspection Schemes",
    /// 1954).
    private static let longestLead: Float = 0.4

    private let goal: EvictionGoal
    private var plans: [EvictionPlan]
    /// Made with the first request: a part of a cache that holds nothing should take next to nothing.
    private var trials: [EvictionTrial] = []
    /// What each plan has saved of late.
    private var scores: [Float]
    private var sketch = FrequencySketch(entries: 256)
    /// A key is of the sample if these bits of its hash are zero.
    private var mask: UInt32 = 0
    private var untilAging = 640
    private var agings = 0
    /// The mean of the costs, and of their squares, of late; zero before the first.
    private var meanCost: Float = 0
    private var meanSquare: Float = 0
    private var chosen = 0
    /// What has come since the last batch.
    private var pending: [Event] = []

    private enum Event {
        case request(SampledRequest)
        case removal(UInt32)
    }

    init(goal: EvictionGoal) {
        self.goal = goal
        plans = goal == .spend ? EvictionPlan.queues + [.value] : EvictionPlan.queues
        scores = plans.map { _ in 0 }
    }

    /// The plan to follow.
    var plan: EvictionPlan { plans[chosen] }

    /// From now on the order by value is tried too.
    mutating func enableRanking() {
        guard !plans.contains(where: { $0.byValue }) else { return }
        plans.append(.value)
        if !trials.isEmpty { trials.append(EvictionTrial(plan: .value, goal: .requests)) }
        scores.append(0)
    }

    /// What the miniatures hold was told in another unit of weight, and is let go; what was learned stays.
    mutating func forget() {
        trials = []
        pending = []
    }

    /// How many of the lowest bits of a hash are zero if it is of the sample.
    var sampleBits: Int { mask.nonzeroBitCount }

    /// Whether requests for this key are to be told.
    func samples(_ hash: UInt32) -> Bool { hash & mask == 0 }

    /// Feeds the miniatures of a cache of that bound; true if another plan is to be followed from now on.
    mutating func request(_ request: SampledRequest, bound: Int) -> Bool {
        // In a small cache all is of the sample, and nothing is pushed out.
        if mask == 0 { return feed(request, bound: bound) }
        return note(.request(request), bound: bound)
    }

    /// The entry is gone, for a reason other than lack of room; likewise.
    mutating func remove(_ hash: UInt32, bound: Int) -> Bool {
        guard samples(hash) else { return false }
        if !pending.isEmpty { return note(.removal(hash), bound: bound) }
        drop(hash)
        return false
    }

    private mutating func note(_ event: Event, bound: Int) -> Bool {
        pending.append(event)
        guard pending.count >= Self.batch else { return false }
        var hasChosen = false
        for index in pending.indices {
            switch pending[index] {
            // The sample may have become smaller meanwhile.
            case .request(let request) where samples(request.hash):
                if feed(request, bound: bound) { hasChosen = true }
            case .removal(let hash): drop(hash)
            case .request: break
            }
        }
        pending.removeAll(keepingCapacity: true)
        return hasChosen
    }

    private mutating func feed(_ request: SampledRequest, bound: Int) -> Bool {
        let frequency = min(FrequencySketch.maximum, sketch.estimate(request.hash) &+ 1)
        sketch.raise(request.hash, to: frequency)
        note(cost: request.cost)
        if trials.isEmpty { trials = plans.map { EvictionTrial(plan: $0, goal: goal) } }
        let memory = Self.memory * spread
        let share = max(1, bound >> mask.nonzeroBitCount)
        var entries = 0
        for index in trials.indices {
            let hit = trials[index].request(request, frequency: frequency, bound: share)
            let count = trials[index].count
            entries = max(entries, count)
            scores[index] += (hit ? request.cost : 0) - scores[index] / (memory * Float(max(16, count)))
        }
        let floor = scores[chosen] - Self.longestLead * spread * meanCost * Float(max(16, entries))
        for index in scores.indices where scores[index] < floor { scores[index] = floor }
        untilAging &-= 1
        if untilAging <= 0 { age(entries: entries) }
        if entries > Self.largest { halveSample() }
        return choose()
    }

    private mutating func drop(_ hash: UInt32) {
        for index in trials.indices { trials[index].remove(hash) }
    }

    /// How much longer it takes to tell which plan saves more, than it would if all costs were the same: where a few
    /// requests make up much of the sum, more requests are needed for a mean of the same error.
    private var spread: Float { max(1, min(10, meanSquare / (meanCost * meanCost))) }

    private mutating func note(cost: Float) {
        let weight: Float = meanCost == 0 ? 1 : 1 / 256
        meanCost += (cost - meanCost) * weight
        meanSquare += (cost * cost - meanSquare) * weight
    }

    private mutating func choose() -> Bool {
        var best = chosen
        var differ = false
        for index in scores.indices {
            if scores[index] > scores[best] { best = index }
            if scores[index] != scores[chosen] { differ = true }
        }
        if !differ {
            // Nothing had to go yet, so nothing is known but how much costs differ.
            best = spread > 2 ? plans.firstIndex { $0.byValue } ?? 0 : 0
        } else if scores[best] <= scores[chosen] * (1 + 0.01 * spread.squareRoot()) + 2 * meanCost {
            return false
        }
        guard best != chosen else { return false }
        chosen = best
        return true
    }

    private mutating func age(entries: Int) {
        untilAging = EvictionPlan.agingPeriod(entries: entries)
        sketch.halve()
        agings &+= 1
        for index in trials.indices where plans[index].ages(at: agings) { trials[index].halve() }
    }

    /// Half as many keys are of the sample from now on.
    private mutating func halveSample() {
        guard mask < UInt32.max >> 4 else { return }
        mask = mask << 1 | 1
        for index in trials.indices { trials[index].drop(mask: mask) }
    }
}
