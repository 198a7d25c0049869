/// Tells notices of this node's own writes from those of others. Free of I/O.
///
/// A line tells of its own node's writes too: Redis can be asked to leave them out (NOLOOP), and then also leaves out what it lets go of while one
/// of the node's commands is carried out (eviction, a full tracking table), of which nothing else would ever tell. So every write that changed the
/// entry is owed one notice, and the first one that comes after it was sent is taken for it. If that was another's, the own one comes as well, and
/// is taken for another's: a copy too many goes, and never one too few.
struct OwnWrites {
    /// What became of a write.
    enum Outcome: Sendable {
        /// It changed the entry, and a notice of that has come or is to come.
        case changed
        /// It did not.
        case unchanged
        /// Nobody knows, or it went another way.
        case unknown
    }

    private struct Record {
        /// Writes that are not answered yet.
        var pending = 0
        /// Notices that have come meanwhile, not applied so far.
        var held = 0
        /// Notices that are to come for writes that were answered, and since when the last of them is.
        var owed = 0
        var owedSince = MonotonicInstant(nanoseconds: .min)

        var isOver: Bool { pending == 0 && held == 0 && owed == 0 }
    }

    private var lines: [InvalidationLine: [CacheKey: Record]] = [:]

    /// A write sets out.
    mutating func begin(_ key: CacheKey, on line: InvalidationLine) {
        lines[line, default: [:]][key, default: Record()].pending += 1
    }

    /// Whether writes of an entry are under way: then a notice of another's change may be taken for that of one of them until it has been answered.
    func isPending(_ key: CacheKey, on line: InvalidationLine) -> Bool {
        lines[line]?[key].map { $0.pending > 0 } ?? false
    }

    /// A notice has come. True if it is another's, as far as is known.
    mutating func notice(_ key: CacheKey, on line: InvalidationLine) -> Bool {
        guard var record = lines[line]?[key] else { return true }
        if record.owed > 0 {
            record.owed -= 1
        } else if record.held < record.pending {
            record.held += 1
        } else {
            return true
        }
        lines[line]?[key] = record.isOver ? nil : record
        return false
    }

    /// A write was answered, or given up. True if a notice that was held back turns out to be another's.
    mutating func end(
        _ key: CacheKey,
        on line: InvalidationLine,
        _ outcome: Outcome,
        now: MonotonicInstant
    ) -> Bool {
        guard var record = lines[line]?[key] else { return false }
        record.pending = max(0, record.pending - 1)
        if outcome == .changed {
            if record.held > 0 {
                record.held -= 1
            } else {
                record.owed += 1
                record.owedSince = now
            }
        }
        let isOthers = record.held > record.pending
        record.held = min(record.held, record.pending)
        lines[line]?[key] = record.isOver ? nil : record
        return isOthers
    }

    /// All notices of what happened until `instant` have come: what was owed before then does not come any more.
    mutating func proved(_ line: InvalidationLine, at instant: MonotonicInstant) {
        guard let records = lines[line], !records.isEmpty else { return }
        for (key, record) in records where record.owed > 0 && record.owedSince < instant {
            var record = record
            record.owed = 0
            lines[line]?[key] = record.isOver ? nil : record
        }
    }

    /// Nothing more comes on this line.
    mutating func closed(_ line: InvalidationLine) {
        lines[line] = nil
    }

    /// How many keys are kept in mind.
    var count: Int { lines.values.reduce(0) { $0 + $1.count } }
}
