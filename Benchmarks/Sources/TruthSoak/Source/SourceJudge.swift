/// Holds what callers got, and what the source was asked, against what is promised for a source that is down (design.md, section 3).
///
/// - No call fails: all values have been loaded before, and may stand in for ten minutes.
/// - No caller waits for longer than its limit (and a look into Redis).
/// - A node asks the source for a key once at a time, and after a failure not again before its pause is over.
/// - What is past its time is never passed off as fresh.
/// - Soon after the source has come back nothing stands in for it any more, and each node has a new value of each key.
struct SourceJudge {
    private static let names = [failed, limit, hammered, twoAtOnce, asFresh, notBack, notNew, dead]
    private static let failed = "failed caller"
    private static let limit = "caller beyond its limit"
    private static let hammered = "source asked again before the pause was over"
    private static let twoAtOnce = "source asked twice at once by a node for a key"
    private static let asFresh = "value past its time passed off as fresh"
    private static let notBack = "stale value served long after the source came back"
    private static let notNew = "no new value long after the source came back"
    private static let dead = "node that ended by itself"

    private struct Question {
        var begin: Int64
        var end = Int64.max
        var failed = true
    }

    private let director: SourceDirector
    private let stage: Stage
    private var verdict = PartVerdict(Self.names)
    private var calls = 0
    private var asked: [SourcePlan.State: Int] = [:]
    private var served: [SourcePlan.State: Int] = [:]
    private var stale: [Record.Reason: Int] = [:]
    private var slowest: [Bool: Int64] = [:]
    private var mostOfANode = 0
    /// Until a call got a value that was made after the source had come back, by node and key.
    private var backAfter: [Int64] = []

    init(_ director: SourceDirector) {
        self.director = director
        stage = director.stage
    }

    mutating func judged() -> PartVerdict {
        for death in stage.unexpectedDeaths { verdict.violate(Self.dead, death) }
        for number in stage.lives.indices { judgeProcess(number) }
        tell()
        return verdict
    }

    private func cycle(of moment: Int64) -> Int64 { moment - (moment - stage.start) % SourcePlan.cycle }

    private func state(_ moment: Int64) -> SourcePlan.State { SourcePlan.state(moment - cycle(of: moment)) }

    private mutating func judgeProcess(_ index: Int) {
        var questions: [[UInt64: Question]] = Array(repeating: [:], count: SourcePlan.keys)
        var reads: [[Record]] = Array(repeating: [], count: SourcePlan.keys)
        Recorder.records(in: stage.records[index]) { record in
            let key = Int(record.key)
            switch record.kind {
            case .loadBegan: questions[key][record.value] = Question(begin: record.begin)
            case .loadEnded:
                questions[key][record.value]?.end = record.begin
                questions[key][record.value]?.failed = record.isWeak
            case .load, .failed: reads[key].append(record)
            default: break
            }
        }
        for key in 0..<SourcePlan.keys {
            judge(questions[key].values.sorted { $0.begin < $1.begin }, key, index)
            for read in reads[key] { judge(read) }
            judgeReturn(reads[key], key, index)
        }
    }

    // MARK: What the source was asked

    private mutating func judge(_ questions: [Question], _ key: Int, _ index: Int) {
        for question in questions { asked[state(question.begin), default: 0] += 1 }
        for (earlier, later) in zip(questions, questions.dropFirst()) {
            // One that is cut off at its deadline counts as over, for the node.
            let end = min(earlier.end, earlier.begin + SourcePlan.loadTimeout)
            if later.begin < end { verdict.violate(Self.twoAtOnce, "key \(key), \(at(later.begin, index))") }
            let pause = later.begin - end
            if earlier.failed, pause >= 0, pause < SourcePlan.throttle - milliseconds(5) {
                verdict.violate(Self.hammered, "key \(key) after \(pause / 1_000_000) ms, \(at(later.begin, index))")
            }
        }
        let down = questions.filter { state($0.begin) != .well }
        for cycle in Dictionary(grouping: down, by: { cycle(of: $0.begin) }).values {
            mostOfANode = max(mostOfANode, cycle.count)
        }
    }

    // MARK: What callers got

