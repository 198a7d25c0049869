/// Asks what to say about a learner's answer.
///
/// In JSON: `{"user_answer","correct_answer","exercise_context"?,"language"?}`.
public struct FeedbackRequest: Codable, Sendable, Hashable {
    /// What the learner wrote; not empty. At most ``InputLimits/answer`` characters.
    public var userAnswer: String
    /// What is right; not empty. At most ``InputLimits/answer`` characters.
    public var correctAnswer: String
    /// The exercise; its own `correct_answer` is ignored in favour of the one above.
    public var exerciseContext: Exercise?
    /// The language to answer in.
    public var language: Language

    /// Makes a request.
    public init(
        userAnswer: String,
        correctAnswer: String,
        exerciseContext: Exercise? = nil,
        language: Language = .english
    ) {
        self.userAnswer = userAnswer
        self.correctAnswer = correctAnswer
        self.exerciseContext = exerciseContext
        self.language = language
    }

    enum CodingKeys: String, CodingKey {
        case userAnswer = "user_answer"
        case correctAnswer = "correct_answer"
        case exerciseContext = "exercise_context"
        case language
    }

    /// Reads the JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        userAnswer = try container.decode(String.self, forKey: .userAnswer)
        correctAnswer = try container.decode(String.self, forKey: .correctAnswer)
        exerciseContext = try container.decodeIfPresent(Exercise.self, forKey: .exerciseContext)
        language = try container.decodeIfPresent(Language.self, forKey: .language) ?? .english
    }
}
