/// Holds what was loaded and done under locks against what leases promise (design.md, sections 3, 5 and 6).
///
/// - Never two loads of a key at once, and never two bodies under one lock. Excused, and counted: the earlier owner was stopped, or
///   Redis did not
///   answer it, for nearly as long as what its lease had left (`LeasePlan.least`), before the later one began. Of loads also: a node
///   that was disturbed a
///   moment ago, since it loads at once where Redis does not answer.
///   On one node: what another has loaded, and stored, during the first load lets go of that, as any change of others does; and a node
///   that was disturbed.
/// - Whoever was not alone under a lock is told so (`lockLost`), unless its process was killed.
/// - Of two callers one after the other, the later one's fencing token is greater.
/// - Where the owner of a load is killed, or stopped for longer, another that waits undisturbed goes on within the lease's time.
/// - No call of a load fails, and none takes longer than the loads and the lost leases that it had to wait for.
struct LeaseJudge {
    private static let names = [
        twoLoads, twoOfOneNode, twoHolders, untold, tokens, succession, failed, deadline, refused, dead,
    ]
    private static let twoLoads = "two loads of a key at once"
    private static let twoOfOneNode = "the same, on one node"
    private static let twoHolders = "two bodies under a lock at once"
    private static let untold = "who was not alone under a lock was not told"
    private static let tokens = "fencing token that did not grow"
    private static let succession = "nobody went on within the lease's time"
    private static let failed = "failed caller"
    private static let deadline = "caller beyond its deadline"
    private static let refused = "lock refused while nothing disturbed"
    private static let dead = "node that ended by itself"

    private let director: LeaseDirector
    private let stage: Stage
    private let history: LeaseHistory
    private let disturbances: [[Disturbance]]
    private var verdict = PartVerdict(Self.names)
    private var excusedLoads = 0
    private var excusedByAftermath = 0
    private var excusedByWrite = 0
    private var excusedHolds = 0
    private var successions: [Int64] = []

    init(_ director: LeaseDirector) {
        self.director = director
        stage = director.stage
        history = LeaseHistory(stage)
        let stage = director.stage
        disturbances = (0..<LeasePlan.nodes).map { stage.disturbances(of: $0) }
    }

    mutating func judged() -> PartVerdict {
        for failure in history.failures { verdict.violate(Self.failed, at(failure.begin, failure.node)) }
        for death in stage.unexpectedDeaths { verdict.violate(Self.dead, death) }
        for loads in history.loads { judgeLoads(loads) }
        for holds in history.holds { judgeHolds(holds) }
        judgeTokens()
        judgeSuccessions()
        judgeCalls()
        tell()
        return verdict
    }

    // MARK: At once

    private mutating func judgeLoads(_ loads: [LeaseHistory.Work]) {
        for (earlier, later) in Self.overlaps(of: loads) {
            if earlier.node == later.node {
                let wasWritten = loads.contains {
                    $0.node != earlier.node && earlier.begin <= $0.end && $0.end <= later.begin
                }
                if wasWritten || isAftermath(later.begin, later.node) {
                    excusedByWrite += 1
                } else {
                    verdict.violate(Self.twoOfOneNode, tell(earlier, later))
                }
            } else if hadLost(earlier, by: later.begin) {
                excusedLoads += 1
            } else if isAftermath(later.begin, later.node) || isAftermath(earlier.begin, earlier.node) {
                excusedByAftermath += 1
            } else {
                verdict.violate(Self.twoLoads, tell(earlier, later))
            }
        }
    }

    private mutating func judgeHolds(_ holds: [LeaseHistory.Work]) {
        for (earlier, later) in Self.overlaps(of: holds) {
            if hadLost(earlier, by: later.begin) {
                excusedHolds += 1
            } else {
                verdict.violate(Self.twoHolders, tell(earlier, later))
            }
            if let outcome = earlier.outcome, outcome != .lockLost {
                verdict.violate(Self.untold, tell(earlier, later))
            }
        }
    }

    private static func overlaps(
        of works: [LeaseHistory.Work]
    ) -> [(earlier: LeaseHistory.Work, later: LeaseHistory.Work)] {
        works.indices.flatMap { index in
            works[..<index].filter { $0.end > works[index].begin }.map { ($0, works[index]) }
        }
    }

