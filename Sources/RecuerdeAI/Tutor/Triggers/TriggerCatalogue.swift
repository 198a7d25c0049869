/// Tells which class of triggers an exercise belongs to: what asks for the subjunctive in it, and why.
///
/// Where it is not sure it finds none, since a false reason is worse than no reason.
struct TriggerCatalogue: Sendable {
    /// What is said of a class, in both languages.
    typealias Words = (english: String, spanish: String)

    /// A class of triggers.
    struct Class: Sendable {
        let patterns: [TriggerPattern]
        /// Whether the reason holds after a negation too: `no es importante que`. Where it does not, a pattern that
        /// holds all the same carries its own `no`.
        let holdsNegated: Bool
        /// The only tenses in which the reason is certain: `después de que saliera` tells what has happened.
        let tenses: [SubjunctiveTense]
        /// Whether it counts only at the beginning: `si`, which elsewhere asks a question too.
        let isInitial: Bool
        /// Whether a negation anywhere before turns the reason round, not only the word before: `no pasa un día sin
        /// que`.
        let isTurnedByAnyNegation: Bool
        /// nil for expressions that only look like a trigger: nothing is said about them.
        let reason: Words?
        /// When the indicative is right with the same words; nil where it never is, or where that takes other words.
        let indicative: Words?

        init(
            _ patterns: String,
            holdsNegated: Bool = false,
            tenses: [SubjunctiveTense] = SubjunctiveTense.allCases,
            isInitial: Bool = false,
            isTurnedByAnyNegation: Bool = false,
            reason: Words?,
            indicative: Words? = nil
        ) {
            self.patterns = patterns.split(separator: "\n").map { TriggerPattern(String($0)) }
            self.holdsNegated = holdsNegated
            self.tenses = tenses
            self.isInitial = isInitial
            self.isTurnedByAnyNegation = isTurnedByAnyNegation
            self.reason = reason
            self.indicative = indicative
        }
    }

    /// The patterns and their classes' places, by what they begin with: so that few are tried at each word.
    private static let byHead: [String: [(index: Int, pattern: TriggerPattern)]] = {
        var byHead: [String: [(index: Int, pattern: TriggerPattern)]] = [:]
        for (index, entry) in classes.enumerated() {
            for pattern in entry.patterns {
                for head in pattern.heads { byHead[head, default: []].append((index, pattern)) }
            }
        }
        return byHead
    }()

    /// Words before a trigger that turn its meaning round: `no dudo que`, `nadie duda que`, `no hay duda que`.
    private static let negations: Set<String> = [
        "no", "ni", "nunca", "jamas", "nadie", "tampoco", "sin", "apenas", "ningun", "ninguna", "hay", "cabe", "quien",
        "la", "una", "lo", "nada",
    ]

    /// Those of them that deny wherever they stand in the main clause.
    private static let plainNegations: Set<String> = ["no", "ni", "nunca", "jamas", "nadie", "tampoco"]

    /// Words that stand between a trigger and the gap: pronouns, and `no`.
    private static let fillers: Set<String> = [
        "yo", "tu", "el", "ella", "usted", "nosotros", "nosotras", "vosotros", "vosotras", "ellos", "ellas", "ustedes",
        "vos", "me", "te", "se", "nos", "os", "le", "les", "lo", "la", "los", "las", "no",
    ]

    /// The class that an exercise belongs to; nil where none is certain.
    ///
    /// The trigger counts where there is one; else the phrase directly before the gap of the sentence.
    func match(for exercise: Exercise) -> Class? {
        let trigger = Self.words(exercise.trigger)
        let found: Class?
        if trigger.isEmpty {
            found = exercise.sentence.flatMap(Self.beforeGap).flatMap { match($0, in: [], atEnd: true) }
        } else {
            found = match(trigger, in: exercise.sentence.map(Self.words) ?? [], atEnd: false)
        }
        guard let found, found.reason != nil else { return nil }
        if found.tenses.count < SubjunctiveTense.allCases.count {
            guard let tense = SubjunctiveTense(name: exercise.tense), found.tenses.contains(tense) else { return nil }
        }
        return found
    }

    /// The reason why an exercise asks for the subjunctive; nil where none is certain.
    func reason(for exercise: Exercise, in language: Language) -> String? {
        match(for: exercise)?.reason.map { language == .english ? $0.english : $0.spanish }
    }

    /// The class whose longest phrase occurs in `words`, or ends them; nil where none does, or a negation turns it
    /// round, in these words or, for a phrase that begins them, in the sentence.
    private func match(_ words: [TriggerWord], in sentence: [TriggerWord], atEnd: Bool) -> Class? {
        var found: (class: Int, start: Int, length: Int)?
        for start in words.indices {
            for (index, pattern) in words[start].keys.flatMap({ Self.byHead[$0] ?? [] }) {
                guard start == 0 || !Self.classes[index].isInitial,
                    let length = pattern.length(in: words, at: start), !atEnd || start + length == words.count
                else { continue }
                // Among equals the earlier class, and in it the earlier place.
                if let found, (found.length, index) >= (length, found.class) { continue }
                found = (index, start, length)
            }
        }
        let best = found.map { (class: Self.classes[$0.class], start: $0.start, length: $0.length) }
        guard let best else { return nil }
        if best.class.holdsNegated { return best.class }
        let phrase = words[..<best.length].map(\.text)
        if best.class.isTurnedByAnyNegation {
            let place = FoldedText.places(of: phrase, in: sentence.map(\.text)).first ?? 0
            let before = words[..<best.start] + sentence[..<place]
            return before.contains { Self.plainNegations.contains($0.text) } ? nil : best.class
        }
        if best.start > 0 { return Self.negations.contains(words[best.start - 1].text) ? nil : best.class }
        let isNegated = FoldedText.places(of: phrase, in: sentence.map(\.text)).contains { place in
            place > 0 && Self.negations.contains(sentence[place - 1].text)
        }
        return isNegated ? nil : best.class
    }

    /// The words before the gap of a sentence, without pronouns directly before it; nil where no gap is seen.
    private static func beforeGap(_ sentence: String) -> [TriggerWord]? {
        guard
            let gap = sentence.firstIndex(where: { "_…[(".contains($0) }) ?? sentence.firstRange(of: "...")?.lowerBound
        else { return nil }
        var words = Self.words(String(sentence[..<gap]))
        while let last = words.last, fillers.contains(last.text) { words.removeLast() }
        return words
    }

    /// Folded words. Question words keep their accent: `cuándo` is not `cuando`; nor is `sí` the same as `si`.
    private static func words(_ text: String) -> [TriggerWord] {
        FoldedText.split(InputText.answer(text)).map { word in
            let isKept = ["qué", "cuándo", "cómo", "cuánto", "dónde", "quién", "quiénes", "cuál", "sí"].contains(word)
            let text = isKept ? word : FoldedText.fold(word)
            return TriggerWord(text: text, verbs: TriggerVerbs.verbs(of: text))
        }
    }
}
