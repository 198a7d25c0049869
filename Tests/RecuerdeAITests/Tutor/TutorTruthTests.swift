import Testing

@testable import RecuerdeAI

/// What the tutor must never say: each of these once led it to a false statement about Spanish.
@Suite struct TutorTruthTests {
    private let tutor = Tutor()

    private func feedback(
        _ answer: String,
        _ right: String,
        verb: String = "hablar",
        tense: String = "imperfect subjunctive",
        person: String = "yo",
        trigger: String = "qwerty",
        sentence: String? = nil,
        language: Language = .english
    ) -> String {
        tutor.feedback(
            for: FeedbackRequest(
                userAnswer: answer,
                correctAnswer: right,
                exerciseContext: Exercise(
                    verb: verb,
                    tense: tense,
                    person: person,
                    trigger: trigger,
                    sentence: sentence
                ),
                language: language
            )
        )
    }

    /// What it says of a right answer after a trigger: praise, and the reason where it has one.
    private func reason(
        _ trigger: String,
        sentence: String? = nil,
        tense: String = "present subjunctive",
        language: Language = .english
    ) -> String {
        feedback("x", "x", tense: tense, trigger: trigger, sentence: sentence, language: language)
    }

    private func hint(
        _ verb: String,
        _ person: String,
        language: Language = .english,
        history: [HistoryItem] = []
    ) -> String {
        let exercise = Exercise(verb: verb, tense: "present subjunctive", person: person, trigger: "qwerty")
        return tutor.hint(for: HintRequest(exercise: exercise, userHistory: history, language: language))
    }

    @Test(arguments: [
        ("hablase", "hablara", "hablar", "imperfect subjunctive", "yo"),
        ("hablara", "hablase", "hablar", "imperfect subjunctive", ""),
        ("royésemos", "royéramos", "roer", "imperfect subjunctive", "nosotros"),
        ("se levantase", "se levantara", "levantarse", "imperfect subjunctive", "ella"),
        ("hubiese hablado", "hubiera hablado", "hablar", "pluperfect subjunctive", "yo"),
        ("hubiese roído", "hubiera roído", "roer", "pluperfect subjunctive", "yo"),
        ("haya imprimido", "haya impreso", "imprimir", "present perfect subjunctive", "yo"),
        ("haya frito", "haya freído", "freír", "present perfect subjunctive", "yo"),
        ("hubiese impreso", "hubiera imprimido", "imprimir", "pluperfect subjunctive", "yo"),
        ("contés", "cuentes", "contar", "present subjunctive", "vos"),
        ("hablés", "hables", "hablar", "present subjunctive", "vos"),
        ("hablase", "hablara", "hablar", "subjunctive", "yo"),
    ]) func anotherFormThatIsRightTooIsCalledRight(
        _ answer: String,
        _ right: String,
        _ verb: String,
        _ tense: String,
        _ person: String
    ) {
        let english = feedback(answer, right, verb: verb, tense: tense, person: person)
        #expect(english.contains("«\(answer)» is right Spanish too") && english.contains("expects «\(right)»"))
        let spanish = feedback(answer, right, verb: verb, tense: tense, person: person, language: .spanish)
        #expect(spanish.contains("«\(answer)» también es correcto") && spanish.contains("espera «\(right)»"))
    }

    @Test(arguments: [
        ("hablases", "hablara", "hablar", "imperfect subjunctive", "yo"),
        ("te levantase", "se levantara", "levantarse", "imperfect subjunctive", "él"),
        ("contés", "cuentes", "contar", "present subjunctive", "tú"),
        ("hablés", "hables", "hablar", "present subjunctive", ""),
        ("hablase", "hablara", "hablar", "conditional", "yo"),
        ("base", "bara", "bar", "present subjunctive", "yo"), ("ese", "era", "ser", "imperfect", "yo"),
    ]) func aFormOfAnotherPersonOrTenseIsNotCalledRight(
        _ answer: String,
        _ right: String,
        _ verb: String,
        _ tense: String,
        _ person: String
    ) {
        #expect(!feedback(answer, right, verb: verb, tense: tense, person: person).contains("right Spanish"))
    }

