import Synchronization

/// Which lines stand, and until when each was proved to be alive. Free of I/O and of timers.
///
/// A hit in memory asks ``isVerified(_:now:)``: two loads from memory that changes a few times a second, and no lock.
final class LineTable: Sendable {
    /// How good a copy in memory is.
    enum Standing: Sendable, Equatable {
        /// Its line stands and tells of every change.
        case verified
        /// Its line is gone or silent, and was proved so short a time ago that the copy may be served while it is looked after.
        case unverified
        /// Nothing vouches for it.
        case lost
    }

    /// One line in the table.
    private struct Place: ~Copyable {
        /// The line's number, shifted by one; the lowest bit is set once it is gone. Zero for a place never taken.
        let word = Atomic<UInt64>(0)
        /// Up to when all changes have been told, in nanoseconds of the time source.
        let provedAt = Atomic<Int64>(.min)
    }

    /// So many lines at once can be told apart.
    static let capacity = 512

    // Shared without a lock: the memory lives as long as the table, and holds nothing but atomics.
    nonisolated(unsafe) private let places: UnsafeMutablePointer<Place>
    private let next = Mutex<UInt32>(1)
    /// Whether any line ever stood.
    private let hasOpened = Atomic(false)
    /// For how long after its proof a standing line is believed, in nanoseconds.
    private let patience: Int64
    /// For how long after its line's last proof a copy may be served unverified, in nanoseconds.
    private let bound: Int64

    /// - Parameter stalenessBound: See ``CacheConfiguration/stalenessBound``.
    init(stalenessBound: Duration) {
        let bound = max(.zero, stalenessBound)
        self.bound = bound.saturatedNanoseconds
        patience = max(bound, Self.pace(for: bound) * 3).saturatedNanoseconds
        places = .allocate(capacity: Self.capacity)
        for place in 0..<Self.capacity { (places + place).initialize(to: Place()) }
    }

    deinit {
        places.deinitialize(count: Self.capacity)
        places.deallocate()
    }

    /// Proofs come several times within the bound, and not more often than is worth it.
    static func pace(for bound: Duration) -> Duration {
        min(.seconds(1), max(.milliseconds(100), bound / 5))
    }

    private func place(_ number: UInt32) -> UnsafeMutablePointer<Place> {
        places + Int(number) % Self.capacity
    }

    // MARK: Lines

    /// A new line, proved at `now`; nil where all places are taken.
    func open(tellsOwnWrites: Bool = true, now: MonotonicInstant) -> InvalidationLine? {
        next.withLock { next in
            for _ in 0..<Self.capacity {
                let number = next
                next = next == .max ? 1 : next + 1
                let place = place(number)
                let word = place.pointee.word.load(ordering: .relaxed)
                guard word == 0 || word & 1 == 1 else { continue }
                place.pointee.provedAt.store(now.nanoseconds, ordering: .relaxed)
                place.pointee.word.store(UInt64(number) << 1, ordering: .releasing)
                hasOpened.store(true, ordering: .relaxed)
                return InvalidationLine(number: number, tellsOwnWrites: tellsOwnWrites)
            }
            return nil
        }
    }

    /// All changes until `instant` have been told.
    func prove(_ line: InvalidationLine, at instant: MonotonicInstant) {
        next.withLock { _ in
            let place = place(line.number)
            guard place.pointee.word.load(ordering: .relaxed) == UInt64(line.number) << 1,
                place.pointee.provedAt.load(ordering: .relaxed) < instant.nanoseconds
            else { return }
            place.pointee.provedAt.store(instant.nanoseconds, ordering: .relaxed)
        }
    }

    /// The line is gone. Without grace, nothing that was read over it is served unverified either.
    func close(_ line: InvalidationLine, withGrace: Bool = true) {
        next.withLock { _ in
            let place = place(line.number)
            guard place.pointee.word.load(ordering: .relaxed) == UInt64(line.number) << 1 else { return }
            if !withGrace { place.pointee.provedAt.store(.min, ordering: .relaxed) }
            place.pointee.word.store(UInt64(line.number) << 1 | 1, ordering: .releasing)
        }
    }

    /// Whether any line ever stood: without one there is nothing to go by.
    var isUsed: Bool { hasOpened.load(ordering: .relaxed) }

    /// How many stand.
    var count: Int {
        next.withLock { _ in
            (0..<Self.capacity).count { index in
                let word = places[index].word.load(ordering: .relaxed)
                return word != 0 && word & 1 == 0
            }
        }
    }

    // MARK: Copies

    /// Whether the line of this number stands and was proved lately. Zero stands for no line.
    @inline(__always)
    func isVerified(_ number: UInt32, now: MonotonicInstant) -> Bool {
        let place = place(number)
        guard place.pointee.word.load(ordering: .acquiring) == UInt64(number) << 1, number != 0 else { return false }
        return now.nanoseconds < ending(place.pointee.provedAt.load(ordering: .relaxed), patience)
    }

    /// How good a copy is that was read over the line of this number.
    func standing(_ number: UInt32, now: MonotonicInstant) -> Standing {
        if isVerified(number, now: now) { return .verified }
        guard let provedAt = provedAt(number) else { return .lost }
        return now.nanoseconds < ending(provedAt.nanoseconds, bound) ? .unverified : .lost
    }

    /// Until when a line told of all changes; nil for none, and for one that is long gone.
    func provedAt(_ number: UInt32) -> MonotonicInstant? {
        guard number != 0 else { return nil }
        let place = place(number)
        let word = place.pointee.word.load(ordering: .acquiring)
        guard word >> 1 == UInt64(number) else { return nil }
        let provedAt = place.pointee.provedAt.load(ordering: .acquiring)
        // Another line may have taken the place between the two.
        guard place.pointee.word.load(ordering: .relaxed) >> 1 == UInt64(number), provedAt != .min else { return nil }
        return MonotonicInstant(nanoseconds: provedAt)
    }

    @inline(__always)
    private func ending(_ provedAt: Int64, _ after: Int64) -> Int64 {
        provedAt == .min ? .min : provedAt.addingSaturated(after)
    }
}
