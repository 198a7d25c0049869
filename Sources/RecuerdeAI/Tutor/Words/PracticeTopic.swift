/// What a weak area is about, as far as its name tells: a tense, a verb, or a class of triggers; each with an exercise
/// that helps.
enum PracticeTopic: Sendable, Hashable {
    case present
    case imperfect
    case perfect
    case pluperfect
    case stemChanges
    case spelling
    case irregular
    case wishes
    case feelings
    case doubts
    case impersonal
    case purpose
    case time
    case conditions
    case relatives
    case verb(String)
    case other

    /// Words of names in English and Spanish, folded; the first topic of which a word occurs counts.
    private static let words: [(topic: PracticeTopic, words: Set<String>)] = [
        (.stemChanges, ["stem", "raiz", "diptongo", "diptongos", "vocalicos", "vocalico"]),
        (.spelling, ["spelling", "orthographic", "ortografia", "ortograficos", "ortografico"]),
        (.irregular, ["irregular", "irregulares", "irregulars"]),
        (.wishes, ["wish", "wishes", "hope", "hopes", "deseo", "deseos", "ojala", "voluntad", "influence"]),
        (
            .feelings,
            ["emotion", "emotions", "feeling", "feelings", "emocion", "emociones", "sentimiento", "sentimientos"]
        ),
        (.doubts, ["doubt", "doubts", "denial", "duda", "dudas", "negacion"]),
        (.impersonal, ["impersonal", "impersonales"]),
        (.purpose, ["purpose", "finalidad"]),
        (.time, ["time", "temporal", "temporales", "adverbial"]),
        (.conditions, ["si", "conditional", "condicional", "condicionales", "conditions"]),
        (.relatives, ["relative", "relativo", "relativas", "adjectival", "antecedent", "antecedente"]),
    ]

    /// - Parameter area: The name of a weak area, in canonical form.
    init(area: String) {
        let words = FoldedText.words(area)
        let tense = SubjunctiveTense(name: area)
        if let found = Self.words.first(where: { !$0.words.isDisjoint(with: words) }) {
            // What the exercises for stems and spelling ask for is the present: in another tense, the tense counts.
            let isOfPresent = [.stemChanges, .spelling, .irregular].contains(found.topic)
            if !isOfPresent || tense == nil || tense == .present {
                self = found.topic
                return
            }
        }
        switch tense {
        case .present: self = .present
        case .imperfect: self = .imperfect
        case .presentPerfect: self = .perfect
        case .pluperfect: self = .pluperfect
        default:
            if let infinitive = Infinitive(area), VerbLexicon.listed.contains(infinitive.text) {
                self = .verb(infinitive.text)
            } else {
                self = .other
            }
        }
    }

    /// What to do next, as the second half of a sentence.
    func step(in language: Language) -> String {
        language == .english ? english : spanish
    }

    private var english: String {
        switch self {
        case .present:
            "take ten verbs, say the yo form of each, and turn it into the present subjunctive"
        case .imperfect:
            "take ten verbs, say the ellos form of the preterite, and replace its last syllable «ron» by «ra»"
        case .perfect:
            "say haya, hayas, haya, hayamos, hayáis, hayan until they come by themselves, then add ten participles"
        case .pluperfect:
            "say hubiera to hubieran until they come by themselves, then add ten participles"
        case .stemChanges:
            "write pensar, volver, sentir, dormir and pedir in all persons, and mark the vowel that changes"
        case .spelling:
            "write buscar, llegar, empezar, coger and seguir in all persons, and say them aloud as you write"
        case .irregular:
            "learn ser, estar, dar, ir, haber and saber by heart, one a day"
        case .wishes:
            "write five sentences with quiero que and five with ojalá about your own week"
        case .feelings:
            "write five sentences with me alegra que and five with me molesta que about your own week"
        case .doubts:
            "say five sentences with creo que, then each again with no creo que, and hear how the mood changes"
        case .impersonal:
            "write five sentences with es importante que and five with es cierto que, and compare their moods"
        case .purpose:
            "join five pairs of sentences with para que, each with a subject of its own"
        case .time:
            "write five sentences with cuando about tomorrow and five about every day, and compare their moods"
        case .conditions:
            "finish ten sentences that begin with si tuviera or si fuera"
        case .relatives:
            "write five sentences with busco a alguien que and five with conozco a alguien que, and compare their moods"
        case .verb(let verb):
            "write \(verb) in all persons of the present and the imperfect subjunctive, and check each form"
        case .other:
            "do ten exercises of it in your next session"
        }
    }

    private var spanish: String {
        switch self {
        case .present:
            "toma diez verbos, di la forma de yo de cada uno y pásala al presente de subjuntivo"
        case .imperfect:
            "toma diez verbos, di la forma de ellos del pretérito y cambia su última sílaba, «ron», por «ra»"
        case .perfect:
            "repite haya, hayas, haya, hayamos, hayáis, hayan hasta que salgan solas y añade diez participios"
        case .pluperfect:
            "repite las formas de hubiera a hubieran hasta que salgan solas y añade diez participios"
        case .stemChanges:
            "escribe pensar, volver, sentir, dormir y pedir en todas las personas y marca la vocal que cambia"
        case .spelling:
            "escribe buscar, llegar, empezar, coger y seguir en todas las personas y dilas en voz alta"
        case .irregular:
            "aprende de memoria ser, estar, dar, ir, haber y saber, uno cada día"
        case .wishes:
            "escribe sobre tu semana cinco frases con quiero que y cinco con ojalá"
        case .feelings:
            "escribe sobre tu semana cinco frases con me alegra que y cinco con me molesta que"
        case .doubts:
            "di cinco frases con creo que, repítelas con no creo que y escucha cómo cambia el modo"
        case .impersonal:
            "escribe cinco frases con es importante que y cinco con es cierto que, y compara los modos"
        case .purpose:
            "une cinco pares de frases con para que, cada frase con su propio sujeto"
        case .time:
            "escribe cinco frases con cuando sobre mañana y cinco sobre todos los días, y compara los modos"
        case .conditions:
            "termina diez frases que empiecen por si tuviera o si fuera"
        case .relatives:
            "escribe cinco frases con busco a alguien que y cinco con conozco a alguien que, y compara los modos"
        case .verb(let verb):
            "escribe \(verb) en todas las personas del presente y del imperfecto de subjuntivo y comprueba cada forma"
        case .other:
            "haz diez ejercicios en tu próxima sesión"
        }
    }
}