    /// Whether an owner may have lost its lease before some moment: it did not run, or Redis did not answer it, for long enough.
    private func hadLost(_ work: LeaseHistory.Work, by moment: Int64) -> Bool {
        disturbances[stage.place(of: work.node)].contains { disturbance in
            guard disturbance.kind != .gap, disturbance.end > work.begin else { return false }
            return min(disturbance.end, moment) - max(disturbance.start, work.begin - LeasePlan.remoteDeadline)
                >= LeasePlan.least
        }
    }

    /// Whether an exchange of a node may have failed so shortly before, that it loads without a lease.
    private func isAftermath(_ moment: Int64, _ node: UInt16) -> Bool {
        disturbances[stage.place(of: node)].contains { disturbance in
            let breaker = disturbance.kind == .detached ? LeasePlan.breakerPause : 0
            let end = disturbance.end + breaker + LeasePlan.remoteDeadline + milliseconds(300)
            return disturbance.start <= moment && moment <= end
        }
    }

    // MARK: Tokens

    private mutating func judgeTokens() {
        let all = history.holds.flatMap { $0 }
        let byCall = all.sorted { $0.call < $1.call }
        let byBegin = all.sorted { $0.begin < $1.begin }
        var (index, greatest, seen) = (0, UInt64(0), Set<UInt64>())
        for hold in byCall {
            while index < byBegin.count, byBegin[index].begin < hold.call {
                greatest = max(greatest, byBegin[index].value)
                index += 1
            }
            if hold.value <= greatest || !seen.insert(hold.value).inserted {
                verdict.violate(Self.tokens, "\(hold.value) after \(greatest), \(at(hold.begin, hold.node))")
            }
        }
    }

    // MARK: Who goes on

    private mutating func judgeSuccessions() {
        let limit = LeasePlan.timeToLive + LeasePlan.grace
        for life in stage.lives.indices where stage.lives[life].end < stage.end {
            judgeSuccession(of: UInt16(life + 1), at: stage.lives[life].end, until: .max, limit)
        }
        for stop in stage.disturbances where stop.kind == .stopped {
            let life = stage.lives.indices.last {
                stage.lives[$0].place == stop.place && stage.lives[$0].start < stop.start
            }
            guard let life else { continue }
            judgeSuccession(of: UInt16(life + 1), at: stop.start, until: stop.end, limit)
        }
    }

    /// - Parameter end: When the owner goes on, after which its own load may end the wait.
    private mutating func judgeSuccession(of node: UInt16, at moment: Int64, until end: Int64, _ limit: Int64) {
        for key in history.loads.indices {
            guard history.loads[key].contains(where: { $0.node == node && $0.begin < moment && $0.end >= moment })
            else { continue }
            let others = history.loads[key].filter { $0.node != node }
            // Another load was under way, as one without a lease.
            if others.contains(where: { $0.begin < moment && $0.end > moment }) { continue }
            let next = others.first { $0.begin >= moment }
            let waiters = history.calls.filter {
                Int($0.key) == key && $0.node != node && $0.begin < moment && $0.end > moment
                    && isUndisturbed($0.node, moment, moment + limit)
            }
            guard !waiters.isEmpty else { continue }
            if let next, next.begin <= min(end, moment + limit) { successions.append(next.begin - moment) }
            guard moment + limit < min(end, stage.end) else { continue }
            if next.map({ $0.begin > moment + limit }) ?? true {
                // A waiter whose call ended in between had its value from elsewhere.
                guard let waiter = waiters.first(where: { $0.end > moment + limit }) else { continue }
                verdict.violate(
                    Self.succession,
                    "key \(key), its owner process \(node) gone \(at(moment, node)); process \(waiter.node) waited on"
                )
            }
        }
    }

    private func isUndisturbed(_ node: UInt16, _ from: Int64, _ to: Int64) -> Bool {
        stage.lives[Int(node) - 1].end > to
            && !disturbances[stage.place(of: node)].contains { $0.start < to && $0.end > from }
    }

    // MARK: Calls

