import Synchronization

/// What a hit in memory reads of a tag. Nothing that is counted by reference, so that a hit counts none.
struct TagCell: ~Copyable {
    /// An entry that is not stamped later has expired, in microseconds; 0 for none.
    let expired = Atomic<Int64>(0)
    /// An entry that is not stamped later is gone, for stand-ins too. Never above ``expired``.
    let removed = Atomic<Int64>(0)
    /// The line that tells of the next change of the tag's record; 0 where nothing vouches for what is known here.
    let witness = Atomic<UInt32>(0)
    /// The record was changed by somebody and not read since: nothing is certain of an entry that is not stamped later. 0 for none.
    let doubt = Atomic<Int64>(0)
}

/// What this process knows of one tag: up to which stamps its entries are void. Shared by all entries that carry it.
///
/// Floors only rise, so it does not matter in which order they are heard of.
final class TagMark: Sendable {
    private struct State {
        /// How many notices of the record have come, to tell whether one came while it was being read.
        var notices: UInt32 = 0
        /// Until when the record is known to live in the remote tier.
        var livesUntil = MonotonicInstant(nanoseconds: .min)
    }

    /// The tag, as the first caller wrote it.
    let tag: String
    /// The same as one part of a name; see ``KeySpace/tagName(_:)``.
    let text: String
    // Shared without a lock: the memory lives as long as the mark, and holds nothing but atomics.
    nonisolated(unsafe) let cell: UnsafeMutablePointer<TagCell>
    /// Held by whoever changes the cell.
    private let state = Mutex(State())

    init(tag: String, text: String, expired: Int64 = 0, removed: Int64 = 0) {
        self.tag = tag
        self.text = text
        cell = .allocate(capacity: 1)
        cell.initialize(to: TagCell())
        cell.pointee.expired.store(expired, ordering: .relaxed)
        cell.pointee.removed.store(removed, ordering: .relaxed)
    }

    deinit {
        cell.deinitialize(count: 1)
        cell.deallocate()
    }

    /// Up to which stamps entries have expired, and are gone.
    var floors: (expired: Int64, removed: Int64) {
        (cell.pointee.expired.load(ordering: .acquiring), cell.pointee.removed.load(ordering: .acquiring))
    }

    var witness: UInt32 { cell.pointee.witness.load(ordering: .acquiring) }
    var notices: UInt32 { state.withLock(\.notices) }

    /// Raises the floors. What was stamped before the remote tier's clock had been seen is brought into its time.
    func raise(expired: Stamp, removed: Stamp, _ clock: HybridClock) {
        state.withLock { _ in lift(expired: expired, removed: removed, clock) }
    }

    private func lift(expired: Stamp, removed: Stamp, _ clock: HybridClock) {
        func lift(_ floor: borrowing Atomic<Int64>, to stamp: Stamp) {
            let before = clock.toldFloor(floor.load(ordering: .relaxed))
            floor.store(max(before, clock.toldFloor(stamp.microseconds)), ordering: .releasing)
        }
        lift(cell.pointee.expired, to: max(expired, removed))
        lift(cell.pointee.removed, to: removed)
    }

    /// The record was read over a line, or written: unless a notice of it has come since there were so many, the line vouches for what is
    /// known now.
    func learn(expired: Stamp, removed: Stamp, witness: UInt32, since notices: UInt32, _ clock: HybridClock) {
        state.withLock { state in
            lift(expired: expired, removed: removed, clock)
            guard state.notices == notices else { return }
            cell.pointee.doubt.store(0, ordering: .releasing)
            cell.pointee.witness.store(witness, ordering: .releasing)
        }
    }

    /// The record lives until then, as was last told.
    func lives(until instant: MonotonicInstant) {
        state.withLock { $0.livesUntil = instant }
    }

    func isKnownToLive(until instant: MonotonicInstant) -> Bool {
        state.withLock { $0.livesUntil >= instant }
    }

    /// It is not there any more, as far as is known.
    func lapsed() {
        state.withLock { $0.livesUntil = MonotonicInstant(nanoseconds: .min) }
    }

    /// Somebody has changed the record, or the remote tier has let go of it.
    func changed(before stamp: Stamp) {
        state.withLock { state in
            state.notices &+= 1
            state.livesUntil = MonotonicInstant(nanoseconds: .min)
            cell.pointee.witness.store(0, ordering: .releasing)
            cell.pointee.doubt.store(max(1, stamp.microseconds), ordering: .releasing)
        }
    }

    /// Nothing vouches for what is known, for this node is about to write the record, and another's notice may be taken for its own.
    /// Returns the line that did.
    func vouchForNothing() -> UInt32 {
        state.withLock { _ in cell.pointee.witness.exchange(0, ordering: .acquiringAndReleasing) }
    }

    /// The write never set out: what vouched before it does so again, unless a notice has come since there were so many, or another line
    /// does by now.
    func vouch(again witness: UInt32, since notices: UInt32) {
        state.withLock { state in
            guard state.notices == notices, cell.pointee.witness.load(ordering: .relaxed) == 0 else { return }
            cell.pointee.witness.store(witness, ordering: .releasing)
        }
    }
}

extension HybridClock {
    /// As ``told(_:)``, for a floor, of which zero is none.
    func toldFloor(_ microseconds: Int64) -> Int64 {
        microseconds == 0 ? 0 : told(Stamp(microseconds: microseconds)).microseconds
    }
}
