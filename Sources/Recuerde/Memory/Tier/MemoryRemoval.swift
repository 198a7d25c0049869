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
    }

    var isEmpty: Bool { first == nil && removals.isEmpty }
}
