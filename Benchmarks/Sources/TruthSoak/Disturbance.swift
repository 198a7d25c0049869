/// A time in which a node could not know what others changed, or must find out afterwards what it missed.
struct Disturbance: Sendable {
    enum Kind: Sendable {
        /// Redis does not answer the node: memory may serve until expiry.
        case detached
        /// The node's connections were lost, and it can have new ones at once: memory may serve within the bound.
        case gap
        /// The process was stopped: when it goes on, memory may serve within the bound, counted from before.
        case stopped
    }

    var kind: Kind
    /// Which of the nodes that run at a time; nil for all.
    var place: Int?
    var start: Int64
    var end: Int64
}

/// What is done to nodes and to Redis.
enum Fault: String, CaseIterable, Sendable {
    case killNode = "kill -9 of a node"
    case killRedis = "kill -9 of Redis, restart with data"
    case forgetfulRedis = "kill -9 of Redis, restart without data"
    case stopNode = "SIGSTOP of a node"
    case stopAndKill = "SIGSTOP of a node, CLIENT KILL meanwhile"
    case stopRedis = "SIGSTOP of Redis"
    case partition = "partition of a node, both ways"
    case deafness = "partition of a node, answers and notices only"
    case muteness = "partition of a node, questions only"
    case cut = "connections of a node reset"
    case sleep = "DEBUG SLEEP"
    case flushall = "FLUSHALL"
    case killClients = "CLIENT KILL TYPE normal"
    case killTracking = "CLIENT KILL of one tracking connection"
    case flood = "eviction of all keys (allkeys-lru, flood)"
    case partitionAndFlush = "partition of a node, FLUSHALL meanwhile"
    case partitionAndStop = "partition of a node, another stopped meanwhile"

    /// Whether keys go that nobody removed. Not soon after an outage: what a node noted alone while it saw Redis as gone, and tombstones that
    /// are evicted within an outage, are left open (design.md, section 6, marks).
    var losesData: Bool {
        switch self {
        case .forgetfulRedis, .flushall, .flood, .partitionAndFlush: true
        default: false
        }
    }
}