    private mutating func judgeCalls() {
        for call in history.calls {
            let time = timeRunning(call)
            // Its own load, and what it waited for before; each owner that was lost costs the time of its lease.
            let lost =
                stage.lives.count { $0.end > call.begin && $0.end < call.end }
                + stage.disturbances.count { $0.end > call.begin && $0.start < call.end }
            let away = disturbances[stage.place(of: call.node)].reduce(Int64(0)) { sum, disturbance in
                guard disturbance.kind == .detached else { return sum }
                return sum + max(0, min(call.end, disturbance.end) - max(call.begin, disturbance.start))
            }
            let limit =
                LeasePlan.work.upperBound * Int64(2 + lost) + LeasePlan.timeToLive * Int64(lost) + away
                + Plan.callerAllowance
            if time > limit {
                verdict.violate(Self.deadline, "a call took \(time / 1_000_000) ms, \(at(call.begin, call.node))")
            }
        }
        for call in history.lockCalls where call.reason == .lockRefused {
            let isExcused = disturbances[stage.place(of: call.node)].contains {
                $0.start < call.end && $0.end + LeasePlan.breakerPause + LeasePlan.grace > call.begin
            }
            if !isExcused { verdict.violate(Self.refused, at(call.begin, call.node)) }
        }
    }

    private func timeRunning(_ call: Record) -> Int64 {
        var time = call.end - call.begin
        for stop in disturbances[stage.place(of: call.node)]
        where stop.kind == .stopped && stop.start < call.end && stop.end > call.begin {
            time -= min(stop.end, call.end) - max(stop.start, call.begin)
        }
        return time
    }

    // MARK: The table

    private mutating func tell() {
        let reasons = history.lockCalls.reduce(into: [Record.Reason: Int]()) { $0[$1.reason, default: 0] += 1 }
        let sorted = successions.sorted()
        verdict.tell(
            "operations",
            [
                ("operations", "\(history.operations)"),
                ("  calls whose load runs once in the cluster", "\(history.calls.count)"),
                ("  loads for them", "\(history.loads.reduce(0) { $0 + $1.count })"),
                ("  calls of withLock", "\(history.lockCalls.count)"),
                ("  bodies under locks", "\(history.holds.reduce(0) { $0 + $1.count })"),
                ("  of these told that they had lost it", "\(reasons[.lockLost] ?? 0)"),
                ("  calls refused, since Redis was away", "\(reasons[.lockRefused] ?? 0)"),
                ("  calls that waited in vain", "\(reasons[.lockTimedOut] ?? 0)"),
                ("processes", "\(stage.lives.count)"),
            ]
        )
        verdict.tell(
            "faults: \(director.counts.values.reduce(0, +))",
            LeaseFault.allCases.map { ($0.rawValue, "\(director.counts[$0] ?? 0)") }
        )
        verdict.tell(
            "callers",
            [
                ("slowest call of a load", ms(history.calls.map(timeRunning).max() ?? 0)),
                ("owners that were lost, and others waited", "\(sorted.count)"),
                ("  until the next began: p50", ms(sorted.isEmpty ? 0 : sorted[sorted.count / 2])),
                ("  until the next began: most", ms(sorted.last ?? 0)),
                ("two loads at once, after a stop or a loss of Redis", "\(excusedLoads)"),
                ("  the same, where a node that was disturbed asked nobody", "\(excusedByAftermath)"),
                ("two loads at once on one node, after another's write or an outage", "\(excusedByWrite)"),
                ("two holders at once, after a stop or a loss of Redis", "\(excusedHolds)"),
            ]
        )
    }

    private func at(_ moment: Int64, _ node: UInt16) -> String {
        "process \(node) (place \(stage.place(of: node))) \(Double((moment - stage.start) / 1_000_000) / 1e3) s into the run"
    }

    private func tell(_ earlier: LeaseHistory.Work, _ later: LeaseHistory.Work) -> String {
        let overlap = (min(earlier.end, later.end) - later.begin) / 1_000_000
        return "key \(earlier.key): \(at(earlier.begin, earlier.node)); \(at(later.begin, later.node)), \(overlap) ms"
    }
}
