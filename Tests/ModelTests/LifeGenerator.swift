import Recuerde
import RecuerdeTesting

/// Draws what a history is told of the lives of entries and loads: expiries, stale values, limits of patience, pauses, loads in the
/// background.
///
/// From numbers of its own, so that a history that has nothing of it is the same as ever.
struct LifeGenerator {
    private var random: SeededGenerator
    private let isActive: Bool
    /// What is left of a short story of one value.
    private var story: [Step] = []

    enum Step {
        case call(node: Int, Call)
        case settle(seed: UInt64)
    }

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed &+ 0x5eed_0fa1_1ce5_0000)
        isActive = random.oneIn(2)
    }

    mutating func set(_ setup: inout Setup) {
        guard isActive else { return }
        setup.maximumBackgroundLoads = [1_000, 2, 1, 0][random.below(4)]
        setup.failureThrottle = [.seconds(10), .seconds(10), .seconds(1), .zero][random.below(4)]
    }

    /// Now and then a value is set, expired, and asked for where its load fails, in one go: by chance that seldom comes together.
    mutating func next(nodes: Int) -> Step? {
        guard isActive else { return nil }
        if story.isEmpty, random.oneIn(20) { begin(nodes) }
        return story.isEmpty ? nil : story.removeFirst()
    }

    private mutating func begin(_ nodes: Int) {
        let key = random.below(History.keys)
        let asked = random.below(nodes)
        add(random.below(nodes), .set(key: key, life: random.oneIn(4) ? life() ?? .lasting : .lasting))
        add(random.below(nodes), random.oneIn(4) ? .clearKeepingStale : .expire(key: key))
        for _ in 0..<random.below(4) {
            let load: Load = random.oneIn(4) ? .waits(heedsCancellation: true) : .fails
            let refreshes = random.oneIn(6)
            add(asked, .value(key: key, life: .lasting, load: load, terms: terms(refreshes: refreshes)))
        }
    }

    private mutating func add(_ node: Int, _ call: Call) {
        story.append(.call(node: node, call))
        if !random.oneIn(4) { story.append(.settle(seed: random.next())) }
    }

    /// Nil where something else is called.
    mutating func call(_ key: Int) -> Call? {
        guard isActive, random.oneIn(6) else { return nil }
        return switch random.below(10) {
        case 0..<6: .expire(key: key)
        case 6: .clearKeepingStale
        default: .stale(key: key)
        }
    }

    mutating func life() -> Life? {
        guard isActive, !random.oneIn(4) else { return nil }
        guard random.oneIn(2) else { return .lasting }
        return Life(fresh: .milliseconds(200 + random.below(4_000)), stale: .seconds(36_000))
    }

    mutating func failsLoad() -> Bool { isActive && random.oneIn(4) }

    mutating func terms(refreshes: Bool) -> Terms {
        var terms = Terms(refreshes: refreshes)
        guard isActive else { return terms }
        if random.oneIn(3) { terms.soft = patience() }
        if random.oneIn(4) { terms.hard = patience() }
        terms.refreshesEarly = random.oneIn(3)
        return terms
    }

    private mutating func patience() -> Duration {
        switch random.below(4) {
        case 0: .zero
        case 1: .microseconds(1 + random.below(40_000))
        default: .milliseconds(40 + random.below(2_000))
        }
    }
}
