import Testing

@testable import RecuerdeAI

/// What is said of an answer that is nearly right, or wrong in two ways, has to be true of it.
@Suite struct AnswerTruthTests {
    private static let tenses = [
        "P": "present subjunctive", "I": "imperfect subjunctive", "PP": "present perfect subjunctive",
        "PL": "pluperfect subjunctive", "IND": "present indicative",
    ]

    /// A question from `verb; tense; person; right; answer`.
    private static func request(_ line: String, _ language: Language = .english) -> FeedbackRequest {
        let parts = line.split(separator: ";").map { String($0.drop { $0 == " " }) }
        return FeedbackRequest(
            userAnswer: parts[4],
            correctAnswer: parts[3],
            exerciseContext: Exercise(
                verb: parts[0],
                tense: tenses[parts[1]] ?? "",
                person: parts[2],
                trigger: "qwerty"
            ),
            language: language
        )
    }

    private static func name(_ request: FeedbackRequest) -> String {
        String(describing: AnswerDiagnosis(request.normalized, conjugator: Conjugator())).prefix { $0 != "(" }
            .description
    }

    private static func name(_ line: String) -> String { name(request(line)) }

    private static func said(_ line: String, _ language: Language = .english) -> String {
        Tutor().feedback(for: request(line, language))
    }

    @Test(arguments: [
        ("hablar; I; nosotros; habláramos; hablasemos", "accentOfOtherForm"),
        ("tener; I; nosotros; tuviéramos; tuviesemos", "accentOfOtherForm"),
        ("hablar; PL; nosotros; hubiéramos hablado; hubiesemos hablado", "accentOfOtherForm"),
        ("pensar; P; vos; pienses; penses", "accentOfOtherForm"),
        ("hablar; PL; yo; hubiéramos hablado; hubiesemos hablado", "unknown"),
        ("hablar; PL; nosotros; hubiéramos hablado; hubiésemos hablado", "otherRightForm"),
        ("levantarse; I; yo; me levantara; levantase", "missingPronoun"),
        ("levantarse; I; yo; me levantara; se levantase", "otherPronoun"),
        ("hablar; I; yo; hablara; yo hablase", "extraWords"),
        ("hablar; I; yo; hablara; que hablase", "extraWords"),
        ("hablar; I; yo; hablara; hablase.", "otherRightForm"),
        ("tener; I; yo; tuviera; «tuviese».", "otherRightForm"),
        ("hablar; PL; yo; hubiera hablado; yo hubiese hablado", "extraWords"),
    ]) func aFormThatIsRightIsNeverCalledWrong(_ line: String, _ label: String) {
        #expect(Self.name(line) == label)
    }

    @Test func theAccentOfTheOtherFormIsNamed() {
        let line = "hablar; I; nosotros; habláramos; hablasemos"
        #expect(Self.said(line).contains("«hablásemos»") && Self.said(line).contains("«habláramos»"))
        #expect(Self.said(line, .spanish).contains("«hablásemos»"))
        #expect(Self.said(line, .spanish).contains("«habláramos»"))
    }

    @Test(arguments: [
        ("escribir; PP; yo; haya escrito; he escribido", "regularParticiple"),
        ("comer; PP; yo; haya comido; he comer", "otherParticiple"),
        ("hacer; PP; yo; haya hecho; he ido", "otherVerb"),
        ("hacer; PP; yo; haya hecho; he hecho", "indicative"),
        ("hacer; PP; yo; haya hecho; he xyz", "unknown"),
    ]) func onlyAFormThatExistsIsCalledIndicative(_ line: String, _ label: String) {
        #expect(Self.name(line) == label)
    }

    @Test(arguments: [
        ("comprar; P; tú; compres; compreis", "«compréis», with its accent,", "«compréis», con su tilde,"),
        ("hablar; P; yo; hable; háblo", "«hablo», without an accent,", "«hablo», sin tilde,"),
        ("estar; P; ellos; estén; estan", "«están», with its accent,", "«están», con su tilde,"),
        ("tener; I; tú; tuvieras; tenias", "«tenías», with its accent,", "«tenías», con su tilde,"),
        ("comer; PL; él; hubiera comido; habia comido", "«había comido», with", "«había comido», con"),
    ]) func aMisspeltFormIsNamedAsItIsWritten(_ line: String, _ english: String, _ spanish: String) {
        #expect(Self.said(line).contains(english), "\(Self.said(line))")
        #expect(Self.said(line, .spanish).contains(spanish), "\(Self.said(line, .spanish))")
    }

    @Test func aFormThatIsWrittenRightlyIsNamedAsItIs() {
        #expect(!Self.said("tener; P; tú; tengas; tienes").contains("accent"))
        #expect(!Self.said("tener; I; tú; tuvieras; tenías").contains("accent"))
    }

    @Test(arguments: [
        ("aferrar; P; él; aferre; aferra", "unknown"),
        ("aferrar; P; él; aferre; aferres", "unknown"),
        ("aferrar; P; él; aferre; afferre", "typingError"),
        ("hablar; IND; yo; hablo; hable", "unknown"),
        ("hablar; IND; yo; hablo; hablho", "typingError"),
        ("hablar; IND; yo; he hablado; ha hablado", "unknown"),
        ("hablar; P; yo; hable; hablee", "typingError"),
    ]) func withoutTheGrammarOnlyWhatLeavesTheEndingAloneIsTyping(_ line: String, _ label: String) {
        #expect(Self.name(line) == label)
    }

