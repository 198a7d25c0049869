/// Why an entry is no longer in memory.
public struct RemovalReason: Sendable, Hashable, CustomStringConvertible, CaseIterable {
    enum Wrapped: Int, CaseIterable {
        case expired, size, weight, replaced, removed, cleared, refused
    }

    let wrapped: Wrapped

    /// Its time ran out.
    public static let expired = RemovalReason(wrapped: .expired)
    /// It gave way to others because there were too many entries.
    public static let size = RemovalReason(wrapped: .size)
    /// It gave way to others because they weighed too much together.
    public static let weight = RemovalReason(wrapped: .weight)
    /// Another value was written under its key.
    public static let replaced = RemovalReason(wrapped: .replaced)
    /// A caller removed it, or the remote tier no longer has it or has something newer.
    public static let removed = RemovalReason(wrapped: .removed)
    /// A clear took it.
    public static let cleared = RemovalReason(wrapped: .cleared)
    /// It never was in memory: it weighs more than all may, or the policy expects less of it than of those that are there.
    public static let refused = RemovalReason(wrapped: .refused)

    public static var allCases: [RemovalReason] {
        Wrapped.allCases.map(RemovalReason.init)
    }

    public var description: String {
        "\(wrapped)"
    }
}

/// An entry that left memory.
public struct MemoryRemoval: Sendable, Hashable {
    /// The key's text, without the prefix.
    public let key: String
    /// Why.
    public let reason: RemovalReason
    /// What it weighed, in bytes.
    public let weight: Int
}

/// What is left over from a step under a lock, to be dealt with after it: values to let go of, whose `deinit` may do anything, and removals
/// to tell of.
struct MemoryRemains: Sendable {
    private var first: (any Sendable)?
    private var rest: [any Sendable] = []
    var removals: [MemoryRemoval] = []
    /// Removals of other tiers of a shared budget, each with whom that tier tells.
    private var foreign: [(removals: [MemoryRemoval], listener: @Sendable (MemoryRemoval) -> Void)] = []
    /// Tiers that were asked for room: this may be the last reference to one, whose end must not come under the lock.
    private var asked: [MemoryTier] = []

    mutating func add(_ value: (any Sendable)?) {
        guard let value else { return }
        if first == nil {
            first = value
        } else {
            rest.append(value)
        }
    }

    mutating func add(_ other: MemoryRemains) {
        add(other.first)
        if !other.rest.isEmpty { rest += other.rest }
        if !other.removals.isEmpty { removals += other.removals }
        if !other.foreign.isEmpty { foreign += other.foreign }
        for tier in other.asked { keep(tier) }
    }

    /// Adds what another tier has given, whose listener hears of it.
    mutating func add(_ given: consuming MemoryRemains, of listener: (@Sendable (MemoryRemoval) -> Void)?) {
        if let listener, !given.removals.isEmpty { foreign.append((given.removals, listener)) }
        given.removals = []
        add(given)
    }

    /// Lets go of a tier no earlier than of the values.
    mutating func keep(_ tier: MemoryTier) {
        if !asked.contains(where: { $0 === tier }) { asked.append(tier) }
    }

    /// Tells of all removals. Not to be called under a lock.
    func tell(_ listener: (@Sendable (MemoryRemoval) -> Void)?) {
        if let listener { for removal in removals { listener(removal) } }
        for (removals, listener) in foreign { for removal in removals { listener(removal) } }
    }

    var isEmpty: Bool { first == nil && removals.isEmpty }
}
