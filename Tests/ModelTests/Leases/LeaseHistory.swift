import Recuerde
import RecuerdeTesting

/// A history of leases: several nodes, one key whose loads are one per cluster, and one lock.
struct LeaseHistory: ModelHistory {
    var seed: UInt64
    var setup: LeaseSetup
    var events: [LeaseEvent]

    /// How long a load may take, and how long it waits for those of others before.
    static let loadTimeout = Duration.seconds(4)
    static let leaseWait = Duration.seconds(6)
    /// How long the lease of a load lasts without renewal.
    static let leaseTimeToLive = Duration.seconds(3)
    /// What one call waits for the store in all.
    static let remoteDeadline = Duration.milliseconds(250)
}

struct LeaseSetup: Sendable {
    var nodes = 3
    /// How far each node's clock is ahead of the store's.
    var clockOffsets: [Duration] = []
    /// Whether somebody sets the store's clock, to and fro.
    var setsClock = false
}

/// What leases are about.
enum LeaseTarget: CaseIterable, Sendable {
    case key, lock
}

/// One thing that happens in a history of leases.
enum LeaseEvent: Sendable {
    /// A caller calls a node. The number names the call.
    case call(Int, node: Int, LeaseCall)
    /// The caller of that call is cancelled.
    case cancel(Int)
    /// The load of that call, or its work under the lock, comes to its end.
    case endWork(Int, fails: Bool)
    /// So many ready steps are carried out, in an order that the seed picks.
    case steps(Int, seed: UInt64)
    /// All of them.
    case settle(seed: UInt64)
    /// Time passes, and whoever wakes does what there is to do.
    case pass(Duration, seed: UInt64)
    /// The process of a node is stopped, and goes on later.
    case stop(node: Int, seed: UInt64)
    case goOn(node: Int)
    /// The process of a node is killed, and another one started.
    case restart(node: Int)
    /// What becomes of every exchange of a node from now on, and of its next ones.
    case link(node: Int, ScriptedExchange)
    case nextExchanges(node: Int, [ScriptedExchange])
    case store(LeaseStoreEvent)
}

/// What befalls the store.
enum LeaseStoreEvent: Sendable {
    case down
    case up
    case freeze(Duration)
    case loseData
    case full(Bool)
    case evict(LeaseTarget)
    /// Whether messages that tell of a release are lost.
    case silent(Bool)
    /// Somebody sets its clock, to so much ahead of the others'.
    case clock(Duration)
}

/// What a caller asks of a node.
enum LeaseCall: Sendable {
    /// The value of the key, which lives so long.
    case value(life: Duration, Load)
    case lock(timeToLive: Duration, wait: Duration, Load)

    var target: LeaseTarget {
        switch self {
        case .value: .key
        case .lock: .lock
        }
    }

    /// How long its lease lasts without renewal.
    var timeToLive: Duration {
        switch self {
        case .value: LeaseHistory.leaseTimeToLive
        case .lock(let timeToLive, _, _): timeToLive
        }
    }
}