    @Test(arguments: [
        ("hable", "habla", "unknown"), ("hablen", "hables", "unknown"), ("comiéramos", "comeríamos", "unknown"),
        ("hayas hablado", "has hablado", "unknown"), ("trabajes", "trabjaes", "typingError"),
        ("escribiéramos", "escirbiéramos", "typingError"), ("haya hablado", "halla hablado", "typingError"),
    ]) func withoutAContextToo(_ right: String, _ answer: String, _ label: String) {
        #expect(Self.name(FeedbackRequest(userAnswer: answer, correctAnswer: right)) == label)
    }

    @Test(
        arguments: [
            ("estar; I; él; estuviera; fuera", ["ser"]), ("estar; I; él; estuviera; fuese", ["ser"]),
            ("tener; I; él; tuviera; fuera", ["ser", "ir"]), ("tener; I; él; tuviera; fuese", ["ser", "ir"]),
            ("tener; I; nosotros; tuviéramos; fuéramos", ["ser", "ir"]), ("tener; P; él; tenga; vaya", ["ir"]),
            ("tener; P; él; tenga; sea", ["ser"]),
        ] as [(String, [String])]
    ) func serAndIrShareTheirPast(_ line: String, _ verbs: [String]) {
        #expect(Self.name(line) == "otherVerb")
        for (language, or) in [(Language.english, " or "), (.spanish, " o ")] {
            let said = Self.said(line, language)
            let verbs = verbs.joined(separator: or)
            #expect(
                said.contains("erb, \(verbs), ") || said.contains("erbo, \(verbs), ")
                    || said.contains(" of \(verbs), ") || said.contains(" de \(verbs), "),
                "\(said)"
            )
        }
    }

    @Test func theUsualInfinitiveIsNamed() {
        #expect(Self.said("poder; P; él; pueda; pudra").contains("another verb, pudrir"))
    }

    @Test(arguments: [
        ("venir; P; él; que venga; venga", "otherWords"), ("hablar; P; yo; no hable; hable", "otherWords"),
        ("hablar; P; yo; hable; hable.", "right"), ("hablar; P; yo; hable; ¡Hable!", "right"),
        ("hablar; P; yo; yo hable; ellos hable", "otherSubject"), ("hablar; P; yo; yo hable; tú hable", "otherSubject"),
        ("hablar; P; yo; hable; ellos hable", "otherSubject"), ("hablar; P; él; él hable; ella hable", "otherWords"),
        ("hablar; P; ; hable; ella hable", "extraWords"), ("hablar; P; yo; hable; yo hable", "extraWords"),
        ("venir; P; tú; vengas; que vengas.", "extraWords"),
    ]) func theWordsAroundARightFormAreReadToo(_ line: String, _ label: String) {
        #expect(Self.name(line) == label)
    }

    @Test(arguments: [
        ("hacer; PP; yo; haya hecho; hecho", "«hecho»"),
        ("caer; PP; él; haya caído; caido", "«caído», with its accent,"),
    ]) func aParticipleAloneLacksHaber(_ line: String, _ form: String) {
        #expect(Self.name(line) == "missingAuxiliary")
        #expect(Self.said(line).contains(form), "\(Self.said(line))")
    }

    @Test(arguments: ["inscrito inscripto", "descrito descripto", "suscrito suscripto", "prescrito prescripto"])
    func theParticiplesOfTheRiverPlateAreRightToo(_ forms: String) throws {
        let both = forms.split(separator: " ").map(String.init)
        let verb = "\(both[0].dropLast(2))bir"
        #expect(Self.name("\(verb); PP; yo; haya \(both[0]); haya \(both[1])") == "otherRightForm")
        #expect(try #require(Infinitive(verb).flatMap(Verb.init(known:))).participles == both)
        #expect(Self.name("escribir; PP; yo; haya escrito; haya escripto") == "typingError")
    }

    @Test func theExercisesVerbIsNamedAsItStands() {
        #expect(Self.said("acostarse; P; yo; me acueste; me levante").contains("acostarse"))
    }

    /// What is said of a kind of mistake is not always said by rote.
    @Test(arguments: Language.allCases) func everyKindOfMistakeHasSeveralWordings(_ language: Language) {
        for line in LabelledAnswers.all {
            let request = line.request.normalized
            let diagnosis = AnswerDiagnosis(request, conjugator: Conjugator())
            let wordings = FeedbackWords(request, diagnosis).wordings(diagnosis, in: language)
            #expect(wordings.count >= 2 && Set(wordings).count == wordings.count, "\(line)")
        }
    }

    /// Whole questions, labelled by hand: the trigger; the rest; what went wrong; what is said of the trigger.
    @Test(arguments: [
        ("mientras", "vivir; P; tú; vivas; vives", "indicative", "for facts and habits it takes the indicative"),
        ("me temo que", "llegar; P; él; llegue; llega", "indicative", "mostly takes the indicative"),
        ("puede que", "venir; P; ellos; vengan; venga", "otherPerson", "a possibility, not of a fact"),
        ("hace falta que", "buscar; P; tú; busques; busce", "missedSpelling", "a need, not"),
        ("como si", "ser; I; nosotros; fuéramos; fuesemos", "accentOfOtherForm", "something unreal"),
        ("me alegra que", "escribir; PP; él; haya escrito; he escribido", "regularParticiple", "shows a feeling"),
        ("ojalá", "hablar; I; yo; hablara; yo hablase", "extraWords", "Ojalá voices a hope"),
        ("sin que", "llamar; P; ella; llame; llama", "indicative", "does not accompany the first"),
    ]) func wholeQuestionsAreAnsweredRightly(_ trigger: String, _ line: String, _ label: String, _ reason: String) {
        var request = Self.request(line)
        request.exerciseContext?.trigger = trigger
        #expect(Self.name(request) == label)
        #expect(Tutor().feedback(for: request).contains(reason), "\(Tutor().feedback(for: request))")
    }
}
