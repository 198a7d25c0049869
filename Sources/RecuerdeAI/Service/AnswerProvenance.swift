/// Where an answer came from: which tier, who wrote it, how old it is, and why a stand-in was given.
public struct AnswerProvenance: Codable, Sendable, Hashable {
    /// Where an answer was found or made.
    public struct Source: RawRepresentable, Codable, Sendable, Hashable {
        /// The word in JSON.
        public var rawValue: String

        /// Makes a source from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// In this process' memory.
        public static let memory = Source(rawValue: "memory")
        /// In Redis.
        public static let redis = Source(rawValue: "redis")
        /// Made by the provider for this question.
        public static let load = Source(rawValue: "load")
        /// Past its time, standing in because a new one could not be made.
        public static let stale = Source(rawValue: "stale")
        /// Made by the built-in tutor for this question.
        public static let tutor = Source(rawValue: "tutor")
    }

    /// Why a stand-in was given instead of a provider's fresh answer.
    public struct Reason: RawRepresentable, Codable, Sendable, Hashable {
        /// The word in JSON.
        public var rawValue: String

        /// Makes a reason from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// No provider is configured.
        public static let notConfigured = Reason(rawValue: "not_configured")
        /// The provider failed, was too slow, or gave nothing usable.
        public static let providerFailed = Reason(rawValue: "provider_failed")
        /// The provider has failed so often that it is not asked for a while.
        public static let providerSuspended = Reason(rawValue: "provider_suspended")
        /// As many calls as allowed are under way, and waiting for a place took too long.
        public static let providerBusy = Reason(rawValue: "provider_busy")
        /// The day's money is spent.
        public static let budgetSpent = Reason(rawValue: "budget_spent")
        /// The provider's hint gave the answer away.
        public static let hintContainedAnswer = Reason(rawValue: "hint_contained_answer")
    }

    /// Where the answer was found or made.
    public var source: Source
    /// Seconds since the answer was stored; 0 for one made just now.
    public var age: Double
    /// Seconds until its time is over, negative once it is; nil where it is not kept or has no end.
    public var remaining: Double?
    /// Who wrote it: `anthropic`, `openai` or `tutor`.
    public var provider: String
    /// The model that wrote it.
    public var model: String
    /// Why a stand-in was given; nil for a provider's fresh answer, and for a stale one that another caller's question
    /// brought, of which the reason is not known.
    public var reason: Reason?
    /// Whether another caller's question, under way at the same time, brought the answer.
    public var shared: Bool
    /// Whether the answer is now kept.
    public var stored: Bool

    /// Makes a provenance.
    public init(
        source: Source,
        age: Double = 0,
        remaining: Double? = nil,
        provider: String,
        model: String,
        reason: Reason? = nil,
        shared: Bool = false,
        stored: Bool = false
    ) {
        self.source = source
        self.age = age
        self.remaining = remaining
        self.provider = provider
        self.model = model
        self.reason = reason
        self.shared = shared
        self.stored = stored
    }
}
