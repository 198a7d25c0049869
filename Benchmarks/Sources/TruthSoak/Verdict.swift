/// What a judge found.
struct Verdict {
    enum Violation: String, CaseIterable {
        case stale = "overtaken value served"
        case sameNode = "the same, on the node that overtook it"
        case resurrected = "the same, after all had settled"
        case divergence = "nodes differ after all had settled"
        case staleByTag = "void by a tag, and served as fresh"
        case removedByTag = "removed by a tag, and served as stale"
        case sameNodeByTag = "void by a tag, and served on the node that invalidated it"
        case dead = "dead entry served"
        case failedCaller = "failed caller"
        case deadline = "caller beyond its deadline"
        case deadNode = "node that ended by itself"
    }

    var operations: Int
    var reads: Int
    var memoryHits = 0
    var remoteRequests = 0
    private(set) var violations: [Violation: Int] = [:]
    private(set) var examples: [String] = []
    /// How late overtaken values were served to nodes that nothing disturbed.
    var lateness: [Int64] = []
    var staleReads = 0
    var excused = 0
    /// Served by nodes that took Redis for away outside of the schedule, and how late at most.
    var servedByBreaker = 0
    var servedByBreakerAfterStop = 0
    var excusedByBreaker: Int64 = 0
    /// Of tags; and those that a node slept through which started afterwards.
    var invalidations = 0
    var invalidationsWhileDown = 0
    /// Reads of entries with tags that got a value marked as stale.
    var servedAsStale = 0
    var settled = 0
    var settledWithValue = 0
    private(set) var slowest: [Record.Kind: Int64] = [:]
    /// How many took longer than their deadline and a moment.
    private(set) var slow = 0

    init(operations: Int = 0, reads: Int = 0) {
        self.operations = operations
        self.reads = reads
    }

    mutating func violate(_ violation: Violation, _ example: String, count: Int = 1) {
        violations[violation, default: 0] += count
        // Of each the first few.
        if violations[violation, default: 0] <= 5 { examples.append("\(violation.rawValue): \(example)") }
    }

    mutating func note(_ time: Int64, _ kind: Record.Kind) {
        slowest[kind] = max(time, slowest[kind] ?? 0)
        if kind != .load, kind != .clear, kind != .invalidate, time > Plan.remoteDeadline + milliseconds(100) {
            slow += 1
        }
    }

    mutating func add(_ other: Verdict) {
        operations += other.operations
        reads += other.reads
        memoryHits += other.memoryHits
        remoteRequests += other.remoteRequests
        violations.merge(other.violations, uniquingKeysWith: +)
        examples += other.examples
        lateness += other.lateness
        staleReads += other.staleReads
        excused += other.excused
        servedByBreaker += other.servedByBreaker
        servedByBreakerAfterStop += other.servedByBreakerAfterStop
        excusedByBreaker = max(excusedByBreaker, other.excusedByBreaker)
        invalidations += other.invalidations
        invalidationsWhileDown += other.invalidationsWhileDown
        servedAsStale += other.servedAsStale
        settled += other.settled
        settledWithValue += other.settledWithValue
        slowest.merge(other.slowest, uniquingKeysWith: max)
        slow += other.slow
    }
}
