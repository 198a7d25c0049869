import Foundation
import Testing

@testable import RecuerdeAI

@Suite struct HintTests {
    private let tutor = Tutor()

    private func hint(
        _ verb: String,
        _ tense: String,
        person: String = "tú",
        level: Int? = nil,
        language: Language = .english,
        history: [HistoryItem] = []
    ) -> String {
        let exercise = Exercise(verb: verb, tense: tense, person: person, trigger: "espero que")
        return tutor.hint(
            for: HintRequest(exercise: exercise, userHistory: history, language: language, level: level)
        )
    }

    @Test(arguments: Language.allCases) func eachLevelHelpsMore(_ language: Language) {
        let levels = [1, 2, 3].map { hint("tener", "present subjunctive", level: $0, language: language) }
        #expect(Set(levels).count == 3)
        #expect(!levels[0].contains("-o") && levels[1].contains("-o") && levels[2].contains("«tengo»"))
        #expect(levels[2].contains("-s") && !levels[1].contains("«tengo»"))
    }

    @Test(arguments: [
        ("hacer", "imperfect subjunctive", "«hicieron»"), ("escribir", "present perfect subjunctive", "«escrito»"),
        ("dar", "present subjunctive", "The stem is that of the infinitive"), ("ir", "present subjunctive", "one stem"),
        ("pedir", "future subjunctive", "«pidieron»"),
    ]) func theThirdLevelNamesAFormToStartFrom(_ verb: String, _ tense: String, _ words: String) {
        #expect(hint(verb, tense, level: 3).contains(words))
        #expect(!hint(verb, tense, level: 2).contains(words))
    }

    @Test func withoutALevelItIsTheSecond() {
        #expect(hint("tener", "present subjunctive") == hint("tener", "present subjunctive", level: 2))
        let exercise = Exercise(verb: "tener", tense: "present")
        #expect(HintRequest(exercise: exercise, level: 2).normalized == HintRequest(exercise: exercise).normalized)
        #expect(HintRequest(exercise: exercise, level: 3).normalized != HintRequest(exercise: exercise).normalized)
    }

    @Test(arguments: [(0, false), (1, true), (3, true), (4, false), (-1, false), (Int.max, false)])
    func aLevelLiesBetweenOneAndThree(_ level: Int, _ isGood: Bool) {
        let request = HintRequest(exercise: Exercise(verb: "tener", tense: "present"), level: level)
        #expect(request.faults().map(\.field) == (isGood ? [] : ["level"]))
        #expect(!tutor.hint(for: request).isEmpty)
    }

    @Test func aLevelIsReadAndWrittenAndMayBeMissing() throws {
        let json = #"{"exercise":{"verb":"ir","tense":"present","person":"","trigger":""},"level":3}"#
        let request = try JSONDecoder().decode(HintRequest.self, from: Data(json.utf8))
        #expect(request.level == 3)
        #expect(try JSONDecoder().decode(HintRequest.self, from: JSONEncoder().encode(request)) == request)
        let without = #"{"exercise":{"verb":"ir","tense":"present","person":"","trigger":""}}"#
        let old = try JSONDecoder().decode(HintRequest.self, from: Data(without.utf8))
        #expect(old.level == nil)
        #expect(!String(decoding: try JSONEncoder().encode(old), as: UTF8.self).contains("level"))
    }

    private static func missed(_ verb: String, _ person: String, _ right: String, _ answer: String) -> HistoryItem {
        HistoryItem(
            verb: verb,
            tense: "present subjunctive",
            person: person,
            userAnswer: answer,
            correctAnswer: right,
            isCorrect: false
        )
    }

    @Test(arguments: [
        ([missed("hablar", "yo", "hable", "hablo")], "the indicative before"),
        ([missed("hablar", "yo", "hable", "hables")], "mixed up persons"),
        ([missed("pensar", "yo", "piense", "pense")], "stem has gone wrong"),
        ([missed("buscar", "yo", "busque", "busce")], "spelling has gone wrong"),
        ([missed("hablar", "yo", "hable", "hablara")], "mixed up tenses"),
        ([missed("salir", "yo", "salga", "salge")], "ending of another class"),
        ([missed("hablar", "yo", "hable", "xyz")], "tense hard before"),
        (
            [
                missed("hablar", "yo", "hable", "hablo"), missed("comer", "yo", "coma", "como"),
                missed("hablar", "yo", "hable", "hables"),
            ], "the indicative before"
        ),
    ]) func whatWentWrongLatelyIsNamed(_ history: [HistoryItem], _ words: String) {
        #expect(hint("vivir", "present subjunctive", history: history).contains(words))
        #expect(!hint("vivir", "imperfect subjunctive", history: history).contains(words))
        #expect(
            hint("vivir", "present subjunctive", language: .spanish, history: history)
                != hint("vivir", "present subjunctive", language: .spanish)
        )
    }
}
