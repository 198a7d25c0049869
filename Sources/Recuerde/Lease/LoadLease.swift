import Synchronization

/// The lease of one flight: that of its key, so that one load runs in the whole cluster.
struct LoadLease: Sendable {
    /// What a flight does where another one has the lease.
    enum Manner: Sendable {
        /// It waits, and then looks whether a value has come of it.
        case waits
        /// It loads all the same: its caller has asked for a new load, whatever others do.
        case tries
        /// It does not load: others do so already, and nobody waits for this one.
        case skips
    }

    let holder: LeaseHolder
    let manner: Manner
    /// The longest that it waits for others, all in all.
    let limit: Duration
    let book: LeaseBook

    /// The load has ended, and nobody has been told yet: the next flight of this node waits for the lease as any other does.
    func landed() {
        book.left(holder)
    }

    /// The flight has ended, however it did. Returns when the store has been told, or does not answer.
    ///
    /// - Returns: False where the lease had been lost before.
    func giveBack() async -> Bool {
        await holder.release()
    }
}

/// The leases of loads that this node holds, and keys that others refresh early.
final class LeaseBook: Sendable {
    private let held = Mutex<[String: ObjectIdentifier]>([:])
    /// Keys that another node was found to refresh early: not tried again for a while, since hits come in close succession.
    let rests = ThrottleBook()

    func took(_ holder: LeaseHolder) {
        held.withLock { $0[holder.lease.name] = ObjectIdentifier(holder) }
    }

    func left(_ holder: LeaseHolder) {
        held.withLock { held in
            if held[holder.lease.name] == ObjectIdentifier(holder) { held[holder.lease.name] = nil }
        }
    }

    /// Whether another flight of this very node has the lease, which it may have to wait for this one to give back.
    func holds(_ lease: LeaseName) -> Bool {
        held.withLock { $0[lease.name] != nil }
    }

    /// How many this node holds.
    var count: Int { held.withLock { $0.count } }
}
