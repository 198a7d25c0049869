import Synchronization

/// Makes stamps while Redis cannot: a hybrid of civil time and a counter that follows the largest stamp seen.
///
/// Source: Kulkarni et al., "Logical Physical Clocks and Consistent Snapshots in Globally Distributed Databases", 2014,
/// section 3; here with one word, the counter being the microseconds themselves. It also remembers how far the local
/// clock lies from Redis', so that a machine whose clock is wrong stamps nearly right during an outage.
///
/// A clock that is to be set by Redis does not guess before it has been: until then its stamps count the time since it was made. They are
/// smaller than any that comes later, and are told in Redis' time by ``told(_:)`` once that has been seen. So no machine's wrong clock ever
/// gets into a stamp.
final class HybridClock: Sendable {
    /// What Redis' clock showed, and when; from then on time is taken from the monotonic line, where nobody sets the clock.
    private struct Reference {
        var remote: Stamp
        var at: MonotonicInstant
    }

    /// The microseconds of the last stamp. Moved by comparison and exchange, since every write makes one.
    private let last = Atomic<Int64>(0)
    private let reference = Mutex<Reference?>(nil)
    private let hasReference = Atomic(false)
    private let timeSource: any TimeSource
    private let isSetByRemote: Bool
    private let madeAt: MonotonicInstant
    /// What Redis' clock showed when this one was made; known once it has been seen.
    private let origin = Atomic<Int64>(0)
    /// Stamps that were made before that are smaller: 35 years of counting.
    private static let firstTold: Int64 = 1 << 50

    /// - Parameters:
    ///   - timeSource: Where it reads the time.
    ///   - isSetByRemote: Whether stamps are compared with those of Redis.
    init(timeSource: any TimeSource, isSetByRemote: Bool = false) {
        self.timeSource = timeSource
        self.isSetByRemote = isSetByRemote
        self.madeAt = timeSource.now()
    }

    /// A stamp later than each that was made or seen before.
    func next() -> Stamp {
        while true {
            let before = last.load(ordering: .acquiring)
            // Read after `last`: if the clocks are compared meanwhile, `last` has changed and this begins anew.
            let stamp = max(present, Stamp(microseconds: before).next)
            if exchange(before, for: stamp) { return stamp }
        }
    }

    /// What Redis' clock should show now; before it has been seen, the time since this clock was made (civil time, where it never will be).
    var present: Stamp {
        guard isCalibrated else {
            guard isSetByRemote else { return Stamp(microseconds: timeSource.unixTime().microseconds) }
            return Stamp(microseconds: madeAt.duration(to: timeSource.now()).saturatedMicroseconds)
        }
        return reference.withLock { present($0, at: timeSource.now()) }
    }

    /// The latest stamp that this clock has made or seen, if that is later than the present: many that are made at one moment run ahead of it.
    var latest: Stamp {
        max(present, Stamp(microseconds: last.load(ordering: .acquiring)))
    }

    /// A stamp in Redis' time, in which it is compared with what stands there: another one only if it was made before that had been seen.
    func told(_ stamp: Stamp) -> Stamp {
        guard isSetByRemote, isCalibrated, stamp.microseconds < Self.firstTold else { return stamp }
        return Stamp(microseconds: stamp.microseconds.addingSaturated(origin.load(ordering: .acquiring)))
    }

    /// Whether Redis' clock has been seen.
    var isCalibrated: Bool {
        hasReference.load(ordering: .acquiring)
    }

    /// The same as civil time: what the times in an envelope are told in, so that nodes agree on them. Before Redis' clock has been seen, civil time
    /// here.
    var presentTime: UnixTime {
        isCalibrated ? UnixTime(microseconds: present.microseconds) : timeSource.unixTime()
    }

    /// Whether a stamp that came from elsewhere lies so far ahead that it is corrupt, or of a server whose clock was wrong; not known before Redis' clock has been
    /// seen.
    func isTooFarAhead(_ stamp: Stamp) -> Bool {
        guard isCalibrated || !isSetByRemote else { return false }
        return stamp.microseconds > present.microseconds.addingSaturated(Stamp.maximumLead)
    }

    /// Takes note of a stamp that came from elsewhere.
    ///
    /// One that lies too far ahead is corrupt and would carry this clock with it; it is ignored.
    func observe(_ stamp: Stamp) {
        while true {
            let before = last.load(ordering: .acquiring)
            let limit = present.microseconds.addingSaturated(Stamp.maximumLead)
            guard stamp.microseconds <= limit, stamp.microseconds > before else { return }
            if exchange(before, for: stamp) { return }
        }
    }

    /// Takes note of what Redis' clock showed at some moment since `asked`.
    ///
    /// How long the answer was on its way nobody knows, and when a process was stopped meanwhile, that was long: to take it for the time of this
    /// moment would put the clock back by as much. So the reference moves only as far as it must to agree with the answer.
    ///
    /// The first time, a clock that guessed until then lets go of its guesses: one that was far ahead would otherwise stay there.
    func calibrate(remoteTime: Stamp, since asked: MonotonicInstant) {
        let now = timeSource.now()
        reference.withLock { reference in
            let isFirst = reference == nil
            if isFirst {
                let passed = madeAt.duration(to: now).saturatedMicroseconds
                origin.store(remoteTime.microseconds.addingSaturated(-passed), ordering: .releasing)
            }
            if isFirst || remoteTime > present(reference, at: now) {
                reference = Reference(remote: remoteTime, at: now)
            } else if remoteTime < present(reference, at: asked) {
                reference = Reference(remote: remoteTime, at: asked)
            }
            hasReference.store(true, ordering: .releasing)
            while true {
                let before = last.load(ordering: .acquiring)
                let after = isFirst && !isSetByRemote ? remoteTime : max(remoteTime, Stamp(microseconds: before))
                if exchange(before, for: after) { return }
            }
        }
    }

    private func exchange(_ before: Int64, for after: Stamp) -> Bool {
        last.compareExchange(expected: before, desired: after.microseconds, ordering: .acquiringAndReleasing).exchanged
    }

    private func present(_ reference: Reference?, at instant: MonotonicInstant) -> Stamp {
        guard let reference else { return Stamp(microseconds: timeSource.unixTime().microseconds) }
        let passed = reference.at.duration(to: instant).saturatedMicroseconds
        return Stamp(microseconds: reference.remote.microseconds.addingSaturated(passed))
    }
}
