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
    /// All else, in one element at most: nearly every step leaves one value and no more, and four empty arrays would take longer to move and to
    /// let go of than that.
    private var others: [Others] = []

    private struct Others: Sendable {
        var values: [any Sendable] = []
        var removals: [MemoryRemoval] = []
        /// Removals of other tiers of a shared budget, each with whom that tier tells.
        var foreign: [(removals: [MemoryRemoval], listener: @Sendable (MemoryRemoval) -> Void)] = []
        /// Tiers that were asked for room: this may be the last reference to one, whose end must not come under the lock.
        var asked: [MemoryTier] = []
    }

    /// Moved in, not copied: who counts a reference to it waits for its memory, and here that would be under the lock.
    @inline(__always)
    mutating func add(_ value: consuming (any Sendable)?) {
        if first == nil {
            first = value
        } else {
            addMore(value)
        }
    }

    @inline(never)
    private mutating func addMore(_ value: consuming (any Sendable)?) {
        guard let value else { return }
        change { $0.values.append(value) }
    }

    mutating func add(_ removal: MemoryRemoval) {
        change { $0.removals.append(removal) }
    }

    mutating func add(_ other: MemoryRemains) {
        add(other.first)
        guard let more = other.others.first else { return }
        change {
            $0.values += more.values
            $0.removals += more.removals
            $0.foreign += more.foreign
        }
        for tier in more.asked { keep(tier) }
    }

    /// Adds what another tier has given, whose listener hears of it.
    mutating func add(_ given: consuming MemoryRemains, of listener: (@Sendable (MemoryRemoval) -> Void)?) {
        let removals = given.others.first?.removals ?? []
        if let listener, !removals.isEmpty { change { $0.foreign.append((removals, listener)) } }
        if !removals.isEmpty { given.change { $0.removals = [] } }
        add(given)
    }

    /// Lets go of a tier no earlier than of the values.
    mutating func keep(_ tier: MemoryTier) {
        change { others in
            if !others.asked.contains(where: { $0 === tier }) { others.asked.append(tier) }
        }
    }

    private mutating func change(_ body: (inout Others) -> Void) {
        if others.isEmpty { others.append(Others()) }
        body(&others[0])
    }

    /// Tells of all removals. Not to be called under a lock.
    func tell(_ listener: (@Sendable (MemoryRemoval) -> Void)?) {
        guard let others = others.first else { return }
        if let listener { for removal in others.removals { listener(removal) } }
        for (removals, listener) in others.foreign { for removal in removals { listener(removal) } }
    }
}
