import Synchronization

/// The tags of an entry. Entries with the same list share one.
final class TagSet: Sendable {
    let marks: [TagMark]
    /// The stamp by which the entry is judged, where that is not its own: of a value that is kept under the stamp of what it stands beside.
    let since: Stamp?
    // Written in `init` alone, freed in `deinit`; the cells live as long as their marks, which are kept above.
    nonisolated(unsafe) private let cells: UnsafeMutablePointer<UnsafeMutablePointer<TagCell>>

    init(_ marks: [TagMark], since: Stamp? = nil) {
        self.marks = marks
        self.since = since
        cells = .allocate(capacity: max(1, marks.count))
        for (index, mark) in marks.enumerated() { (cells + index).initialize(to: mark.cell) }
    }

    deinit {
        cells.deallocate()
    }

    var tags: [String] { marks.map(\.tag) }

    /// Whether none of the tags concerns an entry of this stamp; with lines, only if each of them is vouched for. Costs a hit four loads for
    /// each tag, of memory that seldom changes.
    func stands(stamp: Int64, lines: LineTable?, now: MonotonicInstant) -> Bool {
        let stamp = since?.microseconds ?? stamp
        for index in 0..<marks.count {
            let cell = cells[index]
            if let lines {
                guard lines.isVerified(cell.pointee.witness.load(ordering: .acquiring), now: now) else { return false }
            }
            guard stamp > cell.pointee.expired.load(ordering: .acquiring) else { return false }
        }
        return true
    }

    /// Up to which stamps the tags make entries void, in the remote tier's time.
    func floors(_ clock: HybridClock) -> (expired: Stamp, removed: Stamp) {
        var (expired, removed) = (Int64(0), Int64(0))
        for mark in marks {
            let floors = mark.floors
            expired = max(expired, clock.toldFloor(floors.expired))
            removed = max(removed, clock.toldFloor(floors.removed))
        }
        return (Stamp(microseconds: expired), Stamp(microseconds: removed))
    }

    /// Whether a record was changed, after an entry had been stamped like this, and nobody knows how.
    func isInDoubt(_ stamp: Stamp, _ clock: HybridClock) -> Bool {
        marks.contains { mark in
            let doubt = mark.cell.pointee.doubt.load(ordering: .acquiring)
            return doubt != 0 && stamp.microseconds <= clock.toldFloor(doubt)
        }
    }

    /// How good what is known of the tags is: as good as of the worst of them.
    func standing(_ lines: LineTable, now: MonotonicInstant) -> LineTable.Standing {
        var worst = LineTable.Standing.verified
        for mark in marks {
            switch lines.standing(mark.witness, now: now) {
            case .verified: break
            case .unverified: worst = .unverified
            case .lost: return .lost
            }
        }
        return worst
    }
}
