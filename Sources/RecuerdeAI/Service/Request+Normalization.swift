// Every question is brought into one form before a key or a prompt is made of it, and both are made of that form only:
// so two spellings of one question share an answer, and no answer was made for a question other than its key tells. The
// records that a request names are no part of the question, and so not of this form.

extension Exercise {
    /// The exercise in its one form; what is empty counts as missing where it may be.
    var normalized: Exercise {
        Exercise(
            verb: InputText.answer(verb),
            tense: InputText.answer(tense),
            person: InputText.answer(person),
            trigger: InputText.canonical(trigger),
            sentence: sentence.flatMap(InputText.present),
            correctAnswer: correctAnswer.flatMap { InputText.present($0).map(InputText.answer) }
        )
    }
}

extension FeedbackRequest {
    /// The request in its one form.
    var normalized: FeedbackRequest {
        var context = exerciseContext?.normalized
        // Said once, above.
        context?.correctAnswer = nil
        return FeedbackRequest(
            userAnswer: InputText.answer(userAnswer),
            correctAnswer: InputText.answer(correctAnswer),
            exerciseContext: context,
            language: language
        )
    }
}

extension FeedbackRequest {
    /// Whether the answer of a normalised request equals the expected one.
    var isCorrect: Bool {
        userAnswer.utf8.elementsEqual(correctAnswer.utf8)
    }
}

extension HistoryItem {
    var normalized: HistoryItem {
        func answer(_ text: String?) -> String? { text.flatMap { InputText.present($0).map(InputText.answer) } }
        return HistoryItem(
            verb: answer(verb),
            tense: answer(tense),
            person: answer(person),
            userAnswer: answer(userAnswer),
            correctAnswer: answer(correctAnswer),
            isCorrect: isCorrect
        )
    }
}

extension HintRequest {
    /// The request in its one form.
    var normalized: HintRequest {
        HintRequest(
            exercise: exercise.normalized,
            userHistory: userHistory.map(\.normalized),
            language: language,
            // What is said by leaving it out is left out, so that both share an answer.
            level: level == Self.defaultLevel ? nil : level
        )
    }
}

extension InsightsRequest {
    /// The request in its one form.
    var normalized: InsightsRequest {
        var stats = userStats
        // Two names that are one in this form: the first in the order of the raw names counts, so that it is always
        // the same.
        stats.further = Dictionary(
            userStats.further.sorted { $0.key < $1.key }.map { (InputText.canonical($0.key), $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
        return InsightsRequest(
            userStats: stats,
            weakAreas: weakAreas.map { WeakArea(area: InputText.canonical($0.area), accuracy: $0.accuracy) },
            language: language
        )
    }
}

extension InputText {
    /// The text in canonical form; nil where nothing is left of it.
    static func present(_ text: String) -> String? {
        let canonical = canonical(text)
        return canonical.isEmpty ? nil : canonical
    }
}
