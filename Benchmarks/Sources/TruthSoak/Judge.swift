/// Holds what callers were given against the truths (design.md, section 5).
///
/// A value is *overtaken* by an acknowledged write, removal or clear of its key that began after the value's set had returned, or after
/// its load had begun. Then nobody may be given it any more:
///
/// - on the same node, from the acknowledgement on, without any grace;
/// - on others, a moment later (`Plan.grace`, for a busy machine) as long as nothing disturbs the reader;
/// - after its connections were lost or its process was stopped, up to the staleness bound later;
/// - while Redis does not answer it, until expiry; the schedule says when that was, with a pause of the breaker and the grace after it.
///
/// An invalidation of a tag overtakes what carries it in the same way; but where it lets things expire, they may be served as stale.
///
/// What the design leaves open is no violation, and is counted as excused:
///
/// - A stamp of the journal lies up to the remote deadline ahead, as one is that follows a write under way (section 7, after the table of the
///   envelope). Where either of the two waited in the journal, or one is a clear, the write must have begun so much later.
/// - Tombstones that Redis evicts during an outage do not hold back what waited in a journal (section 6, marks).
/// - A set leaves no tombstone, so when its value has died, an older one that waited in a journal may come back (section 6, (a)).
/// - A node that is starved of processor time may take Redis for away outside of the schedule; it says so in its own health.
/// - A record of a tag that Redis lost while a value waited in a journal no longer tells of an invalidation (section 6, tags).
/// - A process that is killed takes its journal with it (truth 6 speaks of nodes that still run).
struct Judge {
    let history: History
    let director: Director
    private let disturbances: [[Disturbance]]

    init(_ director: Director) {
        self.director = director
        history = History(files: director.stage.records)
        disturbances = (0..<Plan.nodes).map { director.stage.disturbances(of: $0) }
    }

    func verdict() -> Verdict {
        var verdict = Verdict(operations: history.operations, reads: history.reads.count)
        verdict.memoryHits = history.memoryHits
        verdict.remoteRequests = history.remoteRequests
        if history.failures > 0 {
            verdict.violate(.failedCaller, "\(history.failures) calls threw", count: history.failures)
        }
        for death in director.stage.unexpectedDeaths { verdict.violate(.deadNode, death) }
        for read in history.reads where read.value != 0 { judge(read, &verdict) }
        noteTags(&verdict)
        judgeTimes(&verdict)
        judgeConvergence(&verdict)
        return verdict
    }

    // MARK: Values

    private func judge(_ read: Record, _ verdict: inout Verdict) {
        let origin = history.origins[read.value]
        let isWeak = origin?.isWeak ?? true
        // What a process did not live to tell of was over soon after it had begun.
        let end = origin?.end ?? read.valueBegin + milliseconds(1_000)
        let key = Int(read.key)
        if Plan.brief.contains(key), read.begin > end + Plan.briefLife + Plan.grace {
            verdict.violate(.dead, describe(read, read.begin - end))
        }
        let cut = read.isLoad ? read.valueBegin : end
        let writes = history.writes[key]
        var latest: Int64 = 0
        var isUndisturbed = true
        for index in writes.partition({ $0.begin <= cut })..<writes.count {
            let write = writes[index]
            if write.begin >= read.begin { break }
            // It may stand in.
            if read.isStale, write.isInvalidation, !write.removes { continue }
            if isWeak || write.isWeak || write.isClear, write.begin <= cut + Plan.remoteDeadline { continue }
            if write.isSet, isWeak, Plan.brief.contains(key), read.begin >= write.begin + Plan.briefLife {
                verdict.excused += 1
                continue
            }
            if write.node == read.node {
                guard write.end < read.begin else { continue }
                if isExcused(read, write, isWeak, end) {
                    verdict.excused += 1
                } else {
                    verdict.violate(
                        write.isInvalidation ? .sameNodeByTag : .sameNode,
                        describe(read, read.begin - write.end)
                    )
                }
                return
            }
            guard write.effect < read.begin else { continue }
            let lateness = read.begin - write.effect
            switch allowance(from: write.effect, to: read.begin, place: place(read.node), number: Int(read.node)) {
            case .grace:
                latest = max(latest, lateness)
                if lateness <= Plan.grace { continue }
            case .disturbed:
                isUndisturbed = false
                continue
            case .breaker(let afterStop):
                isUndisturbed = false
                verdict.excusedByBreaker = max(verdict.excusedByBreaker, lateness)
                verdict.servedByBreaker += 1
                if afterStop { verdict.servedByBreakerAfterStop += 1 }
                continue
            }
            if isExcused(read, write, isWeak, end) {
                verdict.excused += 1
            } else {
                let fresh: Verdict.Violation = read.kind == .settled ? .resurrected : .stale
                let tagged: Verdict.Violation = read.isStale ? .removedByTag : .staleByTag
                verdict.violate(write.isInvalidation ? tagged : fresh, describe(read, lateness))
            }
            return
        }
        if latest > 0 {
            verdict.staleReads += 1
            if isUndisturbed { verdict.lateness.append(latest) }
        }
    }

