import Synchronization

/// Makes stamps while Redis cannot: a hybrid of civil time and a counter that follows the largest stamp seen.
///
/// Source: Kulkarni et al., "Logical Physical Clocks and Consistent Snapshots in Globally Distributed Databases", 2014,
/// section 3; here with one word, the counter being the microseconds themselves. It also remembers how far the local
/// clock lies from Redis', so that a machine whose clock is wrong stamps nearly right during an outage.
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

    init(timeSource: any TimeSource) {
        self.timeSource = timeSource
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

    /// What Redis' clock should show now; before the clocks were compared, civil time here.
    var present: Stamp {
        guard isCalibrated else { return Stamp(microseconds: timeSource.unixTime().microseconds) }
        return reference.withLock { present($0, at: timeSource.now()) }
    }

    /// Whether Redis' clock has been seen.
    var isCalibrated: Bool {
        hasReference.load(ordering: .acquiring)
    }

    /// The same as civil time: what the times in an envelope are told in, so that nodes agree on them.
    var presentTime: UnixTime {
        UnixTime(microseconds: present.microseconds)
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
    /// The first time, the stamps made so far were only a guess and are let go: a clock that was far ahead would
    /// otherwise stay there. Who waits with such a guess in the journal is compared with apart.
    func calibrate(remoteTime: Stamp, since asked: MonotonicInstant) {
        let now = timeSource.now()
        reference.withLock { reference in
            let isFirst = reference == nil
            if isFirst || remoteTime > present(reference, at: now) {
                reference = Reference(remote: remoteTime, at: now)
            } else if remoteTime < present(reference, at: asked) {
                reference = Reference(remote: remoteTime, at: asked)
            }
            hasReference.store(true, ordering: .releasing)
            while true {
                let before = last.load(ordering: .acquiring)
                let after = isFirst ? remoteTime : max(remoteTime, Stamp(microseconds: before))
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
