import Synchronization

/// What has been said in the log already, so that a client says it once, however many connections and nodes it has.
final class ClientNotices: Sendable {
    let clusterNode = Once()
    let noEvict = Once()
    let oldProtocol = Once()
    let deafToSentinels = Once()
    let unprovedTracking = Once()
    /// Why there is no tracking, by the server that refuses it.
    private let trackingRefusals = Mutex<[String: String]>([:])

    /// True the first time it is asked.
    final class Once: Sendable {
        private let wasSaid = Atomic<Bool>(false)

        func isFirst() -> Bool { !wasSaid.exchange(true, ordering: .relaxed) }
    }

    /// Notes whether a server tracks. Returns the reason why not if it has to be said: no server has given it before, or all
    /// have tracked again since.
    func newRefusal(of state: RedisTrackingState, by address: String) -> String? {
        trackingRefusals.withLock { refusals in
            guard let reason = state.reason else {
                refusals[address] = nil
                return nil
            }
            let isNew = !refusals.values.contains(reason)
            // Servers that have left the cluster stay in here; their number is bounded all the same.
            if refusals.count >= 256 { refusals.removeAll() }
            refusals[address] = reason
            return isNew ? reason : nil
        }
    }
}
