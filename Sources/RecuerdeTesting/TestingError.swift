/// Why something that a test needs could not be had; says what to do.
public struct TestingError: Error, Sendable, CustomStringConvertible {
    /// What happened and what to do.
    public let description: String

    /// Makes an error.
    public init(_ description: String) {
        self.description = description
    }
}
