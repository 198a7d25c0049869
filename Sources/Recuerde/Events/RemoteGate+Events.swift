/// What a step under the gate's lock has done to the journal, to be told after it.
struct JournalChange {
    private let sequence: UInt64
    private let overflows: Int
    /// Whether an intent of an entry waits from now on.
    private(set) var isNoted = false
    /// Whether so much has waited that it collapsed into one clear.
    private(set) var hasOverflowed = false
    private(set) var depth = 0
    private(set) var reason = JournalReason.underWay

    /// - Parameter journal: The journal before the step.
    init(_ journal: borrowing RecoveryJournal) {
        sequence = journal.latestSequence
        overflows = journal.overflows
    }

    /// - Parameter journal: The journal after it.
    mutating func became(_ journal: borrowing RecoveryJournal, because reason: JournalReason) {
        isNoted = journal.latestSequence != sequence
        hasOverflowed = journal.overflows != overflows
        depth = journal.count
        self.reason = reason
    }
}

extension RemoteGate {
    /// The key of an entry, for those who are told of it.
    func key(ofEntry name: String) -> CacheKey? {
        keySpace.keyText(ofEntry: name).map { CacheKey(escapedText: $0) }
    }
}
