/// When a failed attempt is repeated, and after what time: the rules that the vendors' own clients follow.
public struct RetryPolicy: Sendable, Hashable {
    /// Attempts in all, the first one included; at least 1.
    public var maximumAttempts: Int
    /// The pause before the second attempt where the provider names none; it doubles from attempt to attempt.
    public var initialDelay: Duration
    /// The longest such pause.
    public var maximumDelay: Duration
    /// The longest pause that is taken over from the provider.
    public var longestHonouredDelay: Duration
    /// What a longer wish of the provider means: true, that repeating is pointless; false, that the wish is ignored.
    public var givesUpOnLongerDelay: Bool

    /// Makes a policy.
    public init(
        maximumAttempts: Int = 4,
        initialDelay: Duration = .milliseconds(500),
        maximumDelay: Duration = .seconds(8),
        longestHonouredDelay: Duration,
        givesUpOnLongerDelay: Bool
    ) {
        self.maximumAttempts = maximumAttempts
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.longestHonouredDelay = longestHonouredDelay
        self.givesUpOnLongerDelay = givesUpOnLongerDelay
    }

    /// As Anthropic's client does: a wish of up to 60 seconds is honoured, a longer one ignored.
    public static let anthropic = RetryPolicy(longestHonouredDelay: .seconds(60), givesUpOnLongerDelay: false)

    /// As OpenAI's client does: a wish of up to 120 seconds is honoured, at a longer one it gives up.
    public static let openAI = RetryPolicy(longestHonouredDelay: .seconds(120), givesUpOnLongerDelay: true)
}
