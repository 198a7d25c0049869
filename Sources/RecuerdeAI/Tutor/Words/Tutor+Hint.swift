extension Tutor {
    /// A hint from the trigger, the verb's pattern and the learner's history; never one that gives the answer away.
    ///
    /// The first level points to what asks for the mood, the second adds how the form comes about, the third a form of
    /// the verb to start from and what to mind in the ending.
    public func hint(for request: HintRequest) -> String {
        let request = request.normalized
        let exercise = request.exercise
        let leak = AnswerLeakGuard(exercise: exercise, conjugator: conjugator)
        let language = request.language
        let level = request.level ?? HintRequest.defaultLevel
        let tense = SubjunctiveTense(name: exercise.tense)
        let isOtherMood = SubjunctiveTense.namesAnotherMood(exercise.tense)
        var sentences = [isOtherMood ? nil : triggers.reason(for: exercise, in: language)]
        if level == 1 { sentences.append(aim(exercise, tense, language)) }
        if level >= 2 { sentences.append(pattern(exercise, tense, language)) }
        if level >= 3 { sentences.append(contentsOf: steps(exercise, tense, language)) }
        let trouble = EarlierTrouble(request.userHistory, for: exercise, conjugator: conjugator)
        sentences.append(trouble?.sentence(in: language))
        let safe = sentences.compactMap(\.self).filter { !leak.givesAway($0) }
        let joined = safe.joined(separator: " ")
        // Words of one sentence and of the next could make the answer together.
        if !joined.isEmpty, !leak.givesAway(joined) { return joined }
        return lastResorts(language).first { !leak.givesAway($0) } ?? "…"
    }

    /// What the exercise asks for, in other words than its own.
    private func aim(_ exercise: Exercise, _ tense: SubjunctiveTense?, _ language: Language) -> String? {
        guard let tense else { return nil }
        let name = tense.name(in: language)
        guard let person = GrammaticalPerson(name: exercise.person) else {
            return language == .english
                ? "You need the \(name): first find out who does the action."
                : "Hace falta el \(name): mira primero quién hace la acción."
        }
        return language == .english
            ? "You need the \(name), in the form for \(person.pronoun)."
            : "Hace falta el \(name), en la forma de \(person.pronoun)."
    }

    /// How the form comes about, without any form of the verb.
    private func pattern(_ exercise: Exercise, _ tense: SubjunctiveTense?, _ language: Language) -> String? {
        guard let infinitive = Infinitive(exercise.verb), let tense else { return nil }
        if tense == .present { return presentPattern(infinitive, GrammaticalPerson(name: exercise.person), language) }
        if let auxiliary = tense.auxiliary {
            return language == .english
                ? "You need two words: the \(auxiliary.name(in: language)) of the auxiliary haber, then the participle."
                : "Hacen falta dos palabras: el auxiliar haber en \(auxiliary.name(in: language)) y el participio."
        }
        let marks = tense == .imperfect ? ["-ra", "-se"] : ["-re"]
        return language == .english
            ? "Start from the ellos form of the preterite, drop its -ron, and add an ending in "
                + marks.joined(separator: " or ") + "."
            : "Parte de la forma de ellos del pretérito, quita -ron y añade una terminación en "
                + marks.joined(separator: " o en ") + "."
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
