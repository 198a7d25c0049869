/// Tells which class of triggers an exercise belongs to: what asks for the subjunctive in it, and why.
///
/// Where it is not sure it finds none, since a false reason is worse than no reason.
struct TriggerCatalogue: Sendable {
    /// A class of triggers.
    struct Class: Sendable {
        /// Folded phrases (lower case, no accents); a phrase matches where its words follow each other.
        let phrases: [String]
        /// Whether the reason holds after a negation too: `no es importante que`. Where it does not, a phrase that
        /// holds all the same carries its own `no`.
        var holdsNegated = false
        /// Whether the phrases look ahead in the present only: `después de que saliera` tells what has happened.
        var isOfPresentOnly = false
        /// nil for expressions that only look like a trigger: nothing is said about them.
        let reasons: (english: String, spanish: String)?

        func reason(in language: Language) -> String? {
            language == .english ? reasons?.english : reasons?.spanish
        }
    }

    /// Words before a trigger that turn its meaning round: `no dudo que`, `nadie duda que`, `no hay duda que`.
    private static let negations: Set<String> = [
        "no", "ni", "nunca", "jamas", "nadie", "tampoco", "sin", "apenas", "ningun", "ninguna", "hay", "cabe", "quien",
        "la", "una", "lo",
    ]

    /// Words that stand between a trigger and the gap: pronouns, and `no`.
    private static let fillers: Set<String> = [
        "yo", "tu", "el", "ella", "usted", "nosotros", "nosotras", "vosotros", "vosotras", "ellos", "ellas", "ustedes",
        "vos", "me", "te", "se", "nos", "os", "le", "les", "lo", "la", "los", "las", "no",
    ]

    /// The reason why an exercise asks for the subjunctive; nil where none is certain.
    ///
    /// The trigger counts where there is one; else the phrase directly before the gap of the sentence.
    func reason(for exercise: Exercise, in language: Language) -> String? {
        let tense = SubjunctiveTense(name: exercise.tense)
        let trigger = Self.words(exercise.trigger)
        let sentence = exercise.sentence.map(Self.words) ?? []
        let found: Class?
        if trigger.isEmpty {
            found = exercise.sentence.flatMap(Self.beforeGap).flatMap { match($0, in: [], atEnd: true) }
        } else {
            found = match(trigger, in: sentence, atEnd: false)
        }
        guard let found else { return nil }
        if found.isOfPresentOnly, tense != .present, tense != .presentPerfect { return nil }
        return found.reason(in: language)
    }

    /// The class whose longest phrase occurs in `words`, or ends them; nil where none does, or a negation turns it
    /// round, in these words or, for a phrase that begins them, in the sentence.
    private func match(_ words: [String], in sentence: [String], atEnd: Bool) -> Class? {
        var best: (class: Class, phrase: [String], start: Int)?
        for candidate in Self.classes {
            for phrase in candidate.phrases {
                let phrase = phrase.split(separator: " ").map(String.init)
                guard phrase.count > (best?.phrase.count ?? 0) else { continue }
                let places = FoldedText.places(of: phrase, in: words)
                let place = atEnd ? places.last.flatMap { $0 + phrase.count == words.count ? $0 : nil } : places.first
                if let place { best = (candidate, phrase, place) }
            }
        }
        guard let best else { return nil }
        if best.class.holdsNegated { return best.class }
        if best.start > 0 { return Self.negations.contains(words[best.start - 1]) ? nil : best.class }
        let isNegated = FoldedText.places(of: best.phrase, in: sentence).contains { place in
            place > 0 && Self.negations.contains(sentence[place - 1])
        }
        return isNegated ? nil : best.class
    }

    /// The words before the gap of a sentence, without pronouns directly before it; nil where no gap is seen.
    private static func beforeGap(_ sentence: String) -> [String]? {
        guard
            let gap = sentence.firstIndex(where: { "_…[(".contains($0) }) ?? sentence.firstRange(of: "...")?.lowerBound
        else { return nil }
        var words = Self.words(String(sentence[..<gap]))
        while let last = words.last, fillers.contains(last) { words.removeLast() }
        return words
    }

    /// Folded words. Question words keep their accent: `cuándo` is not `cuando`.
    private static func words(_ text: String) -> [String] {
        FoldedText.split(InputText.answer(text)).map { word in
            ["qué", "cuándo", "cómo", "cuánto"].contains(word) ? word : FoldedText.fold(word)
        }
    }
}
