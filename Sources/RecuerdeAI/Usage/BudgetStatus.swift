/// How much of a day's money is gone. Days are those of UTC.
public struct BudgetStatus: Sendable, Hashable {
    /// What may be spent in a day, in millionths of a US dollar.
    public var limitMicrodollars: UInt64
    /// What was spent today.
    public var spentMicrodollars: UInt64
    /// What calls under way may still come to.
    public var reservedMicrodollars: UInt64

    /// Whether nothing is left.
    public var isSpent: Bool {
        spentMicrodollars >= limitMicrodollars
    }
}
