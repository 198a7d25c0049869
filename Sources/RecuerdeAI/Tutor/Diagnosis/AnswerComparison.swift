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

    /// Whether the verb's form is the right one, or another that is as right, with other words around it.
    ///
    /// - Parameter target: What the exercise asks for, where the tutor knows that.
    func sameForm(_ target: ExerciseTarget?) -> AnswerDiagnosis? {
        guard !splitRight.core.isEmpty,
            splitAnswer.core == splitRight.core || target?.rightForms.contains(splitAnswer.core) ?? false
        else { return nil }
        if let target, let subject, !target.persons.contains(subject) { return .otherSubject }
        if splitAnswer.pronouns != splitRight.pronouns {
            if splitRight.pronouns.isEmpty { return .extraWords }
            return splitAnswer.pronouns.isEmpty ? .missingPronoun : .otherPronoun
        }
        return splitAnswer.before.count > splitRight.before.count ? .extraWords : .otherWords
    }

    /// The person of the subject that the answer names.
    private var subject: GrammaticalPerson? {
        splitAnswer.before.compactMap { GrammaticalPerson(name: $0) }.first
    }

    /// Whether the form would be another right one with other accents: `hablasemos` for `habláramos`. Where the words
    /// around it are others too, nothing is told: it is no mistake of the form.
    func otherFormButForAccents(_ target: ExerciseTarget) -> AnswerDiagnosis? {
        guard let form = target.rightFormWithOtherAccents else { return nil }
        return splitAnswer.pronouns == splitRight.pronouns ? .accentOfOtherForm(form) : .unknown
    }

    /// Whether the verb was left as it stands in the dictionary.
    func leftAsInfinitive() -> AnswerDiagnosis? {
        guard let infinitive else { return nil }
        let core = FoldedText.withoutAccents(splitAnswer.core)
        let text = FoldedText.withoutAccents(infinitive.text)
        let isLeft = core == text || ["se", "me", "te", "nos", "os"].contains { core == text + $0 }
        return isLeft ? .infinitive : nil
    }

    /// Whether each word ends as that of the right answer does, as far as endings tell persons, tenses and moods apart;
    /// and the words before the last, such as the forms of haber, sound alike.
    var hasRightEnding: Bool {
        let words = answer.split(separator: " ").map(String.init)
        let rightWords = right.split(separator: " ").map(String.init)
        guard words.count == rightWords.count, let last = words.last, let rightLast = rightWords.last,
            zip(words, rightWords).dropLast().allSatisfy({ TypingDistance.sound($0) == TypingDistance.sound($1) })
        else { return false }
        return Self.ending(last) == Self.ending(rightLast)
    }

    /// The longest ending of a simple tense that a word has; empty where it has none.
    private static func ending(_ word: String) -> String {
        let word = FoldedText.withoutAccents(word)
        return endings.first(where: word.hasSuffix) ?? ""
    }

    /// Endings without accents, the longest first.
    private static let endings: [String] = {
        let persons = ["", "s", "mos", "is", "n"]
        let past = ["ara", "iera", "era", "ase", "iese", "ese", "are", "iere", "ere", "aba", "ria", "ia"]
        let present = ["a", "e", "o", "as", "es", "an", "en", "amos", "emos", "imos", "ais", "eis", "is"]
        let preterite = ["aste", "iste", "asteis", "isteis", "aron", "ieron", "io"]
        let all = past.flatMap { tense in persons.map { tense + $0 } } + present + preterite
        return all.sorted { ($1.count, $0) < ($0.count, $1) }
    }()

    var isTypingError: Bool { TypingDistance.isSmall(answer, right) }
}
