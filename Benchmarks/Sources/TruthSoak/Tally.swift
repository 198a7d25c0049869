/// The table at the end of a soak, over all its runs.
struct Tally {
    private var verdict = Verdict()
    private var faults: [Fault: Int] = [:]
    private var processes = 0
    private var runs = 0

    var operations: Int { verdict.operations }
    var violations: Int { verdict.violations.values.reduce(0, +) }

    mutating func add(_ other: Verdict, of director: Director) {
        verdict.add(other)
        faults.merge(director.counts, uniquingKeysWith: +)
        processes += director.stage.lives.count
        runs += 1
    }

    func print(seed: UInt64) {
        Swift.print("soak of the truths, values: seed \(seed), \(runs) runs")
        row("operations", "\(verdict.operations)")
        row("reads among them", "\(verdict.reads)")
        row("hits in memory / requests to Redis", "\(verdict.memoryHits) / \(verdict.remoteRequests)")
        row("processes", "\(processes)")
        Swift.print("faults: \(faults.values.reduce(0, +))")
        for fault in Fault.allCases { row(fault.rawValue, "\(faults[fault] ?? 0)") }
        Swift.print("callers")
        for kind in [Record.Kind.get, .load, .set, .delete, .clear, .invalidate] {
            row("slowest \(kind)", ms(verdict.slowest[kind] ?? 0))
        }
        row("get, set, delete beyond 350 ms", "\(verdict.slow)")
        Swift.print("overtaken values served")
        row("reads that began after another node's acknowledgement", "\(verdict.staleReads)")
        let lateness = verdict.lateness.sorted()
        if let last = lateness.last {
            row("how late, undisturbed: p50", ms(lateness[lateness.count / 2]))
            row("how late, undisturbed: p99", ms(lateness[lateness.count * 99 / 100]))
            row("how late, undisturbed: most", ms(last))
        }
        row("by nodes that took Redis for away outside of the schedule", "\(verdict.servedByBreaker)")
        row("  of these after a stop of the process", "\(verdict.servedByBreakerAfterStop)")
        row("  how late at most", ms(verdict.excusedByBreaker))
        row("excused (left open by the design)", "\(verdict.excused)")
        Swift.print("tags")
        row("invalidations", "\(verdict.invalidations)")
        row("  of these while a node was down that started afterwards", "\(verdict.invalidationsWhileDown)")
        row("stale values that stood in", "\(verdict.servedAsStale)")
        row("keys read by all after settling, with a value", "\(verdict.settled), \(verdict.settledWithValue)")
        Swift.print("violations: \(violations)")
        for violation in Verdict.Violation.allCases { row(violation.rawValue, "\(verdict.violations[violation] ?? 0)") }
        for example in verdict.examples.prefix(20) { Swift.print("  ! \(example)") }
    }
}

func row(_ name: String, _ value: String) {
    let padding = String(repeating: " ", count: max(1, 62 - name.count))
    print("  \(name)\(padding)\(value)")
}

func ms(_ nanoseconds: Int64) -> String { "\((Double(nanoseconds) / 1e4).rounded() / 100) ms" }
