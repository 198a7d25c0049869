extension Tutor {
    /// One to three sentences about an answer: whether it is right, what was done instead where that can be told, how
    /// the right form comes about, and why the subjunctive is asked for.
    public func feedback(for request: FeedbackRequest) -> String {
        let request = request.normalized
        let language = request.language
        let diagnosis = AnswerDiagnosis(request, conjugator: conjugator)
        let exercise = request.exerciseContext
        let seed = [request.userAnswer, request.correctAnswer, exercise?.verb ?? "", exercise?.person ?? ""]
            .joined(separator: "\u{0}")
        var sentences = [
            choice(FeedbackWords(request, diagnosis).wordings(diagnosis, in: language), for: seed)
        ]
        if diagnosis.concernsForm, let note = ExerciseTarget(request).flatMap(FormationNote.init) {
            sentences.append(note.sentence(in: language))
        }
        if let reason = reason(exercise, isIndicative: diagnosis.isIndicative, language) {
            sentences.append(reason)
        } else if diagnosis != .right, let tense = exercise.flatMap({ SubjunctiveTense(name: $0.tense) }) {
            sentences.append(
                language == .english
                    ? "The exercise asks for the \(tense.name(in: language))."
                    : "El ejercicio pide el \(tense.name(in: language))."
            )
        }
        return sentences.joined(separator: " ")
    }

    /// Why the subjunctive is asked for; and, for a learner who wrote the indicative, when that would be right.
    private func reason(_ exercise: Exercise?, isIndicative: Bool, _ language: Language) -> String? {
        guard let exercise, !SubjunctiveTense.namesAnotherMood(exercise.tense),
            let found = triggers.match(for: exercise), let reason = found.reason
        else { return nil }
        let text = language == .english ? reason.english : reason.spanish
        guard isIndicative, let indicative = found.indicative else { return text }
        return "\(text.dropLast()); \(language == .english ? indicative.english : indicative.spanish)."
    }
}

extension AnswerDiagnosis {
    /// Whether it helps to be told how the form comes about: not where it was known.
    fileprivate var concernsForm: Bool {
        switch self {
        case .right, .otherRightForm, .accentOnly, .accentOfOtherForm, .dotsOverU, .extraWords, .otherSubject,
            .otherWords, .missingPronoun,
            .otherPronoun,
            .typingError:
            false
        default: true
        }
    }

    fileprivate var isIndicative: Bool {
        if case .indicative = self { true } else { false }
    }
}
