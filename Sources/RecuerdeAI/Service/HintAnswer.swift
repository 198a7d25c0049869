/// A hint that does not contain the answer.
public struct HintAnswer: Codable, Sendable, Hashable {
    /// The words for the learner.
    public var hint: String
    /// Where they came from.
    public var provenance: AnswerProvenance

    /// Makes an answer.
    public init(hint: String, provenance: AnswerProvenance) {
        self.hint = hint
        self.provenance = provenance
    }
}
