/// How much of a day's money is gone. Days are those of UTC.
///
/// Counted by each process for itself, and from nothing when it starts: several processes, or one that is started
/// again, may spend more in a day.
public struct BudgetStatus: Sendable, Hashable {
    /// What may be spent in a day, in millionths of a US dollar.
    public var limitMicrodollars: UInt64
    /// What was spent today.
    public var spentMicrodollars: UInt64
    /// What calls under way may still come to.
    public var reservedMicrodollars: UInt64

    /// Whether the last call of today that asked for money was refused, and would still be.
    public var isRefusing = false

    /// Whether nothing is left, or too little for the calls that are asked for.
    public var isSpent: Bool {
        spentMicrodollars >= limitMicrodollars || isRefusing
    }
}
