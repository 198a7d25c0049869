import Foundation
import Testing

@testable import RecuerdeAI

@Suite struct TriggerTests {
    private func reason(
        _ trigger: String,
        tense: String = "present subjunctive",
        sentence: String? = nil,
        language: Language = .english
    ) -> String? {
        let exercise = Exercise(verb: "salir", tense: tense, person: "él", trigger: trigger, sentence: sentence)
        return TriggerCatalogue().reason(for: exercise, in: language)
    }

    @Test(arguments: [
        ("Quiero que", "wish"), ("queríamos que", "wish"), ("Quisiera que", "wish"), ("No querían que", "wish"),
        ("esperábamos que", "wish"), ("desearía que", "wish"), ("Prefieres que", "wish"), ("Ojalá que", "Ojalá"),
        ("Necesitaban que", "need"), ("Me alegro de que", "feeling"), ("Se alegró mucho de que", "feeling"),
        ("A Juan le molesta que", "feeling"), ("No nos gusta que", "feeling"), ("Temían que", "feeling"),
        ("Tengo miedo de que", "feeling"), ("Es una lástima que", "feeling"), ("Estoy muy contenta de que", "feeling"),
        ("Me da pena que", "feeling"), ("¡Qué pena que", "feeling"), ("Les sorprendió que", "feeling"),
        ("Es importante que", "judges"), ("No es necesario que", "judges"), ("Era imposible que", "judges"),
        ("Sería mejor que", "judges"), ("Hace falta que", "need"), ("Más vale que", "judges"),
        ("Puede que", "possibility"),
        ("Me parece bien que", "judges"), ("No me parece lógico que", "judges"), ("Conviene que", "judges"),
        ("Te recomiendo que", "influence"), ("El médico le aconsejó que", "influence"),
        ("Nos pidieron que", "influence"),
        ("Prohíben que", "influence"), ("Insistió en que", "influence"), ("No dejan que", "influence"),
        ("Sugirió que", "influence"), ("Logró que", "bringing something about"), ("Le dije que", "order"),
        ("Dudamos que", "doubts"), ("Dudo de que", "doubts"), ("No creo que", "doubts"), ("No pensaba que", "doubts"),
        ("No me parece que", "doubts"), ("No es cierto que", "doubts"), ("No estamos seguros de que", "doubts"),
        ("Niegan que", "doubts"), ("No es que", "doubts"), ("Quizás", "stresses that doubt"), ("Tal vez", "doubt"),
        ("para que", "purpose"), ("a fin de que", "purpose"), ("de modo que", "purpose"),
        ("a menos que", "condition"), ("con tal de que", "condition"), ("en caso de que", "condition"),
        ("salvo que", "condition"), ("sin que", "accompany"), ("antes de que", "yet to come"),
        ("cuando", "looks ahead"), ("En cuanto", "looks ahead"), ("tan pronto como", "looks ahead"),
        ("mientras", "still open"), ("después de que", "looks ahead"), ("aunque", "concession"),
        ("Busco a alguien que", "unknown"), ("Necesitamos una casa que", "unknown"),
        ("Quiero un coche rojo que", "unknown"),
        ("No hay nadie aquí que", "does not exist"), ("No conocen a nadie que", "does not exist"),
        ("No hay ningún libro que", "does not exist"), ("cualquier persona que", "leaves open"), ("como si", "unreal"),
    ]) func eachClassIsFoundByItsWords(_ trigger: String, _ word: String) {
        #expect(reason(trigger)?.contains(word) == true)
        #expect(reason(trigger, language: .spanish)?.isEmpty == false)
    }

    @Test(arguments: [
        "Creo que", "Pienso que", "Es verdad que", "Es cierto que", "Es evidente que", "Sé que", "Digo que", "Dice que",
        "Estoy seguro de que", "No dudo que", "No cabe duda de que", "Mientras que", "Si no", "por si", "en cuanto a",
        "sabía que", "porque", "ya que", "No te digo que", "El hombre que", "Veo que", "a lo mejor", "No sé si",
        "Parece que", "Me parece que", "si",
    ]) func whatAsksForTheIndicativeOrIsNotCertainGetsNone(_ trigger: String) {
        #expect(reason(trigger) == nil)
    }

