/// What a model answered: complete text, never empty.
public struct ProviderAnswer: Sendable, Hashable {
    /// The text, trimmed.
    public var text: String
    /// The model that says it wrote it.
    public var model: String
    /// What it used; nil where the provider does not say, as some local servers do.
    public var usage: TokenUsage?
    /// HTTP requests that it took, the last one included.
    public var attempts: Int
    /// Attempts before the last one that may have been billed although nobody can say how much.
    public var unaccountedAttempts: Int

    /// Makes an answer.
    public init(text: String, model: String, usage: TokenUsage?, attempts: Int = 1, unaccountedAttempts: Int = 0) {
        self.text = text
        self.model = model
        self.usage = usage
        self.attempts = attempts
        self.unaccountedAttempts = max(0, unaccountedAttempts)
    }
}
