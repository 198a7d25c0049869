/// What can be asked of the service.
public enum AnswerKind: String, Sendable, Hashable, CaseIterable {
    /// What to say about an answer.
    case feedback
    /// Help that does not give the answer away.
    case hint
    /// What to do next.
    case insights
}