    @Test func siTakesThePastTensesOfTheSubjunctiveOnly() {
        for tense in ["imperfect subjunctive", "pluperfect subjunctive"] {
            #expect(reason("si", tense: tense)?.contains("contrary to the facts") == true)
            #expect(reason("", tense: tense, sentence: "Si yo ___ más tiempo, viajaría.") != nil)
            #expect(reason("", tense: tense, sentence: "No sé si ___ más tiempo.") == nil)
            #expect(reason("no sé si", tense: tense) == nil && reason("sí", tense: tense) == nil)
        }
    }

    /// Whoever wrote the indicative is told when it would have been right.
    @Test(arguments: [
        ("cuando", "habits", "hábitos"), ("aunque", "as a fact", "como un hecho"),
        ("Busco un piso que", "that one knows", "que ya se conoce"),
        ("de manera que", "for a result", "consecuencia real"),
    ]) func theCasesOfTheIndicativeAreNamed(_ trigger: String, _ english: String, _ spanish: String) {
        for (language, words) in [(Language.english, english), (.spanish, spanish)] {
            let exercise = Exercise(verb: "llegar", tense: "present subjunctive", person: "él", trigger: trigger)
            let wrong = FeedbackRequest(
                userAnswer: "llega",
                correctAnswer: "llegue",
                exerciseContext: exercise,
                language: language
            )
            #expect(Tutor().feedback(for: wrong).contains(words))
            var other = wrong
            other.userAnswer = "llege"
            #expect(!Tutor().feedback(for: other).contains(words))
        }
    }

    @Test(arguments: ["Conozco a alguien que", "Hay alguien que", "Hay algo que", "Hay alguien aquí que"])
    func whomOneKnowsIsNotCalledUnknown(_ trigger: String) {
        #expect(reason(trigger) == nil)
    }

    @Test func mientrasAndSiempreQueDoNotLookAhead() {
        #expect(reason("mientras")?.contains("still open") == true)
        #expect(reason("siempre que")?.contains("condition") == true)
        for trigger in ["mientras", "siempre que"] {
            #expect(reason(trigger)?.contains("has not happened yet") == false)
            #expect(reason(trigger, language: .spanish)?.contains("condición") == true)
        }
        #expect(reason("desde que")?.contains("looks ahead") == true)
    }

    @Test func sinQueAfterANegationSaysTheOppositeAndGetsNoReason() {
        #expect(reason("No pasa un día sin que") == nil && reason("Nunca sale sin que") == nil)
        #expect(reason("sin que", sentence: "No pasa un día sin que él ___ a casa.") == nil)
        #expect(reason("", sentence: "No pasa un día sin que ___ a casa.") == nil)
        #expect(reason("Pasó un año sin que")?.contains("accompany") == true)
        #expect(reason("sin que", sentence: "Pasó un año sin que no ___ de casa.")?.contains("accompany") == true)
    }

    /// Verbs and conjunctions that take the indicative too, in another sense.
    @Test(arguments: [
        "me temo que", "insiste en que", "sugiere que", "espero que", "salvo que", "excepto que", "no cree que",
        "dondequiera que", "comoquiera que",
    ]) func theOtherSenseOfATriggerIsNamed(_ trigger: String) {
        for (language, word) in [(Language.english, "indicative"), (.spanish, "indicativo")] {
            let exercise = Exercise(verb: "llegar", tense: "present subjunctive", person: "él", trigger: trigger)
            let request = FeedbackRequest(
                userAnswer: "llega",
                correctAnswer: "llegue",
                exerciseContext: exercise,
                language: language
            )
            let said = Tutor().feedback(for: request)
            #expect(said.components(separatedBy: ";").last?.contains(word) == true, "\(said)")
        }
    }

    @Test(arguments: [
        ("Puede que", "possibility"), ("Hace falta que", "need"), ("Es hora de que", "need"),
        ("Puede ser que", "possibility"),
    ]) func possibilityAndNeedAreNoJudgements(_ trigger: String, _ word: String) {
        #expect(reason(trigger)?.contains(word) == true)
    }
}
