import Synchronization

/// Makes stamps while Redis cannot: a hybrid of civil time and a counter that follows the largest stamp seen.
///
/// Source: Kulkarni et al., "Logical Physical Clocks and Consistent Snapshots in Globally Distributed Databases", 2014,
/// section 3; here with one word, the counter being the microseconds themselves. It also remembers how far the local
/// clock lies from Redis', so that a machine whose clock is wrong stamps nearly right during an outage.
final class HybridClock: Sendable {
    private struct State {
        var last = Stamp.zero
        /// What Redis' clock showed, and when; from then on time is taken from the monotonic line, where nobody sets
        /// the clock.
        var reference: (remote: Stamp, at: MonotonicInstant)?
    }

    private let state = Mutex(State())
    private let timeSource: any TimeSource

    init(timeSource: any TimeSource) {
        self.timeSource = timeSource
    }

    /// A stamp later than each that was made or seen before.
    func next() -> Stamp {
        state.withLock { state in
            state.last = max(present(state), state.last.next)
            return state.last
        }
    }

    /// What Redis' clock should show now; before the clocks were compared, civil time here.
    var present: Stamp {
        state.withLock { present($0) }
    }

    /// Whether Redis' clock has been seen.
    var isCalibrated: Bool {
        state.withLock { $0.reference != nil }
    }

    /// The same as civil time: what the times in an envelope are told in, so that nodes agree on them.
    var presentTime: UnixTime {
        UnixTime(microseconds: present.microseconds)
    }

    /// Takes note of a stamp that came from elsewhere.
    ///
    /// One that lies too far ahead is corrupt and would carry this clock with it; it is ignored.
    func observe(_ stamp: Stamp) {
        state.withLock { state in
            let limit = present(state).microseconds.addingSaturated(Stamp.maximumLead)
            if stamp.microseconds <= limit { state.last = max(state.last, stamp) }
        }
    }

    /// Takes note of what Redis' clock shows at this moment.
    ///
    /// The first time, the stamps made so far were only a guess and are let go: a clock that was far ahead would
    /// otherwise stay there. Who waits with such a guess in the journal is compared with apart.
    func calibrate(remoteTime: Stamp) {
        let now = timeSource.now()
        state.withLock { state in
            state.last = state.reference == nil ? remoteTime : max(state.last, remoteTime)
            state.reference = (remoteTime, now)
        }
    }

    private func present(_ state: State) -> Stamp {
        guard let reference = state.reference else { return Stamp(microseconds: timeSource.unixTime().microseconds) }
        let passed = reference.at.duration(to: timeSource.now()).saturatedMicroseconds
        return Stamp(microseconds: reference.remote.microseconds.addingSaturated(passed))
    }
}
