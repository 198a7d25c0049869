extension Tutor {
    /// A hint from the trigger, the verb's pattern and the learner's history; never one that gives the answer away.
    public func hint(for request: HintRequest) -> String {
        let request = request.normalized
        let leak = AnswerLeakGuard(exercise: request.exercise, conjugator: conjugator)
        let language = request.language
        let tense = SubjunctiveTense(name: request.exercise.tense)
        let sentences = [
            SubjunctiveTense.namesAnotherMood(request.exercise.tense)
                ? nil
                : triggers.reason(for: request.exercise, in: language),
            pattern(request.exercise, tense, language),
            history(request, tense),
        ].compactMap { $0 }
        let safe = sentences.filter { !leak.givesAway($0) }
        let joined = safe.joined(separator: " ")
        // Words of one sentence and of the next could make the answer together.
        if !joined.isEmpty, !leak.givesAway(joined) { return joined }
        return lastResorts(language).first { !leak.givesAway($0) } ?? "…"
    }

    /// How the form comes about, without any form of the verb.
    private func pattern(_ exercise: Exercise, _ tense: SubjunctiveTense?, _ language: Language) -> String? {
        guard let infinitive = Infinitive(exercise.verb), let tense else { return nil }
        switch (tense, language) {
        case (.present, _):
            return presentPattern(infinitive, GrammaticalPerson(name: exercise.person), language)
        case (.imperfect, .english):
            return "Start from the ellos form of the preterite, drop its -ron, and add an ending in -ra or -se."
        case (.imperfect, .spanish):
            return "Parte de la forma de ellos del pretérito, quita -ron y añade una terminación en -ra o en -se."
        case (.presentPerfect, .english):
            return "You need two words: the present subjunctive of the auxiliary haber, then the participle."
        case (.presentPerfect, .spanish):
            return "Hacen falta dos palabras: el auxiliar haber en presente de subjuntivo y el participio."
        case (.pluperfect, .english):
            return "You need two words: the imperfect subjunctive of the auxiliary haber, then the participle."
        case (.pluperfect, .spanish):
            return "Hacen falta dos palabras: el auxiliar haber en imperfecto de subjuntivo y el participio."
        }
    }

    /// A remark on what the learner got wrong before in the same tense.
    private func history(_ request: HintRequest, _ tense: SubjunctiveTense?) -> String? {
        guard let tense else { return nil }
        let missed = request.userHistory.filter { item in
            item.isCorrect == false && item.tense.flatMap(SubjunctiveTense.init(name:)) == tense
        }
        guard !missed.isEmpty else { return nil }
        let isAboutAccents = missed.contains { item in
            guard let given = item.userAnswer, let right = item.correctAnswer, given != right else { return false }
            return FoldedText.withoutAccents(given) == FoldedText.withoutAccents(right)
        }
        switch (isAboutAccents, request.language) {
        case (true, .english): return "An accent has gone wrong before, so look twice."
        case (true, .spanish): return "Antes ha fallado alguna tilde, así que mira dos veces."
        case (false, .english): return "You have found this tense hard before, so take your time."
        case (false, .spanish): return "Antes te ha costado el mismo tiempo verbal, así que ve con calma."
        }
    }

    /// Sentences with few words in common, for answers that happen to be ordinary words.
    private func lastResorts(_ language: Language) -> [String] {
        switch language {
        case .english:
            [
                "Think about the mood that the trigger asks for, and about who does it.",
                "Which mood follows here?",
                "Remember: subjunctive.",
                "Consider your verb table.",
            ]
        case .spanish:
            [
                "Piensa en el modo que pide la oración principal y en quién hace la acción.",
                "¿Qué modo sigue aquí?",
                "Recuerda: subjuntivo.",
                "Consulta tu tabla verbal.",
            ]
        }
    }
}
