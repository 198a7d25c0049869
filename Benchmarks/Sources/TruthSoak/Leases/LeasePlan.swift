/// What director, nodes and judge of the leases agree on.
enum LeasePlan {
    static let nodes = 4
    static let proxied = 1
    static let length = milliseconds(20_000)
    /// No fault later than so long before the end.
    static let quiet = milliseconds(4_000)

    static let keys = 4
    /// Those whose values may stand in, and stay in Redis past their time; the others go at its end, and every node is told so.
    static let lasting = 0..<2
    static let locks = 2
    static let loaders = 6
    static let lockers = 2

    static let timeToLive = milliseconds(1_000)
    /// Of what is loaded: so that there is nearly always somebody who loads.
    static let life = milliseconds(300)
    /// Longer than a lease, which has to be renewed.
    static let work = milliseconds(50)..<milliseconds(1_600)
    static let lockWait = milliseconds(10_000)
    static let remoteDeadline = milliseconds(500)
    static let breakerPause = milliseconds(500)

    /// A lease is renewed every third of its time; whoever is stopped, or cut off, keeps what is left: no less than this, on a busy
    /// machine.
    static let least = milliseconds(400)
    /// A busy machine is given so long.
    static let grace = milliseconds(1_000)
}
