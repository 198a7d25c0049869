/// One earlier answer of a learner; every field may be missing, since clients remember different things.
///
/// In JSON: `{"verb"?,"tense"?,"person"?,"user_answer"?,"correct_answer"?,"is_correct"?}`; unknown fields are ignored.
public struct HistoryItem: Codable, Sendable, Hashable {
    /// The infinitive. At most ``InputLimits/verb`` characters.
    public var verb: String?
    /// The tense asked for. At most ``InputLimits/tense`` characters.
    public var tense: String?
    /// The grammatical person. At most ``InputLimits/person`` characters.
    public var person: String?
    /// What the learner wrote. At most ``InputLimits/answer`` characters.
    public var userAnswer: String?
    /// What was right. At most ``InputLimits/answer`` characters.
    public var correctAnswer: String?
    /// Whether the answer was right.
    public var isCorrect: Bool?

    /// Makes an item.
    public init(
        verb: String? = nil,
        tense: String? = nil,
        person: String? = nil,
        userAnswer: String? = nil,
        correctAnswer: String? = nil,
        isCorrect: Bool? = nil
    ) {
        self.verb = verb
        self.tense = tense
        self.person = person
        self.userAnswer = userAnswer
        self.correctAnswer = correctAnswer
        self.isCorrect = isCorrect
    }

    enum CodingKeys: String, CodingKey {
        case verb, tense, person
        case userAnswer = "user_answer"
        case correctAnswer = "correct_answer"
        case isCorrect = "is_correct"
    }
}
