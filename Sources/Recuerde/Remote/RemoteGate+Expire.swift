import Synchronization

/// Expiries that wait, and what waits before them.
extension RemoteGate {
    /// Up to which stamp nothing in memory is to be believed about an entry that is not stale, since an expiry waits.
    func overrulesFreshness(_ name: String) -> Stamp? {
        guard hasWaiting else { return nil }
        return state.withLock { $0.journal.overrulesFreshness(name) }
    }

    /// What is to become of an entry by what waits for it; nil where nothing does.
    func ruling(_ name: String) -> RecoveryJournal.Ruling? {
        guard hasWaiting else { return nil }
        return state.withLock { $0.journal.ruling(name) }
    }

    /// Notes an expiry behind what waits for its entry already; false where nothing does, and it may go there by itself.
    func expireBehind(_ name: String, stamp: Stamp) -> Bool {
        guard hasWaiting, state.withLock({ $0.journal.holds(name) }) else { return false }
        note(.expire, stamp: stamp, expiry: nil, for: name, because: nil)
        return true
    }
}
