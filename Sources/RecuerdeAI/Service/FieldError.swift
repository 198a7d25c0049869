/// What is wrong with one field of a request; never shows the field's content.
public struct FieldError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path of the field in JSON, as in `exercise_context.verb` or `user_history[3].tense`.
    public var field: String
    /// What is wrong with it, and what would be right.
    public var message: String

    /// Makes an error.
    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    /// What is safe to log.
    public var description: String {
        "\(field) \(message)"
    }
}
