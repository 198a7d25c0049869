import Recuerde
import RecuerdeTesting

/// Which tags the values of a history carry. A call always gives its value the same ones, whatever else is left out of the history.
struct TagPlan: Sendable {
    /// What befalls the record of a tag.
    enum Event: Sendable {
        case evict(tag: Int, group: Int)
        case garbage(tag: Int, group: Int)
    }

    static let count = 3
    static let tags = (0..<count).map { "\(World.secret) tag \($0)" }
    /// Calls that were drawn for the sake of tags have numbers from here on.
    static let firstCall = 500_000

    var seed: UInt64

    /// The tags of what a call sets or loads, and whether only the load itself says them.
    func tags(of call: Int) -> (tags: [Int], saidByLoad: Bool) {
        var random = SeededGenerator(seed: seed ^ (UInt64(truncatingIfNeeded: call) &* 0x9E37_79B9_7F4A_7C15))
        let saidByLoad = random.oneIn(6)
        switch random.below(6) {
        case 0: return ([], false)
        case 1: return (Array(0..<Self.count), saidByLoad)
        case 2:
            let missing = random.below(Self.count)
            return ((0..<Self.count).filter { $0 != missing }, saidByLoad)
        default: return ([random.below(Self.count)], saidByLoad)
        }
    }
}

/// What is known of tags in a world, by group and tag.
struct TagRecords {
    /// Calls that invalidated, whatever has come of them.
    var invalidations: [[Int]]
    /// When the store last lost a record; -1 for never.
    var losses: [[Int]]

    init(groups: Int) {
        invalidations = Array(repeating: [], count: groups)
        losses = Array(repeating: Array(repeating: -1, count: TagPlan.count), count: groups)
    }

    mutating func lostAll(at moment: Int) {
        for group in losses.indices { losses[group] = losses[group].map { _ in moment } }
    }
}

extension HistoryGenerator {
    /// One history in three has tags. Drawn from numbers of their own and put in between, so that what a seed stands for is else the same.
    static func withTags(_ history: History) -> History {
        var random = SeededGenerator(seed: history.seed ^ 0x7A65_7461_6773)
        guard random.oneIn(3) else { return history }
        var history = history
        history.setup.tagSeed = random.next()
        let losesRecords = random.oneIn(3)
        let passesLong = random.oneIn(12)
        var events: [Event] = []
        events.reserveCapacity(history.events.count + 40)
        var calls = 0
        for event in history.events {
            events.append(event)
            guard random.oneIn(9) else { continue }
            if losesRecords, random.oneIn(4) {
                let (tag, group) = (random.below(TagPlan.count), random.below(history.setup.groups))
                events.append(.tag(random.oneIn(5) ? .garbage(tag: tag, group: group) : .evict(tag: tag, group: group)))
            } else if passesLong, random.oneIn(12) {
                // As long as the records of values of short life live.
                events.append(.pass(.seconds(60 + random.below(60)), seed: random.next()))
            } else {
                let first = random.below(TagPlan.count)
                let tags = random.oneIn(4) ? [first, (first + 1) % TagPlan.count] : [first]
                let call = Call.invalidate(tags: tags, removes: random.oneIn(2))
                events.append(.call(TagPlan.firstCall + calls, node: random.below(history.setup.nodes), call))
                calls += 1
            }
        }
        history.events = events
        return history
    }
}
