/// Tokens that one call to a model used, told apart by what they cost.
public struct TokenUsage: Codable, Sendable, Hashable {
    /// Most tokens believed of one call; what a peer claims beyond that is held to it.
    static let maximum = 100_000_000

    /// Tokens read by the model at the full price.
    public var input: Int
    /// Tokens that the provider had in its own prompt cache.
    public var cachedInput: Int
    /// Tokens that it put there.
    public var cacheWrite: Int
    /// Tokens that the model wrote.
    public var output: Int

    /// Makes a usage; negative and absurd numbers are held to the bounds.
    public init(input: Int = 0, cachedInput: Int = 0, cacheWrite: Int = 0, output: Int = 0) {
        self.input = Self.held(input)
        self.cachedInput = Self.held(cachedInput)
        self.cacheWrite = Self.held(cacheWrite)
        self.output = Self.held(output)
    }

    /// All tokens that went to the model.
    public var totalInput: Int {
        input + cachedInput + cacheWrite
    }

    private static func held(_ count: Int) -> Int {
        min(max(0, count), maximum)
    }
}
