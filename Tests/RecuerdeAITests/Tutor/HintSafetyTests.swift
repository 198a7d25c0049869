import Foundation
import RecuerdeTesting
import Testing

@testable import RecuerdeAI

/// No hint holds a form of the answer, at any level. By default every verb is asked for in every tense, the other
/// choices in turn; `RECUERDE_TUTOR_EVERY=1` asks for every person, level and language of each (`scripts/conjugations`).
@Suite struct HintSafetyTests {
    private static let names: [SubjunctiveTense: String] = [
        .present: "present subjunctive", .imperfect: "imperfect subjunctive", .future: "future subjunctive",
        .presentPerfect: "present perfect subjunctive", .pluperfect: "pluperfect subjunctive",
        .futurePerfect: "future perfect subjunctive",
    ]

    /// Forms that are ordinary words too; a hint may use them in their ordinary sense.
    private static let ordinary: Set<String> = ["una", "entre", "use", "quite", "este", "de", "note", "cuando"]

    @Test func noHintHoldsAFormOfItsAnswer() throws {
        let isWhole = ProcessInfo.processInfo.environment["RECUERDE_TUTOR_EVERY"] == "1"
        var turn = 0
        var hints = 0
        for text in VerbLexicon.listed.sorted() {
            let verb = try #require(Infinitive(text).flatMap(Verb.init(known:)))
            for (tense, name) in Self.names.sorted(by: { $0.value < $1.value }) {
                let forms = Self.folded(verb, tense)
                let guardian = AnswerLeakGuard(exercise: Exercise(verb: text, tense: name))
                let all = Self.choices()
                turn += 1
                // From one verb to the next, each tense moves on by 19 (mod 42), and so comes to every choice.
                for choice in isWhole ? all : [all[(turn * 17 + turn / Self.names.count) % all.count]] {
                    hints += 1
                    let hint = Self.hint(text, name, choice)
                    let isSafe = !guardian.givesAway(hint) && Self.words(hint).isDisjoint(with: forms)
                    if !isSafe || hint.isEmpty || hint == "…" { Issue.record("\(text), \(name), \(choice): \(hint)") }
                }
            }
        }
        #expect(hints >= VerbLexicon.listed.count * Self.names.count)
    }

    private struct Choice {
        var person: GrammaticalPerson
        var level: Int
        var language: Language
    }

    private static func choices() -> [Choice] {
        GrammaticalPerson.allCases.flatMap { person in
            [1, 2, 3].flatMap { level in
                Language.allCases.map { Choice(person: person, level: level, language: $0) }
            }
        }
    }

    private static func hint(_ verb: String, _ tense: String, _ choice: Choice) -> String {
        let exercise = Exercise(verb: verb, tense: tense, person: choice.person.pronoun, trigger: "espero que")
        return Tutor().hint(for: HintRequest(exercise: exercise, language: choice.language, level: choice.level))
    }

    /// The forms of all persons, folded: stricter than the guard, which knows more ordinary words.
    private static func folded(_ verb: Verb, _ tense: SubjunctiveTense) -> Set<String> {
        let forms = GrammaticalPerson.allCases.flatMap { verb.forms(tense, $0) }
        return Set(forms.map(FoldedText.fold)).subtracting(ordinary)
    }

    /// The words of a hint, and each with the one that follows it.
    private static func words(_ hint: String) -> Set<String> {
        let words = FoldedText.words(hint)
        return Set(words).union(zip(words, words.dropFirst()).map { "\($0) \($1)" })
    }
}
