/// The tenses of the indicative, as far as the tutor recognises what a learner wrote instead of a subjunctive.
enum IndicativeTense: Sendable, Hashable, CaseIterable {
    case present
    case preterite
    case imperfect
    case future
    case conditional
    case perfect
    case pluperfect
    case futurePerfect
    case conditionalPerfect

    /// Whether it is made of haber and a participle.
    var isCompound: Bool { auxiliary != nil }

    /// The tense of haber in it; nil for a simple tense.
    var auxiliary: IndicativeTense? {
        switch self {
        case .present, .preterite, .imperfect, .future, .conditional: nil
        case .perfect: .present
        case .pluperfect: .imperfect
        case .futurePerfect: .future
        case .conditionalPerfect: .conditional
        }
    }

    func name(in language: Language) -> String {
        switch (self, language) {
        case (.present, .english): "present indicative"
        case (.preterite, .english): "preterite indicative"
        case (.imperfect, .english): "imperfect indicative"
        case (.future, .english): "future indicative"
        case (.conditional, .english): "conditional"
        case (.perfect, .english): "present perfect indicative"
        case (.pluperfect, .english): "pluperfect indicative"
        case (.futurePerfect, .english): "future perfect indicative"
        case (.conditionalPerfect, .english): "conditional perfect"
        case (.present, .spanish): "presente de indicativo"
        case (.preterite, .spanish): "pretérito perfecto simple de indicativo"
        case (.imperfect, .spanish): "pretérito imperfecto de indicativo"
        case (.future, .spanish): "futuro de indicativo"
        case (.conditional, .spanish): "condicional"
        case (.perfect, .spanish): "pretérito perfecto compuesto de indicativo"
        case (.pluperfect, .spanish): "pretérito pluscuamperfecto de indicativo"
        case (.futurePerfect, .spanish): "futuro compuesto de indicativo"
        case (.conditionalPerfect, .spanish): "condicional compuesto"
        }
    }
}
