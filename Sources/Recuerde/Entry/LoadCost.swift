/// What a load cost, kept with the entry, so that each hit knows what it saved.
public struct LoadCost: Sendable, Hashable, Codable {
    /// Money, in millionths of a US dollar.
    public var microdollars: UInt64
    /// Tokens that went to the model.
    public var tokensIn: UInt32
    /// Tokens that came from it.
    public var tokensOut: UInt32
    /// Microseconds that the load took.
    public var microseconds: UInt64

    /// Makes a cost; what is not said was nothing.
    public init(microdollars: UInt64 = 0, tokensIn: UInt32 = 0, tokensOut: UInt32 = 0, duration: Duration = .zero) {
        self.microdollars = microdollars
        self.tokensIn = tokensIn
        self.tokensOut = tokensOut
        self.microseconds = UInt64(max(0, duration.saturatedMicroseconds))
    }

    /// How long the load took.
    public var duration: Duration {
        .microseconds(Int64(clamping: microseconds))
    }
}
