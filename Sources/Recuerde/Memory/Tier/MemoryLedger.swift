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
    var entries: Int { entriesNow.load(ordering: .relaxed) }
    var bytes: Int { bytesNow.load(ordering: .relaxed) }

    /// The most that one entry may weigh.
    var heaviest: Int { min(maximumBytes, budget?.maximumBytes ?? .max, HotSlot.maximumWeight) }

    var isOver: Bool {
        entries > maximumEntries || bytes > maximumBytes || budget?.isOver == true
    }

    func setBounds(entries: Int, bytes: Int) {
        maximumEntriesNow.store(max(0, entries), ordering: .relaxed)
        maximumBytesNow.store(max(0, bytes), ordering: .relaxed)
    }

    func hasRoom(entries: Int, bytes: Int) -> Bool {
        let (sum, overflow) = self.bytes.addingReportingOverflow(bytes)
        return !overflow && sum <= maximumBytes && self.entries + entries <= maximumEntries && budget?.isOver != true
    }

    enum Shortage {
        case entries, bytes, budget
    }

    /// Takes both or nothing; says what there was not enough of.
    func reserve(entries: Int, bytes: Int) -> Shortage? {
        guard entriesNow.reserve(entries, below: maximumEntries) else { return .entries }
        guard bytesNow.reserve(bytes, below: maximumBytes) else {
            entriesNow.wrappingSubtract(entries, ordering: .relaxed)
            return .bytes
        }
        guard budget?.reserve(bytes) ?? true else {
            entriesNow.wrappingSubtract(entries, ordering: .relaxed)
            bytesNow.wrappingSubtract(bytes, ordering: .relaxed)
            return .budget
        }
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
/// When it is used up, a cache that wants more takes it from its own entries, and from those of the others where it has none.
/// Give it to each of them in ``MemoryConfiguration/budget``.
public final class MemoryBudget: Sendable, Hashable {
    private struct Member: Sendable {
        weak var tier: MemoryTier?
    }

    private let bytesNow = Atomic(0)
    private let maximum: Atomic<Int>
    private let members = Mutex<[Member]>([])

    /// Makes a budget of so many bytes, by weight.
    public init(maximumBytes: Int) {
        maximum = Atomic(max(0, maximumBytes))
    }

    /// Bytes that are in use, by weight.
    public var bytes: Int { bytesNow.load(ordering: .relaxed) }
    /// Bytes that may be in use.
    public var maximumBytes: Int { maximum.load(ordering: .relaxed) }

    var isOver: Bool { bytes > maximumBytes }

    /// Changes how much may be in use. What is too much then goes before the call returns.
    public func setMaximumBytes(_ maximumBytes: Int) {
        maximum.store(max(0, maximumBytes), ordering: .relaxed)
        for tier in tiers() where isOver { tier.trim() }
    }

    public static func == (lhs: MemoryBudget, rhs: MemoryBudget) -> Bool {
        lhs === rhs
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }

    func join(_ tier: MemoryTier) {
        members.withLock { members in
            members.removeAll { $0.tier == nil }
            members.append(Member(tier: tier))
        }
    }

    func tiers() -> [MemoryTier] {
        members.withLock { $0.compactMap(\.tier) }
    }

    func reserve(_ bytes: Int) -> Bool {
        bytesNow.reserve(bytes, below: maximumBytes)
    }

    func release(_ bytes: Int) {
        bytesNow.wrappingSubtract(bytes, ordering: .relaxed)
    }
}

extension Atomic<Int> {
    /// Adds an amount if the sum stays within a bound.
    fileprivate borrowing func reserve(_ amount: Int, below bound: Int) -> Bool {
        guard amount > 0 else { return true }
        var present = load(ordering: .relaxed)
        while true {
            guard amount <= bound, present <= bound - amount else { return false }
            let (exchanged, original) = weakCompareExchange(
                expected: present,
                desired: present + amount,
                ordering: .relaxed
            )
            if exchanged { return true }
            present = original
        }
    }
}
