/// The tenses of the subjunctive, all of which the tutor can form.
enum SubjunctiveTense: Sendable, Hashable, CaseIterable {
    case present
    case imperfect
    case presentPerfect
    case pluperfect
    case future
    case futurePerfect

    /// Reads a tense's English or Spanish name, in any case and with or without accents; nil where it names none of
    /// the subjunctive.
    ///
    /// A name that does not say its mood (`present`, `imperfecto`) is read as the subjunctive, which is all that these
    /// exercises ask for; but for the future, which nearly everybody means as the indicative.
    init?(name: String) {
        guard !Self.namesAnotherMood(name) else { return nil }
        let words = FoldedText.words(name)
        let isPerfect = words.contains("perfect") || words.contains("perfecto") || words.contains("compuesto")
        if words.contains(where: Self.futures.contains) {
            self = isPerfect ? .futurePerfect : .future
        } else if words.contains("pluperfect") || words.contains("pluscuamperfecto")
            || (isPerfect && words.contains("past"))
        {
            self = .pluperfect
        } else if words.contains("imperfect") || words.contains("imperfecto") {
            self = .imperfect
        } else if isPerfect {
            self = .presentPerfect
        } else if words.contains("past") {
            self = .imperfect
        } else if words.contains("present") || words.contains("presente") {
            self = .present
        } else {
            return nil
        }
    }

    private static let futures = ["future", "futuro"]

    /// Whether a name is that of a tense outside the subjunctive.
    static func namesAnotherMood(_ name: String) -> Bool {
        let words = FoldedText.words(name)
        let isSubjunctive = words.contains("subjunctive") || words.contains("subjuntivo")
        let others = ["indicative", "indicativo", "imperative", "imperativo", "preterite", "indefinido"]
        // A subjunctive may stand in conditional sentences.
        let ofIndicative = ["conditional", "condicional"] + futures
        return words.contains(where: others.contains)
            || (!isSubjunctive && words.contains(where: ofIndicative.contains))
    }

    /// The tense of haber in it; nil for a simple tense.
    var auxiliary: SubjunctiveTense? {
        switch self {
        case .present, .imperfect, .future: nil
        case .presentPerfect: .present
        case .pluperfect: .imperfect
        case .futurePerfect: .future
        }
    }

    func name(in language: Language) -> String {
        switch (self, language) {
        case (.present, .english): "present subjunctive"
        case (.imperfect, .english): "imperfect subjunctive"
        case (.presentPerfect, .english): "present perfect subjunctive"
        case (.pluperfect, .english): "pluperfect subjunctive"
        case (.future, .english): "future subjunctive"
        case (.futurePerfect, .english): "future perfect subjunctive"
        case (.present, .spanish): "presente de subjuntivo"
        case (.imperfect, .spanish): "imperfecto de subjuntivo"
        case (.presentPerfect, .spanish): "pretérito perfecto de subjuntivo"
        case (.pluperfect, .spanish): "pluscuamperfecto de subjuntivo"
        case (.future, .spanish): "futuro de subjuntivo"
        case (.futurePerfect, .spanish): "futuro compuesto de subjuntivo"
        }
    }
}
