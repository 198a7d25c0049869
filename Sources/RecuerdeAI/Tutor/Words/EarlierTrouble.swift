/// What a learner got wrong lately, as far as a hint can make use of it.
enum EarlierTrouble: Sendable, Hashable {
    case accents
    case mood
    case person
    case tense
    case stem
    case spelling
    case ending
    case other

    /// How many of the latest mistakes count: older ones may be overcome.
    private static let latest = 10

    /// The trouble that the history shows most often, in the exercise's tense or with its verb; among equals the latest.
    /// nil where nothing went wrong there.
    ///
    /// - Parameters:
    ///   - history: Normalised, oldest first.
    ///   - exercise: Normalised.
    init?(_ history: [HistoryItem], for exercise: Exercise, conjugator: Conjugator) {
        guard let tense = SubjunctiveTense(name: exercise.tense) else { return nil }
        let missed = history.filter { item in
            guard item.isCorrect == false || (item.isCorrect == nil && item.isMissed) else { return false }
            return item.tense.flatMap(SubjunctiveTense.init(name:)) == tense
                || (item.verb != nil && item.verb == exercise.verb)
        }
        let troubles = missed.suffix(Self.latest).compactMap { item -> EarlierTrouble? in
            let trouble = EarlierTrouble(item, conjugator)
            // What is said where nothing can be told speaks of the tense.
            let isOfTense = item.tense.flatMap(SubjunctiveTense.init(name:)) == tense
            return trouble == .other && !isOfTense ? nil : trouble
        }
        var counts: [EarlierTrouble: Int] = [:]
        for trouble in troubles { counts[trouble, default: 0] += 1 }
        // What cannot be told says less than what can.
        let known = counts.filter { $0.key != .other }
        guard let most = (known.isEmpty ? counts : known).values.max() else { return nil }
        guard let trouble = troubles.last(where: { counts[$0] == most && ($0 != .other || known.isEmpty) }) else {
            return nil
        }
        self = trouble
    }

    /// nil where the answer was right after all.
    private init?(_ item: HistoryItem, _ conjugator: Conjugator) {
        guard let answer = item.userAnswer, let right = item.correctAnswer else {
            self = .other
            return
        }
        let exercise = item.verb.map { verb in
            Exercise(verb: verb, tense: item.tense ?? "", person: item.person ?? "")
        }
        let request = FeedbackRequest(userAnswer: answer, correctAnswer: right, exerciseContext: exercise)
        let diagnosis = AnswerDiagnosis(request, conjugator: conjugator)
        guard diagnosis != .right, diagnosis != .otherRightForm else { return nil }
        self =
            switch diagnosis {
            case .accentOnly, .accentOfOtherForm: .accents
            case .indicative: .mood
            case .otherPerson, .otherSubject, .missingPronoun, .otherPronoun: .person
            case .otherTense, .otherAuxiliary, .missingAuxiliary: .tense
            case .missedStemChange, .needlessStemChange, .otherStemChange, .regularised: .stem
            case .missedSpelling, .dotsOverU: .spelling
            case .otherEndingClass: .ending
            default: .other
            }
    }

    func sentence(in language: Language) -> String {
        switch (self, language) {
        case (.accents, .english): "An accent has gone wrong before, so look twice."
        case (.mood, .english):
            "You have written the indicative before where the subjunctive was due, so mind the vowel."
        case (.person, .english): "You have mixed up persons before, so ask yourself who does it."
        case (.tense, .english): "You have mixed up tenses before, so look at when it happens."
        case (.stem, .english): "A stem has gone wrong before, so think of it first."
        case (.spelling, .english): "The spelling has gone wrong before, so say the form aloud."
        case (.ending, .english):
            "You have taken the ending of another class before, so recall how the infinitive ends."
        case (.other, .english): "You have found this tense hard before, so take your time."
        case (.accents, .spanish): "Antes ha fallado alguna tilde, así que mira dos veces."
        case (.mood, .spanish):
            "Antes has puesto el indicativo en lugar del subjuntivo: fíjate en la vocal de la terminación."
        case (.person, .spanish): "Antes has confundido las personas: pregúntate quién hace la acción."
        case (.tense, .spanish): "Antes has confundido los tiempos: fíjate en cuándo ocurre la acción."
        case (.stem, .spanish): "Antes ha fallado alguna raíz: piensa primero en ella."
        case (.spelling, .spanish): "Antes ha fallado la ortografía: di la forma en voz alta."
        case (.ending, .spanish):
            "Antes has tomado la terminación de otra conjugación: recuerda cómo acaba el infinitivo."
        case (.other, .spanish): "Antes te ha costado el mismo tiempo verbal, así que ve con calma."
        }
    }
}

extension HistoryItem {
    /// Whether the answer is not the right one, where the item does not say so itself.
    fileprivate var isMissed: Bool {
        guard let userAnswer, let correctAnswer else { return false }
        return userAnswer != correctAnswer
    }
}