    @Test(arguments: [
        "No dudo que", "no niego que", "No hay duda que", "sin duda que", "no cabe duda que", "Nadie duda que",
        "nunca dudaba que", "no lo niego que",
    ]) func whatIsNotDoubtedIsNotCalledDoubted(_ trigger: String) {
        #expect(!reason(trigger).contains("doubt"))
        #expect(!reason("", sentence: "\(trigger) ___ tarde.").contains("doubt"))
        #expect(!reason(trigger, language: .spanish).contains("duda"))
    }

    @Test func theWordBeforeATriggerIsLookedForInTheSentenceToo() {
        #expect(!reason("dudo que", sentence: "No dudo que ___ tarde.").contains("doubt"))
        #expect(reason("dudo que", sentence: "Yo dudo que ___ tarde.").contains("doubt"))
    }

    @Test(arguments: ["Dudo que", "María duda que", "niego que", "No creo que", "no estoy segura de que"])
    func whatIsDoubtedIs(_ trigger: String) {
        #expect(reason(trigger).contains("doubts or denies"))
        #expect(reason(trigger, language: .spanish).contains("duda o niega"))
    }

    @Test(arguments: ["No espero que", "no temo que", "no insisto en que", "no busco un"])
    func aNegatedTriggerWhoseReasonWouldBeFalseGetsNone(_ trigger: String) {
        #expect(reason(trigger) == reason("qwerty"))
    }

    @Test(arguments: [
        ("No quiero que", "wish"), ("no me gusta que", "feeling"), ("no es necesario que", "judges"),
        ("no hace falta que", "need"), ("no permito que", "influence"),
    ]) func aNegatedTriggerWhoseReasonHoldsKeepsIt(_ trigger: String, _ word: String) {
        #expect(reason(trigger).contains(word))
    }

    @Test func sinQueIsNoCondition() {
        #expect(reason("sin que").contains("does not accompany") && !reason("sin que").contains("condition"))
        #expect(reason("sin que", language: .spanish).contains("no acompaña"))
        for condition in ["a menos que", "con tal de que", "siempre y cuando"] {
            #expect(reason(condition).contains("condition"))
            #expect(reason(condition, language: .spanish).contains("condición"))
        }
    }

    @Test(arguments: [
        "aun cuando", "de vez en cuando", "¿Cuándo", "en cuanto a", "cuando menos", "desde cuándo", "cu\u{00e1}ndo",
        "cua\u{301}ndo", "¿Para qué", "cómo si",
    ]) func otherExpressionsWithTheWordsOfATriggerGetNoReason(_ trigger: String) {
        #expect(reason(trigger) == reason("qwerty"))
    }

    @Test(arguments: ["cuando", "Cuando llegues", "hasta que", "en cuanto", "tan pronto como", "una vez que"])
    func aTimeClauseLooksAhead(_ trigger: String) {
        for tense in ["present subjunctive", "imperfect subjunctive"] {
            #expect(reason(trigger, tense: tense).contains("seen from the main clause"))
            #expect(reason(trigger, tense: tense, language: .spanish).contains("vista desde la principal"))
        }
    }

    @Test func aSentenceIsReadOnlyWithoutATriggerAndOnlyBeforeItsGap() {
        #expect(reason("pienso que", sentence: "Cuando llueve, espero que ___ pronto.") == reason("qwerty"))
        #expect(reason("", sentence: "Cuando llueve, creo que ___ pronto.") == reason("qwerty"))
        #expect(reason("", sentence: "Espero que vengas.") == reason("qwerty"))
        #expect(reason("", sentence: "Cuando llueve, espero que él no (venir) pronto.").contains("wish"))
        #expect(reason("", sentence: "Espero que tú ___ bien.").contains("wish"))
    }

    @Test func whatIsPastIsNotSaidToBeStillToCome() {
        for tense in ["present subjunctive", "imperfect subjunctive"] {
            #expect(!reason("antes de que", tense: tense).contains("has not happened yet"))
            #expect(reason("antes de que", tense: tense).contains("When the main action takes place"))
            #expect(reason("antes de que", tense: tense, language: .spanish).contains("posterior"))
        }
        #expect(reason("después de que", tense: "present subjunctive").contains("looks ahead"))
        for tense in ["imperfect subjunctive", "pluperfect subjunctive", "subjunctive"] {
            #expect(!reason("después de que", tense: tense).contains("looks ahead"))
        }
        #expect(!reason("para que", tense: "imperfect subjunctive").contains("still to be achieved"))
    }

