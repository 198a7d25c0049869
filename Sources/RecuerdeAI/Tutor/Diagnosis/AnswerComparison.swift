/// An answer beside the right one, compared by their letters and words: what can be told without knowing the verb.
struct AnswerComparison {
    let answer: String
    let right: String
    let infinitive: Infinitive?
    private let splitAnswer: SplitAnswer
    private let splitRight: SplitAnswer

    /// Of a normalised request.
    init(_ request: FeedbackRequest) {
        answer = request.userAnswer
        right = request.correctAnswer
        infinitive = request.exerciseContext.flatMap { Infinitive($0.verb) }
        splitAnswer = SplitAnswer(answer)
        splitRight = SplitAnswer(right)
    }

    /// Whether only accents or dots differ.
    func sameLetters() -> AnswerDiagnosis? {
        if FoldedText.withoutAccents(answer) == FoldedText.withoutAccents(right) {
            return .accentOnly(tenseOfAccents())
        }
        if answer.contains("gü") != right.contains("gü"),
            FoldedText.withoutAccentsAndDots(answer) == FoldedText.withoutAccentsAndDots(right)
        {
            return .dotsOverU
        }
        return nil
    }

    /// The tense that the accents of the answer make of it.
    private func tenseOfAccents() -> IndicativeTense? {
        guard let verb = infinitive.flatMap(Verb.init(known:)) else { return nil }
        return [.preterite, .future, .present].first { tense in
            GrammaticalPerson.allCases.contains { verb.forms(tense, $0).contains(splitAnswer.core) }
        }
    }

    /// Whether the verb's form is the right one, with other words around it.
    func sameForm() -> AnswerDiagnosis? {
        guard splitAnswer.core == splitRight.core, !splitRight.core.isEmpty else { return nil }
        if splitAnswer.pronouns == splitRight.pronouns { return .extraWords }
        if splitRight.pronouns.isEmpty { return .extraWords }
        return splitAnswer.pronouns.isEmpty ? .missingPronoun : .otherPronoun
    }

    /// Whether the verb was left as it stands in the dictionary.
    func leftAsInfinitive() -> AnswerDiagnosis? {
        guard let infinitive else { return nil }
        let core = FoldedText.withoutAccents(splitAnswer.core)
        let text = FoldedText.withoutAccents(infinitive.text)
        let isLeft = core == text || ["se", "me", "te", "nos", "os"].contains { core == text + $0 }
        return isLeft ? .infinitive : nil
    }

    var isTypingError: Bool { TypingDistance.isSmall(answer, right) }
}
