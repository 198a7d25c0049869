/// The order of eviction of one shard. Knows slots, hashes, weights and costs; nothing of keys, values or time. No I/O and
/// no locks: the caller holds the shard's lock.
///
/// This one is CLOCK with one bit (Corbató, "A Paging Experiment with the Multics System", 1968): a hit sets a bit of its own slot
/// and touches nothing else; a hand goes round, takes bits away, and stops at the first slot that has none.
struct EvictionPolicy: ~Copyable {
    /// The answer of ``victim()`` where nothing is linked.
    static let none = UInt32.max

    private static let absent: UInt8 = 0
    private static let unused: UInt8 = 1
    private static let used: UInt8 = 2

    private var states: [UInt8] = []
    private var hand = 0
    private var linked = 0
    private var newest = EvictionPolicy.none

    init(bound: Int, goal: EvictionGoal, seed: UInt64) {}

    @inline(__always)
    mutating func hit(_ slot: UInt32) {
        states[Int(slot)] = Self.used
    }

    mutating func insert(_ slot: UInt32, hash: UInt64, weight: Int, cost: UInt64) {
        while states.count <= Int(slot) { states.append(Self.absent) }
        states[Int(slot)] = Self.unused
        linked += 1
        newest = slot
    }

    mutating func update(_ slot: UInt32, weight: Int, cost: UInt64) {
        hit(slot)
    }

    mutating func remove(_ slot: UInt32) {
        guard states[Int(slot)] != Self.absent else { return }
        states[Int(slot)] = Self.absent
        linked -= 1
    }

    mutating func victim() -> UInt32 {
        guard linked > 0 else { return Self.none }
        // Two rounds find one: the first takes all bits away.
        for _ in 0..<(2 * states.count + 1) {
            if hand >= states.count { hand = 0 }
            switch states[hand] {
            case Self.used: states[hand] = Self.unused
            case Self.unused where linked == 1 || UInt32(hand) != newest: return UInt32(hand)
            default: break
            }
            hand += 1
        }
        return Self.none
    }

    mutating func setBound(_ bound: Int) {}

    mutating func removeAll() {
        states = []
        hand = 0
        linked = 0
        newest = Self.none
    }
}
