/// A number that tells holders of a lock apart: each gets a greater one than all who held a lock of the cache before.
///
/// A lock with a time to live can be lost while its holder works: the process is stopped, the network cut, Redis loses its data. Then another holds it too, and the first
/// may not know. So whatever the lock protects should be given the number with each change, and refuse a change whose number is smaller than one it
/// has seen. Only that makes a lock safe; without it, it merely saves work.
///
/// The number is the larger of Redis' clock, in microseconds since 1970, and one more than the latest that was given, which Redis keeps beside the locks. So after a loss of
/// data (FLUSHALL, a restart without data, a failover to a replica that lags, eviction) two things hold: who held a lock then has lost it, and another may have taken it
/// already; and the numbers still grow, unless the server's clock then stands behind where it stood when the latest number was given, as after a failover to a machine
/// whose clock is behind. Keep clocks in step, and give locks a server that does not evict.
public struct FencingToken: Sendable, Hashable, Comparable {
    /// The number, positive.
    public let number: Int64

    init(number: Int64) {
        self.number = number
    }

    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.number < rhs.number
    }
}