    private mutating func judge(_ read: Record) {
        calls += 1
        if read.kind == .failed { return verdict.violate(Self.failed, at(read.begin, Int(read.node) - 1)) }
        served[state(read.begin), default: 0] += 1
        let limit = read.isWeak ? SourcePlan.hard : SourcePlan.soft
        let time = read.end - read.begin
        slowest[read.isWeak] = max(time, slowest[read.isWeak] ?? 0)
        if time > limit + SourcePlan.remoteDeadline + SourcePlan.allowance {
            verdict.violate(Self.limit, "\(time / 1_000_000) ms, \(at(read.begin, Int(read.node) - 1))")
        }
        if read.isStale {
            stale[read.reason, default: 0] += 1
        } else if read.begin - read.valueBegin > SourcePlan.life + SourcePlan.work.upperBound + SourcePlan.grace {
            verdict.violate(
                Self.asFresh,
                "\((read.begin - read.valueBegin) / 1_000_000) ms old, \(at(read.begin, Int(read.node) - 1))"
            )
        }
    }

    private mutating func judgeReturn(_ reads: [Record], _ key: Int, _ index: Int) {
        var cycle = stage.start
        while cycle < stage.end {
            defer { cycle += SourcePlan.cycle }
            let back = cycle + SourcePlan.answers
            let (from, to) = (back + SourcePlan.throttle + SourcePlan.grace, cycle + SourcePlan.cycle)
            let life = stage.lives[index]
            guard life.start < back, min(life.end, stage.end) >= to else { continue }
            let late = reads.filter { $0.begin >= from && $0.begin < to }
            // A load that is slow, on a busy machine, is another matter.
            if let read = late.first(where: { $0.isStale && $0.reason != .loadSlow }) {
                verdict.violate(Self.notBack, "key \(key), \(read.reason), \(at(read.begin, index))")
            }
            let new = reads.filter { $0.begin >= back && $0.begin < to && !$0.isStale && $0.valueBegin >= back }
                .min { $0.end < $1.end }
            if let new { backAfter.append(new.end - back) }
            if !late.isEmpty, new.map({ $0.end > from }) ?? true {
                verdict.violate(Self.notNew, "key \(key), \(at(from, index))")
            }
        }
    }

    // MARK: The table

    private mutating func tell() {
        let sorted = backAfter.sorted()
        verdict.tell(
            "operations",
            [
                ("operations", "\(calls)"),
                ("  while the source was well", "\(served[.well] ?? 0)"),
                ("  while it hung", "\(served[.hanging] ?? 0)"),
                ("  while it failed", "\(served[.failing] ?? 0)"),
                ("processes, of \(SourcePlan.callers) callers each", "\(stage.lives.count)"),
            ]
        )
        verdict.tell(
            "faults: \(director.counts.values.reduce(0, +))",
            SourceFault.allCases.map { ($0.rawValue, "\(director.counts[$0] ?? 0)") }
        )
        verdict.tell(
            "calls to the source",
            [
                ("while it was well", "\(asked[.well] ?? 0)"),
                ("while it hung", "\(asked[.hanging] ?? 0)"),
                ("while it failed", "\(asked[.failing] ?? 0)"),
                ("most of one process for one key, in one time of \(down) s that it was down", "\(mostOfANode)"),
            ]
        )
        verdict.tell(
            "callers",
            [
                ("slowest with a soft limit of \(SourcePlan.soft / 1_000_000) ms", ms(slowest[false] ?? 0)),
                ("slowest with a hard limit of \(SourcePlan.hard / 1_000_000) ms", ms(slowest[true] ?? 0)),
                ("stale, since the load was slow", "\(stale[.loadSlow] ?? 0)"),
                ("stale, since a load had failed a moment ago", "\(stale[.throttled] ?? 0)"),
                (
                    "stale, since the load failed or took too long",
                    "\((stale[.loadFailed] ?? 0) + (stale[.loadTimedOut] ?? 0))"
                ),
                ("new value after the source came back: p50", ms(sorted.isEmpty ? 0 : sorted[sorted.count / 2])),
                ("new value after the source came back: most", ms(sorted.last ?? 0)),
            ]
        )
    }

    private var down: Double { Double(SourcePlan.answers - SourcePlan.hangs) / 1e9 }

    private func at(_ moment: Int64, _ index: Int) -> String {
        "process \(index + 1) (place \(stage.lives[index].place)) \(Double((moment - stage.start) / 1_000_000) / 1e3) s into the run"
    }
}