    @Test func aWishNeedNobodyElseToDoIt() {
        #expect(reason("espero que").contains("expresses a wish or hope") && !reason("espero que").contains("somebody"))
        #expect(!reason("espero que", language: .spanish).contains("otra persona"))
    }

    @Test(arguments: ["pensar", "volver", "jugar", "adquirir", "entender"], ["nosotros", "vosotras"])
    func whereTheStemIsNotStressedTheInfinitivesVowelIsTaught(_ verb: String, _ person: String) {
        #expect(!hint(verb, person).contains("yo form"))
        #expect(hint(verb, person).contains("keeps the vowel of the infinitive"))
        #expect(!hint(verb, person, language: .spanish).contains("forma de yo"))
        #expect(hint(verb, person, language: .spanish).contains("conserva la vocal del infinitivo"))
    }

    @Test(arguments: [("sentir", "e becomes i"), ("preferir", "e becomes i"), ("dormir", "o becomes u")])
    func verbsInIrCloseTheirVowelThere(_ verb: String, _ words: String) {
        #expect(hint(verb, "nosotros").contains(words) && !hint(verb, "nosotros").contains("yo form"))
        #expect(hint(verb, "").contains("only where the stem is stressed") && hint(verb, "").contains(words))
        #expect(hint(verb, "yo").contains("yo form") && !hint(verb, "yo").contains(words))
    }

    @Test func verbsWhoseVowelIsClosedEverywhereStartFromTheYoForm() {
        for person in ["yo", "nosotros", "vos", ""] {
            #expect(hint("pedir", person).contains("yo form"))
            #expect(!hint("pedir", person).contains("stressed"))
        }
    }

    @Test(arguments: ["enviar", "continuar", "reunir"]) func theAccentStaysAwayWhereTheStemIsNotStressed(_ verb: String)
    {
        #expect(hint(verb, "nosotros").contains("without the accent"))
        #expect(hint(verb, "nosotros", language: .spanish).contains("sin la tilde"))
        #expect(!hint(verb, "yo").contains("without the accent"))
        #expect(hint(verb, "vos").contains("only where the stem is stressed"))
    }

    @Test func ofAnUnknownVerbThePatternIsTaughtWithCare() {
        for person in ["nosotros", "yo", ""] {
            #expect(hint("aferrar", person).contains("check whether this person keeps"))
            #expect(hint("aferrar", person, language: .spanish).contains("comprueba si esta persona"))
        }
    }

