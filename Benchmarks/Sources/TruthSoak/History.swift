/// All that the processes of a run have told, in order for the judge.
struct History {
    /// A write, removal or clear that was acknowledged.
    struct Write {
        var begin: Int64
        var end: Int64
        var node: UInt16
        var isWeak: Bool
        var isClear: Bool
        /// Leaves no tombstone: once its value has died nothing tells that it was there.
        var isSet: Bool
        /// Of the entry's tags: what it has overtaken may be served as stale, or (`removes`) not at all.
        var isInvalidation = false
        var removes = true
        /// From when on other nodes cannot but know of it: when it was acknowledged; or, where something waited in the journal by then, when
        /// nothing did any more. Never, if the process was killed before that.
        var effect: Int64
    }

    /// What is known of a value besides what it says itself.
    struct Origin {
        var end: Int64
        var isWeak: Bool
    }

    private(set) var reads: [Record] = []
    /// By key, in the order of their begins.
    private(set) var writes: [[Write]] = Array(repeating: [], count: Plan.keys)
    private(set) var invalidations: [Write] = []
    private(set) var origins: [UInt64: Origin] = [:]
    private(set) var failures = 0
    private(set) var operations = 0
    /// When a process found Redis away, by its number less one.
    private(set) var outages: [[Range<Int64>]] = []
    private(set) var timed: [Record] = []
    private(set) var memoryHits = 0
    private(set) var remoteRequests = 0

    init(files: [String]) {
        for file in files {
            var drained: [Record] = []
            var acknowledged: [Record] = []
            var awaySince: Int64?
            var away: [Range<Int64>] = []
            var last: Record?
            Recorder.records(in: file) { record in
                switch record.kind {
                case .drained:
                    drained.append(record)
                    return
                case .sample:
                    if record.isWeak, awaySince == nil { awaySince = last?.begin ?? record.begin }
                    if !record.isWeak, let since = awaySince {
                        away.append(since..<max(since, record.end))
                        awaySince = nil
                    }
                    last = record
                    return
                case .failed:
                    failures += 1
                case .get, .settled:
                    reads.append(record)
                case .load:
                    reads.append(record)
                    // What stands in was made by an earlier one.
                    if record.isLoad, !record.isStale, record.value >> 40 == UInt64(record.node) { note(record) }
                case .set:
                    note(record)
                    acknowledged.append(record)
                case .delete, .clear, .invalidate:
                    acknowledged.append(record)
                case .loadBegan, .loadEnded, .lockBegan, .lockEnded, .lock:
                    return
                }
                operations += 1
                timed.append(record)
            }
            if let since = awaySince { away.append(since..<Int64.max) }
            outages.append(away)
            memoryHits += Int(last?.value ?? 0)
            remoteRequests += Int(last?.valueBegin ?? 0)
            for record in acknowledged { add(record, drained) }
        }
        for key in writes.indices { writes[key].sort { $0.begin < $1.begin } }
    }

    private mutating func note(_ record: Record) {
        let known = origins[record.value]
        origins[record.value] = Origin(
            end: min(record.end, known?.end ?? .max),
            isWeak: record.isWeak || known?.isWeak == true
        )
    }

    private mutating func add(_ record: Record, _ drained: [Record]) {
        var write = Write(
            begin: record.begin,
            end: record.end,
            node: record.node,
            isWeak: record.isWeak,
            isClear: record.kind == .clear,
            isSet: record.kind == .set,
            effect: record.end
        )
        if record.isWeak {
            let index = drained.partition { $0.begin <= record.end }
            write.effect = index < drained.count ? drained[index].end : .max
        }
        switch record.kind {
        case .clear:
            for key in 0..<Plan.keys { writes[key].append(write) }
        case .invalidate:
            write.isInvalidation = true
            write.removes = record.isLoad
            invalidations.append(write)
            for key in Plan.tagged where Plan.tags(of: key).contains(Int(record.key)) { writes[key].append(write) }
        default:
            writes[Int(record.key)].append(write)
        }
    }
}

extension Array {
    /// The first index whose element does not meet a condition that all before it meet.
    func partition(_ holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
