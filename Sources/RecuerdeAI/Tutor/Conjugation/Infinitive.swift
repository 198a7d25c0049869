/// A Spanish infinitive, taken apart.
struct Infinitive: Sendable, Hashable {
    /// Which of the three conjugations it belongs to.
    enum Conjugation: Sendable, Hashable {
        case ar, er, ir
    }

    /// Without the reflexive pronoun, in lower case: `levantar`, `reír`.
    let text: String
    /// What comes before the ending: `levant`, `re`.
    let stem: String
    let conjugation: Conjugation
    let isReflexive: Bool

    /// Reads an infinitive such as `hablar`, `Levantarse` or `reírse`; nil for anything else.
    init?(_ word: String) {
        let lower = InputText.answer(word)
        guard lower.count <= InputLimits.verb, lower.allSatisfy(\.isLetter) else { return nil }
        let endings: [(String, Conjugation)] = [("ar", .ar), ("er", .er), ("ir", .ir), ("ír", .ir)]
        for (ending, conjugation) in endings {
            if lower.hasSuffix(ending + "se"), lower.count >= 4 {
                isReflexive = true
                text = String(lower.dropLast(2))
            } else if lower.hasSuffix(ending) {
                isReflexive = false
                text = lower
            } else {
                continue
            }
            stem = String(text.dropLast(2))
            self.conjugation = conjugation
            return
        }
        return nil
    }
}

extension Infinitive {
    /// The verb that it is made of: saber, of resaber; itself where it is made of none.
    var base: String { VerbLexicon.derived[text]?.base ?? text }

    /// Whether its stem in the present subjunctive is one that no other form shows.
    var hasOwnStem: Bool { ["ser", "ir", "haber", "saber"].contains(base) }

    /// Whether it has third persons only, so that there is no yo form to start from.
    var lacksYo: Bool { ["concernir", "llover", "nevar"].contains(text) }
}
