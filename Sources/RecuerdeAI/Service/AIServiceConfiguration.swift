/// How the AI service answers; the defaults are those of the design.
public struct AIServiceConfiguration: Sendable {
    /// Feedback: an hour, 200 tokens at 0.7.
    public var feedback = KindConfiguration(timeToLive: .seconds(3_600), maximumTokens: 200, temperature: 0.7)
    /// Hints: half an hour, 150 tokens at 0.7.
    public var hint = KindConfiguration(timeToLive: .seconds(1_800), maximumTokens: 150, temperature: 0.7)
    /// Insights: two hours, 500 tokens at 0.6.
    public var insights = KindConfiguration(timeToLive: .seconds(7_200), maximumTokens: 500, temperature: 0.6)
    /// An upper limit of tokens for every kind; nil leaves each its own (`ANTHROPIC_MAX_TOKENS`).
    public var maximumTokensCap: Int?
    /// One temperature for every kind; nil leaves each its own (`ANTHROPIC_TEMPERATURE`).
    public var temperatureOverride: Double?

    /// Money that this process may spend in a day of UTC, in US dollars; nil sets no limit (`RECUERDE_DAILY_BUDGET`).
    /// Not shared with other processes, and counted from nothing after a restart.
    public var dailyBudgetDollars: Double?
    /// What tokens cost; the built-in table unless another is given.
    public var priceTable: PriceTable = .builtIn
    /// What the budget reckons for a model that the table does not know, so that an unknown price cannot overrun it.
    public var unknownModelPrice = PriceRow.conservative

    /// Calls to the provider at once.
    public var maximumConcurrentCalls = 8
    /// Calls that may wait for a place at once; those beyond get the tutor's answer without waiting.
    public var maximumWaitingCalls = 64
    /// How long a call waits for a place.
    public var maximumCallWait: Duration = .seconds(3)
    /// When the provider is left alone, and for how long.
    public var breaker = ProviderBreaker.Configuration()
    /// After this time a load is given up, whatever the provider's own deadline is. The call to the provider, its wait
    /// for a place included, ends a tenth earlier, at most a second, so that it is known to have been too slow.
    public var loadTimeout: Duration = .seconds(25)
    /// How long a caller waits for a load, its own or another process's, until what is kept or the tutor's answer stands
    /// in; nil for as long as it takes. The load goes on within ``loadTimeout``, and what it brings is kept. Where loads are
    /// one per cluster (`CacheConfiguration.defaultLoadsOncePerCluster`), one may begin only after another process's has
    /// failed, and would keep its callers waiting for twice as long.
    public var answerTimeout: Duration?
    /// After this time a batch ends: what is not answered by then gets what is kept, or the tutor's answer. Loads under way go on within
    /// ``loadTimeout``, and what they bring is kept for the next who asks.
    public var batchTimeout: Duration = .seconds(25)
    /// Requests of one batch that are answered at once.
    public var batchConcurrency = 8

    /// Makes the default configuration.
    public init() {}

    /// How long a call to the provider may wait and take together.
    var callTimeout: Duration {
        loadTimeout - min(.seconds(1), loadTimeout / 10)
    }

    /// How a kind of answer is made and kept, limits for all kinds included.
    public func effective(_ kind: AnswerKind) -> KindConfiguration {
        var configuration =
            switch kind {
            case .feedback: feedback
            case .hint: hint
            case .insights: insights
            }
        if let cap = maximumTokensCap { configuration.maximumTokens = min(configuration.maximumTokens, max(1, cap)) }
        if let temperature = temperatureOverride { configuration.temperature = temperature }
        return configuration
    }
}
