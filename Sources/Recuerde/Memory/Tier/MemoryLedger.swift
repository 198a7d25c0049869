import Synchronization

/// How many entries and bytes a memory tier holds in all its shards, and how many it may. A shard reserves here before it takes
/// anything in, so that no bound is passed even for a moment.
final class MemoryLedger: Sendable {
    private let maximumEntriesNow: Atomic<Int>
    private let maximumBytesNow: Atomic<Int>
    private let entriesNow = Atomic(0)
    private let bytesNow = Atomic(0)
    /// Bytes that other tiers take from too.
    let budget: MemoryBudget?

    init(maximumEntries: Int, maximumBytes: Int, budget: MemoryBudget? = nil) {
        maximumEntriesNow = Atomic(max(0, maximumEntries))
        maximumBytesNow = Atomic(max(0, maximumBytes))
        self.budget = budget
    }

    var maximumEntries: Int { maximumEntriesNow.load(ordering: .relaxed) }
    var maximumBytes: Int { maximumBytesNow.load(ordering: .relaxed) }
    // In one order with the bounds: either a reservation sees a new bound, or who set it sees the reservation.
    var entries: Int { entriesNow.load(ordering: .sequentiallyConsistent) }
    var bytes: Int { bytesNow.load(ordering: .sequentiallyConsistent) }

    /// The most that one entry may weigh.
    var heaviest: Int { min(maximumBytes, budget?.maximumBytes ?? .max, HotSlot.maximumWeight) }

    var isOver: Bool {
        entries > maximumEntries || bytes > maximumBytes || budget?.isOver == true
    }

    func setBounds(entries: Int, bytes: Int) {
        maximumEntriesNow.store(max(0, entries), ordering: .sequentiallyConsistent)
        maximumBytesNow.store(max(0, bytes), ordering: .sequentiallyConsistent)
    }

    /// Whether so much more fits, the budget included.
    func hasRoom(entries: Int, bytes: Int) -> Bool {
        let (sum, overflow) = self.bytes.addingReportingOverflow(bytes)
        return !overflow && sum <= maximumBytes && self.entries + entries <= maximumEntries
            && budget?.hasRoom(bytes) ?? true
    }

    /// The bytes that this tier may have where others want theirs too.
    var fairBytes: Int { min(maximumBytes, budget?.share ?? .max) }

    enum Shortage {
        case entries, bytes, budget
    }

    /// Takes both or nothing; says what there was not enough of.
    ///
    /// Looks before it takes: what somebody takes and gives back again may be just what another one lacks meanwhile, who then lets an entry
    /// go for nothing. That is left to those who take at the same moment.
    func reserve(entries: Int, bytes: Int) -> Shortage? {
        if let shortage = shortage(entries: entries, bytes: bytes) { return shortage }
        guard bytesNow.reserve(bytes, below: maximumBytesNow) else { return .bytes }
        guard budget?.reserve(bytes) ?? true else {
            bytesNow.wrappingSubtract(bytes, ordering: .relaxed)
            return .budget
        }
        guard entriesNow.reserve(entries, below: maximumEntriesNow) else {
            release(entries: 0, bytes: bytes)
            return .entries
        }
        return nil
    }

    /// What there is not enough of at this moment, to take so much.
    private func shortage(entries: Int, bytes: Int) -> Shortage? {
        if entries > 0, entriesNow.load(ordering: .relaxed) > maximumEntries - entries { return .entries }
        guard bytes > 0 else { return nil }
        if bytesNow.load(ordering: .relaxed) > maximumBytes - bytes { return .bytes }
        if let budget, !budget.hasRoom(bytes) { return .budget }
        return nil
    }

    func release(entries: Int, bytes: Int) {
        if entries > 0 { entriesNow.wrappingSubtract(entries, ordering: .relaxed) }
        if bytes > 0 {
            bytesNow.wrappingSubtract(bytes, ordering: .relaxed)
            budget?.release(bytes)
        }
    }
}

