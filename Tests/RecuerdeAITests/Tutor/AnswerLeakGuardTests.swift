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
