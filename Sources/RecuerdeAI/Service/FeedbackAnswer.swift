/// What to say about a learner's answer.
public struct FeedbackAnswer: Codable, Sendable, Hashable {
    /// The words for the learner.
    public var feedback: String
    /// Whether the answer is the expected one: case, outer spaces and Unicode form aside, equal to the right one.
    /// Decided here, never by a model.
    ///
    /// An exact comparison: `hablase` for an expected `hablara` is false here, although it is right Spanish too, which
    /// the words for the learner say.
    public var isCorrect: Bool
    /// Where the words came from.
    public var provenance: AnswerProvenance

    /// Makes an answer.
    public init(feedback: String, isCorrect: Bool, provenance: AnswerProvenance) {
        self.feedback = feedback
        self.isCorrect = isCorrect
        self.provenance = provenance
    }

    enum CodingKeys: String, CodingKey {
        case feedback
        case isCorrect = "is_correct"
        case provenance
    }
}
