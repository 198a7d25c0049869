/// The tenses that the tutor can form.
enum SubjunctiveTense: Sendable, Hashable, CaseIterable {
    case present
    case imperfect
    case presentPerfect
    case pluperfect

    /// Reads a tense's English or Spanish name, in any case and with or without accents; nil where it names none of
    /// the subjunctive that the tutor knows.
    ///
    /// A name that does not say its mood (`present`, `imperfecto`) is read as the subjunctive, which is all that these
    /// exercises ask for.
    init?(name: String) {
        guard !Self.namesAnotherMood(name) else { return nil }
        let words = FoldedText.words(name)
        let isPerfect = words.contains("perfect") || words.contains("perfecto")
        if words.contains("pluperfect") || words.contains("pluscuamperfecto")
            || (isPerfect && words.contains("past"))
        {
            self = .pluperfect
        } else if isPerfect {
            self = .presentPerfect
        } else if words.contains("imperfect") || words.contains("imperfecto") || words.contains("past") {
            self = .imperfect
        } else if words.contains("present") || words.contains("presente") {
            self = .present
        } else {
            return nil
        }
    }

    /// Whether a name is that of a tense outside the subjunctive, or of one that the tutor does not form.
    static func namesAnotherMood(_ name: String) -> Bool {
        let others = [
            "indicative", "indicativo", "conditional", "condicional", "future", "futuro", "imperative", "imperativo",
            "preterite", "indefinido",
        ]
        return FoldedText.words(name).contains(where: others.contains)
    }

    func name(in language: Language) -> String {
        switch (self, language) {
        case (.present, .english): "present subjunctive"
        case (.imperfect, .english): "imperfect subjunctive"
        case (.presentPerfect, .english): "present perfect subjunctive"
        case (.pluperfect, .english): "pluperfect subjunctive"
        case (.present, .spanish): "presente de subjuntivo"
        case (.imperfect, .spanish): "imperfecto de subjuntivo"
        case (.presentPerfect, .spanish): "pretérito perfecto de subjuntivo"
        case (.pluperfect, .spanish): "pluscuamperfecto de subjuntivo"
        }
    }
}
