import Testing

@testable import RecuerdeAI

@Suite struct AnswerLeakGuardTests {
    private func exercise(_ verb: String, _ answer: String?, tense: String = "present subjunctive") -> Exercise {
        Exercise(verb: verb, tense: tense, person: "yo", trigger: "espero que", correctAnswer: answer)
    }

    @Test(arguments: [
        "The answer is hable.", "HABLE!", "Try «hablé»", "hable\u{301}", "it is h-a-b-l-e", "h a b l e", "habl**e**",
        "not hables but something close", "hablemos", "ha\u{200B}ble", "ｈａｂｌｅ",
    ]) func theAnswerAndItsSiblingsAreFoundInAnyGuise(_ hint: String) {
        #expect(AnswerLeakGuard(exercise: exercise("hablar", nil)).givesAway(hint))
    }

    @Test(arguments: [
        "habl(e)", "habl[e]", "habl \"e\"", "habl- + -e", "habl<b>e</b>", "habl<span class=\"x\">e</span>", "ha ble",
        "Deletrea h a b l e y listo.", "h, a, b, l, e", "H_A_B_L_E", "habl… e",
    ]) func theAnswerIsFoundInPieces(_ hint: String) {
        #expect(AnswerLeakGuard(exercise: exercise("hablar", nil)).givesAway(hint))
    }

    @Test func theAccentedAnswerIsFoundInPiecesToo() {
        for hint in ["e-s-t-é", "est**é**", "est(é)", "E S T E\u{301}", "estés"] {
            #expect(AnswerLeakGuard(exercise: exercise("estar", "esté")).givesAway(hint), "\(hint)")
        }
        #expect(AnswerLeakGuard(exercise: exercise("dar", "dé")).givesAway("d-é"))
        #expect(AnswerLeakGuard(exercise: exercise("tener", "tenga")).givesAway("teng(a)"))
        #expect(AnswerLeakGuard(exercise: exercise("tener", "haya tenido")).givesAway("haya t-e-n-i-d-o"))
    }

    @Test(arguments: [
        ("unir", "una", "Pon una terminación con a."), ("entrar", "entre", "Elige entre los dos modos."),
        ("usar", "use", "Use the yo form."), ("quitar", "quite", "This one is quite regular."),
        ("continuar", "continúe", "Continue with the ending."), ("ver", "vea", "Ve a la tabla."),
        ("casar", "case", "In this case the mood changes."), ("unir", "una", "Un a, y no un e."),
    ]) func anOrdinaryWordThatIsAFormCountsOnlyWhereItIsSetApart(_ verb: String, _ answer: String, _ hint: String) {
        let guardian = AnswerLeakGuard(exercise: exercise(verb, nil))
        #expect(!guardian.givesAway(hint))
        for apart in ["«\(answer)»", "Think of \"\(answer)\".", "it is **\(answer)**", "`\(answer)`"] {
            #expect(guardian.givesAway(apart), "\(apart)")
        }
    }

    @Test(arguments: [
        ("entrar", "entre", "Elige entre los dos modos."), ("usar", "use", "Here you need use."),
        ("unir", "una", "Piensa en una."),
    ]) func anOrdinaryWordThatIsTheAnswerCountsAlways(_ verb: String, _ answer: String, _ hint: String) {
        #expect(AnswerLeakGuard(exercise: exercise(verb, answer)).givesAway(hint))
    }

    @Test func theAccentTellsAFormFromAnOrdinaryWord() {
        #expect(AnswerLeakGuard(exercise: exercise("continuar", nil)).givesAway("Think of continúe."))
    }

    @Test(
        arguments: [
            ("satisfacer", "present", "satisfaga"), ("satisfacer", "imperfect", "satisficiéramos"),
            ("satisfacer", "present perfect", "haya satisfecho"), ("abstener", "present", "abstenga"),
            ("abstener", "imperfect", "abstuviera"), ("anteponer", "present", "antepongamos"),
            ("desoír", "present", "desoiga"), ("desoír", "imperfect", "desoyese"), ("sustraer", "present", "sustraiga"),
            ("sustraer", "imperfect", "sustrajera"), ("entrever", "present", "entrevea"),
            ("entrever", "present perfect", "haya entrevisto"), ("roer", "present", "roya"),
            ("roer", "present", "roiga"),
            ("asir", "present", "asga"), ("abstener", "present", "abstengás"),
            ("corromper", "present perfect", "haya corrompido"),
        ]
    ) func formsOfVerbsMadeOfIrregularOnesAreFound(_ verb: String, _ tense: String, _ form: String) {
        #expect(
            AnswerLeakGuard(exercise: exercise(verb, nil, tense: "\(tense) subjunctive")).givesAway("It is \(form).")
        )
    }

    @Test(arguments: [
        "Use the yo form.", "Start from hablo and change the vowel.", "hablar is a regular verb", "",
        "Unthinkablehable",
        "hablara is another tense",
    ]) func whatDoesNotGiveItAwayPasses(_ hint: String) {
        #expect(!AnswerLeakGuard(exercise: exercise("hablar", "hable")).givesAway(hint))
    }

    @Test func anAnswerOfAnUnknownVerbIsFoundWhereTheRequestCarriesIt() {
        #expect(AnswerLeakGuard(exercise: exercise("roer", "roiga")).givesAway("Think of ROIGA."))
        #expect(AnswerLeakGuard(exercise: exercise("???", "haya roído")).givesAway("… haya roido …"))
        #expect(!AnswerLeakGuard(exercise: exercise("???", "haya roído")).givesAway("haya, then roído"))
    }

    @Test func ofAnUnknownTenseAllFormsCount() {
        let guardian = AnswerLeakGuard(exercise: exercise("hablar", nil, tense: "subjunctive"))
        #expect(guardian.givesAway("hablara") && guardian.givesAway("hable"))
    }

    @Test func commonWordsGiveAShortAnswerAwayOnlyWithTheirAccent() {
        let guardian = AnswerLeakGuard(exercise: exercise("dar", "dé"))
        #expect(!guardian.givesAway("Es un verbo de la primera conjugación."))
        #expect(guardian.givesAway("Escribe «dé»."))
        #expect(guardian.givesAway("demos"))
    }
}
