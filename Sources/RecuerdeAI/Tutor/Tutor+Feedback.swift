extension Tutor {
    /// Two or three sentences about an answer: whether it is right, what was done instead where that can be told, and
    /// why the subjunctive is asked for.
    public func feedback(for request: FeedbackRequest) -> String {
        let request = request.normalized
        let language = request.language
        let diagnosis = AnswerDiagnosis(request, conjugator: conjugator)
        var sentences = [verdict(diagnosis, request)]
        let exercise = request.exerciseContext
        let isSubjunctive = !(exercise.map { SubjunctiveTense.namesAnotherMood($0.tense) } ?? false)
        if isSubjunctive, let reason = exercise.flatMap({ triggers.reason(for: $0, in: language) }) {
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

    private func verdict(_ diagnosis: AnswerDiagnosis, _ request: FeedbackRequest) -> String {
        let right = "«\(request.correctAnswer)»"
        let given = "«\(request.userAnswer)»"
        let seed = request.userAnswer + "\u{0}" + request.correctAnswer
        return request.language == .english
            ? englishVerdict(diagnosis, given: given, right: right, seed: seed)
            : spanishVerdict(diagnosis, given: given, right: right, seed: seed)
    }

    private func englishVerdict(_ diagnosis: AnswerDiagnosis, given: String, right: String, seed: String) -> String {
        switch diagnosis {
        case .right:
            choice(["Correct, well done!", "That is right, good work!", "Yes, that is the form."], for: seed)
        case .otherRightForm:
            "Well done: \(given) is right Spanish too, another form of the same tense and person. "
                + "This exercise expects \(right)."
        case .accentOnly:
            "Almost: the letters are right, but the accents are not. The right form is \(right)."
        case .dotsOverU:
            "Almost: mind the two dots. In «gue» and «gui» the u is silent, and in «güe» and «güi» it is sounded. "
                + "The right form is \(right)."
        case .infinitive:
            "The verb was left as an infinitive; here it needs a personal form. The right form is \(right)."
        case .otherPerson:
            "The tense is right, but the form belongs to another person. The right form is \(right)."
        case .otherTense(let tense):
            "That is the \(tense.name(in: .english)) of the right verb, and another tense is asked for. "
                + "The right form is \(right)."
        case .indicative:
            "That is the present indicative, and the subjunctive is asked for. The right form is \(right)."
        case .regularisedStem:
            "The ending is right, but the stem or its spelling changes in this verb. The right form is \(right)."
        case .unknown:
            choice(
                // The answer may be right Spanish for all that is known here.
                ["Not quite. The form asked for is \(right).", "Not yet: the form asked for is \(right)."],
                for: seed
            )
        }
    }

    private func spanishVerdict(_ diagnosis: AnswerDiagnosis, given: String, right: String, seed: String) -> String {
        switch diagnosis {
        case .right:
            choice(["¡Correcto, muy bien!", "¡Así es, buen trabajo!", "Sí, esa es la forma."], for: seed)
        case .otherRightForm:
            "¡Muy bien! \(given) también es correcto: es otra forma del mismo tiempo y la misma persona. "
                + "Este ejercicio espera \(right)."
        case .accentOnly:
            "Casi: las letras están bien, pero las tildes no. La forma correcta es \(right)."
        case .dotsOverU:
            "Casi: atención a la diéresis. En «gue» y «gui» la u no suena, y en «güe» y «güi» sí. "
                + "La forma correcta es \(right)."
        case .infinitive:
            "El verbo quedó en infinitivo y aquí hace falta una forma personal. La forma correcta es \(right)."
        case .otherPerson:
            "El tiempo es correcto, pero la forma es de otra persona. La forma correcta es \(right)."
        case .otherTense(let tense):
            "Esa forma es del \(tense.name(in: .spanish)), y se pide otro tiempo. La forma correcta es \(right)."
        case .indicative:
            "Esa forma es del presente de indicativo, y se pide el subjuntivo. La forma correcta es \(right)."
        case .regularisedStem:
            "La terminación es correcta, pero la raíz o su ortografía cambia en este verbo. "
                + "La forma correcta es \(right)."
        case .unknown:
            choice(
                ["Todavía no. La forma que se pide es \(right).", "No exactamente: la forma que se pide es \(right)."],
                for: seed
            )
        }
    }
}
