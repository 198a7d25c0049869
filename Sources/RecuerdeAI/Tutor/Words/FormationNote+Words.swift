extension FormationNote {
    func sentence(in language: Language) -> String {
        language == .english ? english : spanish
    }

    private var english: String {
        switch self {
        case .ownStem(let stem, let ending):
            return "Its stem is irregular and has to be known by heart: \(stem)- and then -\(ending)."
        case .stressedEnding(let stem, let ending):
            return "The stem is regular, \(stem)-, but the stress falls on the ending, -\(ending)."
        case .fromYo(let yo, let ending, let spelling):
            return "Take the yo form of the present, «\(yo)», drop the -o and add -\(ending)\(Self.english(spelling))."
        case .fromEl(let el, let ending):
            return "Take the él form of the present, «\(el)», drop its last vowel and add -\(ending)."
        case .fromInfinitive(let stem, let ending, let spelling):
            return "Here the stress falls on the ending, so the stem stays as in the infinitive: \(stem)- and then "
                + "-\(ending)\(Self.english(spelling))."
        case .closed(let stem, let ending, let before, let after):
            return "Here the stress falls on the ending, and the \(before) of the stem becomes \(after): \(stem)- and "
                + "then -\(ending)."
        case .fromPreterite(let preterite, let ending, let accent):
            return "Take the ellos form of the preterite, «\(preterite)», and replace -ron by -\(ending)"
                + (accent ? ", with an accent on the vowel before it." : ".")
        case .compound(let auxiliary, let tense, let participle, let isIrregular):
            return "It is made of «\(auxiliary)», the \(tense.name(in: .english)) of haber, and the "
                + (isIrregular ? "irregular " : "") + "participle «\(participle)»."
        }
    }

    private var spanish: String {
        switch self {
        case .ownStem(let stem, let ending):
            return "Su raíz es irregular y hay que saberla de memoria: \(stem)- y después -\(ending)."
        case .stressedEnding(let stem, let ending):
            return "La raíz es regular, \(stem)-, pero el acento cae en la terminación, -\(ending)."
        case .fromYo(let yo, let ending, let spelling):
            return
                "Parte de la forma de yo del presente, «\(yo)», quita la -o y añade -\(ending)\(Self.spanish(spelling))."
        case .fromEl(let el, let ending):
            return "Parte de la forma de él del presente, «\(el)», quita la última vocal y añade -\(ending)."
        case .fromInfinitive(let stem, let ending, let spelling):
            return
                "Aquí el acento cae en la terminación, así que la raíz queda como en el infinitivo: \(stem)- y después "
                + "-\(ending)\(Self.spanish(spelling))."
        case .closed(let stem, let ending, let before, let after):
            return "Aquí el acento cae en la terminación y la \(before) de la raíz pasa a \(after): \(stem)- y después "
                + "-\(ending)."
        case .fromPreterite(let preterite, let ending, let accent):
            return "Parte de la forma de ellos del pretérito, «\(preterite)», y cambia -ron por -\(ending)"
                + (accent ? ", con tilde en la vocal anterior." : ".")
        case .compound(let auxiliary, let tense, let participle, let isIrregular):
            return "Se forma con «\(auxiliary)», \(tense.name(in: .spanish)) de haber, y el participio "
                + (isIrregular ? "irregular " : "") + "«\(participle)»."
        }
    }

    private static func english(_ spelling: Spelling?) -> String {
        spelling.map { "; before \($0.vowel), \($0.before) is written \($0.after)" } ?? ""
    }

    private static func spanish(_ spelling: Spelling?) -> String {
        spelling.map { "; ante \($0.vowel), \($0.before) se escribe \($0.after)" } ?? ""
    }
}