    @Test(arguments: [
        ("buscar", "c is written qu"), ("llegar", "g is written gu"), ("cruzar", "z is written c"),
        ("averiguar", "gu is written gü"), ("jugar", "g is written gu"), ("cegar", "g is written gu"),
    ]) func theSpellingBeforeEIsTaught(_ verb: String, _ words: String) {
        for person in ["yo", "nosotros", ""] { #expect(hint(verb, person).contains(words)) }
        let spanish = words.replacing("is written", with: "se escribe")
        #expect(hint(verb, "yo", language: .spanish).contains(spanish))
        #expect(!hint("hablar", "yo").contains("is written"))
    }

    @Test func whereTheInfinitivesStemIsTakenItsSpellingIsTaughtToo() {
        #expect(hint("torcer", "nosotros").contains("before a, c is written z"))
        #expect(!hint("torcer", "yo").contains("is written"))
    }

    @Test(arguments: [
        "Juan y yo", "Ana y tú", "él y ella", "usted y ella", "tu hermano", "mis padres", "él/ellos", "yo y tú", "e",
        "/",
    ]) func aPersonOfSeveralWordsThatIsNotCertainIsNone(_ name: String) {
        #expect(GrammaticalPerson(name: name) == nil)
    }

    @Test(
        arguments: [
            ("él/ella/usted", .el), ("él, ella o usted", .el), ("el_ella_usted", .el), ("usted (formal)", .el),
            ("nosotros/as", .nosotros), ("vosotros/vosotras", .vosotros), ("yo (first person singular)", .yo),
            ("tú (informal)", .tu), ("third_person_plural", .ellos), ("ellos/ellas/Uds.", .ellos),
        ] as [(String, GrammaticalPerson)]
    ) func namesOfOnePersonAreOne(_ name: String, _ person: GrammaticalPerson) {
        #expect(GrammaticalPerson(name: name) == person)
    }

    @Test func theDotsOverUAreNoAccent() {
        let text = feedback("averigue", "averigüe", verb: "averiguar", tense: "present subjunctive")
        #expect(!text.contains("accents") && text.contains("two dots") && text.contains("«averigüe»"))
        let spanish = feedback(
            "averigue",
            "averigüe",
            verb: "averiguar",
            tense: "present subjunctive",
            language: .spanish
        )
        #expect(!spanish.contains("tilde") && spanish.contains("diéresis"))
        #expect(feedback("averigüé", "averigüe", verb: "averiguar", tense: "present subjunctive").contains("accents"))
        #expect(!feedback("banara", "bañara", verb: "bañar").contains("accents"))
    }

    @Test(
        arguments: [
            ("hablé", "hable", true), ("este", "esté", true), ("averigue", "averigüe", false), ("bane", "bañe", false),
        ] as [(String, String, Bool)]
    ) func anEarlierAccentIsNotSaidToBeMissing(_ given: String, _ right: String, _ isAccent: Bool) {
        let missed = HistoryItem(
            tense: "present subjunctive",
            userAnswer: given,
            correctAnswer: right,
            isCorrect: false
        )
        let text = hint("comer", "yo", history: [missed])
        #expect(text.contains("An accent has gone wrong before") == isAccent && !text.contains("missed an accent"))
        let spanish = hint("comer", "yo", language: .spanish, history: [missed])
        #expect(spanish.contains("Antes ha fallado alguna tilde") == isAccent && !spanish.contains("olvidado"))
    }

    private func steps(_ verb: String, _ person: String, language: Language = .english) -> String {
        let exercise = Exercise(verb: verb, tense: "present subjunctive", person: person, trigger: "qwerty")
        return tutor.hint(for: HintRequest(exercise: exercise, language: language, level: 3))
    }

    @Test func theYoFormLeadsVosToTheFormThatIsTaughtFirst() {
        #expect(steps("pensar", "vos").contains("The yo form of the present is «pienso»."))
        #expect(steps("pensar", "nosotros").contains("«pienso», has the vowel of the persons that stress the stem"))
        #expect(steps("pensar", "nosotros", language: .spanish).contains("que llevan el acento en la raíz"))
    }

    @Test(arguments: ["llover", "nevar", "concernir"]) func aVerbWithoutAYoFormStartsFromEl(_ verb: String) {
        for text in [steps(verb, "él"), hint(verb, "él")] {
            #expect(!text.contains("yo form") && text.contains("él form"), "\(text)")
        }
        #expect(!steps(verb, "él", language: .spanish).contains("forma de yo"))
    }

    @Test func whatIsMadeOfSaberHasItsOwnStem() {
        #expect(!steps("resaber", "yo").contains("resé") && !steps("resaber", "yo").contains("drop its -o"))
        #expect(steps("resaber", "yo").contains("own stem"))
    }

    @Test func ofEarlierAnswersOnlyMistakesInTheSameTenseAreCalledHard() {
        func item(_ tense: String, _ answer: String, _ right: String, verb: String = "comer") -> HistoryItem {
            HistoryItem(verb: verb, tense: tense, person: "yo", userAnswer: answer, correctAnswer: right)
        }
        #expect(!hint("comer", "yo", history: [item("imperfect subjunctive", "xyz", "comiera")]).contains("before, so"))
        #expect(hint("comer", "yo", history: [item("present subjunctive", "xyz", "coma")]).contains("this tense hard"))
        #expect(!hint("comer", "yo", history: [item("present subjunctive", "coma.", "coma")]).contains("before, so"))
        let other = item("imperfect subjunctive", "comiese", "comiera")
        #expect(!hint("comer", "yo", history: [other]).contains("before, so"))
    }
}
