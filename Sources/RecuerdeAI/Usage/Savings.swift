/// What answers from the cache saved, compared with asking the provider again.
public struct Savings: Sendable, Hashable {
    /// Calls that were not made.
    public internal(set) var calls: Int = 0
    /// Tokens that were not sent.
    public internal(set) var tokensIn: Int = 0
    /// Tokens that were not written.
    public internal(set) var tokensOut: Int = 0
    /// Money that was not spent, in millionths of a US dollar, at the price that the kept answer was paid at.
    public internal(set) var microdollars: UInt64 = 0
    /// Time that nobody waited.
    public internal(set) var duration: Duration = .zero
    /// Calls among ``calls`` whose price is not known; they count nothing in ``microdollars``.
    public internal(set) var unpricedCalls: Int = 0
    /// Calls saved by the row of the price table that the money was reckoned with (``PriceRow/id``).
    public internal(set) var callsByPriceRow: [String: Int] = [:]

    /// Nothing saved.
    public init() {}

    /// Money that was not spent, in US dollars.
    public var dollars: Double {
        Double(microdollars) / 1_000_000
    }
}
