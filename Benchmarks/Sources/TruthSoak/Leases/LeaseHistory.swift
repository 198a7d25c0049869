/// What the processes of the soak of leases have told.
struct LeaseHistory {
    /// A load, or a body under a lock.
    struct Work {
        var node: UInt16
        var key: Int
        /// The load's number, or the fencing token.
        var value: UInt64
        /// When the call began that brought it about.
        var call: Int64
        var begin: Int64
        /// When it ended, by itself or with its process.
        var end: Int64
        /// How the call under whose lock it was has ended; nil where nobody lived to tell.
        var outcome: Record.Reason?
    }

    /// By key.
    private(set) var loads: [[Work]] = Array(repeating: [], count: LeasePlan.keys)
    private(set) var holds: [[Work]] = Array(repeating: [], count: LeasePlan.locks)
    private(set) var calls: [Record] = []
    private(set) var lockCalls: [Record] = []
    private(set) var failures: [Record] = []

    init(_ stage: Stage) {
        for (index, file) in stage.records.enumerated() {
            let life = stage.lives[index]
            var (works, ends): ([Record], [UInt64: Int64]) = ([], [:])
            // Lost locks are told of by the node and the begin of the call, since such a call returns no token.
            var reasons: [Int64: Record.Reason] = [:]
            Recorder.records(in: file) { record in
                switch record.kind {
                case .loadBegan, .lockBegan: works.append(record)
                case .loadEnded, .lockEnded: ends[record.value] = record.begin
                case .load: calls.append(record)
                case .lock:
                    lockCalls.append(record)
                    reasons[record.begin] = record.reason
                case .failed: failures.append(record)
                default: break
                }
            }
            let last = min(life.end, stage.end)
            for record in works {
                let work = Work(
                    node: record.node,
                    key: Int(record.key),
                    value: record.value,
                    call: record.valueBegin,
                    begin: record.begin,
                    end: max(record.begin, ends[record.value] ?? last),
                    outcome: record.kind == .lockBegan ? reasons[record.valueBegin] : nil
                )
                if record.kind == .loadBegan { loads[work.key].append(work) } else { holds[work.key].append(work) }
            }
        }
        for key in loads.indices { loads[key].sort { $0.begin < $1.begin } }
        for lock in holds.indices { holds[lock].sort { $0.begin < $1.begin } }
    }

    var operations: Int { calls.count + lockCalls.count }
}
