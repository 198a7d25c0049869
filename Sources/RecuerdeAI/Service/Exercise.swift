/// What a learner was asked: to put a verb into a tense and a person, after words that ask for the subjunctive.
///
/// In JSON: `{"verb","tense","person","trigger","sentence"?,"correct_answer"?}`.
public struct Exercise: Codable, Sendable, Hashable {
    /// The infinitive, as in `hablar`; not empty. At most ``InputLimits/verb`` characters.
    public var verb: String
    /// The tense asked for, by its English or Spanish name; not empty. At most ``InputLimits/tense`` characters.
    public var tense: String
    /// The grammatical person, as in `yo` or `ellos`; may be empty. At most ``InputLimits/person`` characters.
    public var person: String
    /// The words that ask for the subjunctive, as in `espero que`; may be empty. At most ``InputLimits/trigger``
    /// characters.
    public var trigger: String
    /// The whole sentence, usually with a gap. At most ``InputLimits/sentence`` characters.
    public var sentence: String?
    /// The answer that counts as right, so that a hint can be kept from giving it away; ignored where the request says
    /// it elsewhere. At most ``InputLimits/answer`` characters.
    public var correctAnswer: String?

    /// Makes an exercise.
    public init(
        verb: String,
        tense: String,
        person: String = "",
        trigger: String = "",
        sentence: String? = nil,
        correctAnswer: String? = nil
    ) {
        self.verb = verb
        self.tense = tense
        self.person = person
        self.trigger = trigger
        self.sentence = sentence
        self.correctAnswer = correctAnswer
    }

    enum CodingKeys: String, CodingKey {
        case verb, tense, person, trigger, sentence
        case correctAnswer = "correct_answer"
    }
}