    private func place(_ number: UInt16) -> Int { director.stage.place(of: number) }

    private enum Allowance {
        case grace, disturbed
        /// By what the node says of itself; after it had been stopped or not.
        case breaker(afterStop: Bool)
    }

    private func allowance(from effect: Int64, to read: Int64, place: Int, number: Int) -> Allowance {
        var wasStopped = false
        for disturbance in disturbances[place] where disturbance.start <= read {
            let aftermath = disturbance.kind == .detached ? Plan.breakerPause + Plan.grace : Plan.grace
            guard disturbance.end + aftermath >= effect else { continue }
            if disturbance.kind == .detached, read <= disturbance.end + aftermath { return .disturbed }
            if read - effect <= Plan.bound + Plan.grace { return .disturbed }
            if disturbance.kind == .stopped { wasStopped = true }
        }
        if read - effect <= Plan.grace { return .grace }
        for outage in history.outages[number - 1] where outage.lowerBound - Plan.remoteDeadline <= read {
            let isOver = outage.upperBound > .max - Plan.grace ? Int64.max : outage.upperBound + Plan.grace
            if isOver >= read { return .breaker(afterStop: wasStopped) }
        }
        return .grace
    }

    /// Whether tombstones may have been evicted while the value waited in a journal; or the record of a tag may have been lost.
    private func isExcused(_ read: Record, _ write: History.Write, _ isWeak: Bool, _ end: Int64) -> Bool {
        guard isWeak else { return false }
        let losses = write.isInvalidation ? director.losses : director.floods
        return losses.contains {
            $0.upperBound >= read.valueBegin && $0.lowerBound <= end + milliseconds(10_000)
        }
    }

    private func describe(_ read: Record, _ lateness: Int64) -> String {
        let at = Double(read.begin - director.stage.start) / 1e9
        return
            "\(read.kind) of key \(read.key) by process \(read.node) (place \(place(read.node))) \(at) s into the run: "
            + "\(read.isStale ? "as stale, " : "")\(read.isLoad ? "load" : "set") \(read.value & (1 << 40 - 1)) of process \(read.value >> 40), "
            + "\(lateness / 1_000_000) ms late"
    }

    /// How much there was to see of tags.
    private func noteTags(_ verdict: inout Verdict) {
        verdict.invalidations = history.invalidations.count
        for read in history.reads where Plan.tagged.contains(Int(read.key)) && read.value != 0 {
            if read.isStale { verdict.servedAsStale += 1 }
        }
        // Between the end of a process and the next one's start.
        var ends: [Int: Int64] = [:]
        for life in director.stage.lives {
            if let end = ends[life.place] {
                verdict.invalidationsWhileDown += history.invalidations.count {
                    $0.end > end && $0.end < life.start
                }
            }
            ends[life.place] = life.end
        }
    }

    // MARK: Times

    private func judgeTimes(_ verdict: inout Verdict) {
        for record in history.timed {
            var time = record.end - record.begin
            // A stopped process does nothing, and then what it had left.
            for stop in disturbances[place(record.node)]
            where stop.kind == .stopped && stop.start < record.end && stop.end > record.begin {
                time -= min(stop.end, record.end) - max(stop.start, record.begin)
            }
            let own: Int64 =
                switch record.kind {
                case .load: Plan.longLoad
                case .clear, .invalidate: Plan.remoteDeadline * 8
                default: 0
                }
            verdict.note(time, record.kind)
            if time > Plan.remoteDeadline + own + Plan.callerAllowance {
                verdict.violate(.deadline, "\(record.kind) of process \(record.node) took \(time / 1_000_000) ms")
            }
        }
    }

    // MARK: Convergence

    /// When all has settled, all nodes give the same under each key.
    private func judgeConvergence(_ verdict: inout Verdict) {
        var seen: [Int: [Record]] = [:]
        for read in history.reads where read.kind == .settled {
            let cycle = Int((read.begin - director.stage.start) / Plan.cycle)
            if !Plan.brief.contains(Int(read.key)) { seen[cycle * Plan.keys + Int(read.key), default: []].append(read) }
        }
        for reads in seen.values {
            verdict.settled += 1
            if reads.contains(where: { $0.value != 0 }) { verdict.settledWithValue += 1 }
            guard let first = reads.first, let other = reads.first(where: { $0.value != first.value }) else { continue }
            verdict.violate(.divergence, describe(first, 0) + "; but " + describe(other, 0))
        }
    }
}
