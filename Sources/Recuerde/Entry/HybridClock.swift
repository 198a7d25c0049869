import Synchronization

/// Makes stamps while Redis cannot: a hybrid of civil time and a counter that follows the largest stamp seen.
///
/// Source: Kulkarni et al., "Logical Physical Clocks and Consistent Snapshots in Globally Distributed Databases", 2014,
/// section 3; here with one word, the counter being the microseconds themselves. It also remembers how far the local
/// clock lies from Redis', so that a machine whose clock is wrong stamps nearly right during an outage.
final class HybridClock: Sendable {
    private struct State {
        var last = Stamp.zero
        /// Redis' time less ours, in microseconds, at the last comparison.
        var offset: Int64 = 0
        var isCalibrated = false
    }

    private let state = Mutex(State())
    private let timeSource: any TimeSource

    init(timeSource: any TimeSource) {
        self.timeSource = timeSource
    }

    /// A stamp later than each that was made or seen before.
    func next() -> Stamp {
        let local = timeSource.unixTime().microseconds
        return state.withLock { state in
            let present = Stamp(microseconds: local.addingSaturated(state.offset))
            state.last = max(present, state.last.next)
            return state.last
        }
    }

    /// What Redis' clock should show now.
    var present: Stamp {
        let local = timeSource.unixTime().microseconds
        return state.withLock { Stamp(microseconds: local.addingSaturated($0.offset)) }
    }

    /// Takes note of a stamp that came from elsewhere.
    ///
    /// One that lies too far ahead is corrupt and would carry this clock with it; it is ignored.
    func observe(_ stamp: Stamp) {
        let local = timeSource.unixTime().microseconds
        state.withLock { state in
            let limit = local.addingSaturated(state.offset).addingSaturated(Stamp.maximumLead)
            if stamp.microseconds <= limit { state.last = max(state.last, stamp) }
        }
    }

    /// Takes note of what Redis' clock shows at this moment.
    ///
    /// The first time, the stamps made so far were only a guess and are let go: a clock that was far ahead would
    /// otherwise stay there. Who waits with such a guess in the journal is compared with apart.
    func calibrate(remoteTime: Stamp) {
        let local = timeSource.unixTime().microseconds
        state.withLock { state in
            state.offset = remoteTime.microseconds.subtractingSaturated(local)
            state.last = state.isCalibrated ? max(state.last, remoteTime) : remoteTime
            state.isCalibrated = true
        }
    }
}
