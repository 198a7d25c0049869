/// Asks what to say about a learner's answer.
///
/// In JSON: `{"user_answer","correct_answer","exercise_context"?,"language"?,"records"?}`.
public struct FeedbackRequest: Codable, Sendable, Hashable {
    /// What the learner wrote; not empty. At most ``InputLimits/answer`` characters.
    public var userAnswer: String
    /// What is right; not empty. At most ``InputLimits/answer`` characters.
    public var correctAnswer: String
    /// The exercise; its own `correct_answer` is ignored in favour of the one above.
    public var exerciseContext: Exercise?
    /// The language to answer in.
    public var language: Language
    /// Records of the application that the answer is made of, each as `type:id`: when one of them changes, the answer is
    /// void. No part of the question: who asks the same gets the same answer, which carries the records of whoever asked
    /// first. At most ``InputLimits/records``, of at most ``InputLimits/record`` characters; identifiers, and nothing that
    /// a learner wrote.
    public var records: [String]?

    /// Makes a request.
    public init(
        userAnswer: String,
        correctAnswer: String,
        exerciseContext: Exercise? = nil,
        language: Language = .english,
        records: [String]? = nil
    ) {
        self.userAnswer = userAnswer
        self.correctAnswer = correctAnswer
        self.exerciseContext = exerciseContext
        self.language = language
        self.records = records
    }

    enum CodingKeys: String, CodingKey {
        case userAnswer = "user_answer"
        case correctAnswer = "correct_answer"
        case exerciseContext = "exercise_context"
        case language, records
    }

    /// Reads the JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        userAnswer = try container.decode(String.self, forKey: .userAnswer)
        correctAnswer = try container.decode(String.self, forKey: .correctAnswer)
        exerciseContext = try container.decodeIfPresent(Exercise.self, forKey: .exerciseContext)
        language = try container.decodeIfPresent(Language.self, forKey: .language) ?? .english
        records = try container.decodeIfPresent([String].self, forKey: .records)
    }
}