/// A number of bytes that several caches share: what one takes, the others cannot.
///
/// Each has a right to an equal share, and to what the others leave of theirs. When all is used up, a cache that has less than its
/// share takes from those that have more than theirs, and any other from its own entries.
/// Give it to each of them in ``MemoryConfiguration/budget``.
public final class MemoryBudget: Sendable, Hashable {
    private struct Member: Sendable {
        weak var tier: MemoryTier?
    }

    private let bytesNow = Atomic(0)
    private let maximum: Atomic<Int>
    private let members = Mutex<[Member]>([])
    private let membersNow = Atomic(0)

    /// Makes a budget of so many bytes, by weight.
    public init(maximumBytes: Int) {
        maximum = Atomic(max(0, maximumBytes))
    }

    /// Bytes that are in use, by weight.
    public var bytes: Int { bytesNow.load(ordering: .relaxed) }
    /// Bytes that may be in use.
    public var maximumBytes: Int { maximum.load(ordering: .relaxed) }

    var isOver: Bool { bytesNow.load(ordering: .sequentiallyConsistent) > maximumBytes }

    /// What each member may have if all want as much.
    var share: Int { maximumBytes / max(1, membersNow.load(ordering: .relaxed)) }

    func hasRoom(_ bytes: Int) -> Bool {
        let (sum, overflow) = self.bytes.addingReportingOverflow(bytes)
        return !overflow && sum <= maximumBytes
    }

    /// Changes how much may be in use. What is too much then goes before the call returns, first from those who have more than their
    /// share.
    public func setMaximumBytes(_ maximumBytes: Int) {
        maximum.store(max(0, maximumBytes), ordering: .sequentiallyConsistent)
        let tiers = tiers()
        var someoneGives = true
        while isOver, someoneGives {
            someoneGives = false
            for tier in tiers where isOver && tier.ledger.bytes > share && tier.trimInTurn() { someoneGives = true }
        }
        // What a share's remainder leaves over.
        for tier in tiers where isOver { tier.trim() }
    }

    public static func == (lhs: MemoryBudget, rhs: MemoryBudget) -> Bool {
        lhs === rhs
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }

    func join(_ tier: MemoryTier) {
        // Each look at a weak reference makes a strong one, which may turn out to be the last: it ends outside of the lock, since a tier's
        // end runs code of the values.
        var alive: [MemoryTier] = []
        members.withLock { members in
            for member in members {
                if let tier = member.tier { alive.append(tier) }
            }
            members = alive.map { Member(tier: $0) }
            members.append(Member(tier: tier))
        }
        membersNow.wrappingAdd(1, ordering: .relaxed)
        withExtendedLifetime(alive) {}
    }

    /// A member is gone; its place in the list goes with the next that joins.
    func leave() {
        membersNow.wrappingSubtract(1, ordering: .relaxed)
    }

    func tiers() -> [MemoryTier] {
        members.withLock { $0.compactMap(\.tier) }
    }

    func reserve(_ bytes: Int) -> Bool {
        bytesNow.reserve(bytes, below: maximum)
    }

    func release(_ bytes: Int) {
        bytesNow.wrappingSubtract(bytes, ordering: .relaxed)
    }
}

extension Atomic<Int> {
    /// Adds an amount if the sum stays within a bound, which may change meanwhile.
    fileprivate borrowing func reserve(_ amount: Int, below bound: borrowing Atomic<Int>) -> Bool {
        guard amount > 0 else { return true }
        var present = load(ordering: .relaxed)
        while true {
            let bound = bound.load(ordering: .relaxed)
            guard amount <= bound, present <= bound - amount else { return false }
            let (exchanged, original) = weakCompareExchange(
                expected: present,
                desired: present + amount,
                ordering: .sequentiallyConsistent
            )
            if exchanged { break }
            present = original
        }
        // Whoever lowered the bound meanwhile may not have seen this amount.
        if present <= bound.load(ordering: .sequentiallyConsistent) - amount { return true }
        wrappingSubtract(amount, ordering: .sequentiallyConsistent)
        return false
    }
}
