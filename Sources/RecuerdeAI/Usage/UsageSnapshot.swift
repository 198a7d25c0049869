/// What the service asked of its provider since it started.
public struct UsageSnapshot: Sendable, Hashable {
    /// Calls, tokens and money of one kind of answer, or of all.
    public struct Counters: Sendable, Hashable {
        /// Questions put to the provider, each with all its attempts.
        public internal(set) var calls: Int = 0
        /// Calls by how they ended: `success`, or the code of a ``ProviderError``.
        public internal(set) var outcomes: [String: Int] = [:]
        /// Questions that were not put to the provider, by reason: the code of a ``ProviderError`` such as `suspended`,
        /// `busy` or `budget_spent`.
        public internal(set) var refusals: [String: Int] = [:]
        /// HTTP requests made for them.
        public internal(set) var attempts: Int = 0
        /// Tokens sent.
        public internal(set) var tokensIn: Int = 0
        /// Tokens received.
        public internal(set) var tokensOut: Int = 0
        /// Money, in millionths of a US dollar, of the calls whose price is known.
        public internal(set) var microdollars: UInt64 = 0
        /// Calls that used tokens of an unknown price.
        public internal(set) var unpricedCalls: Int = 0
        /// Answers that the tutor gave instead, by reason.
        public internal(set) var standIns: [String: Int] = [:]

        /// Nothing yet.
        public init() {}

        /// Money in US dollars.
        public var dollars: Double {
            Double(microdollars) / 1_000_000
        }
    }

    /// All kinds together.
    public internal(set) var total = Counters()
    /// Each kind by its name: `feedback`, `hint`, `insights`.
    public internal(set) var perKind: [String: Counters] = [:]

    /// Nothing yet.
    public init() {}
}
