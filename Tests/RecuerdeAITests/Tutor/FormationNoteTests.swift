import Testing

@testable import RecuerdeAI

/// What is said of how a form comes about leads to that form, for every verb of the lexicon.
@Suite struct FormationNoteTests {
    @Test func everyNoteLeadsToTheFormThatItIsGivenFor() throws {
        var notes = 0
        var forms = 0
        for text in VerbLexicon.listed.sorted() {
            let verb = try #require(Infinitive(text).flatMap(Verb.init(known:)))
            for (tense, name) in [
                (SubjunctiveTense.present, "present"), (.imperfect, "imperfect"), (.future, "future subjunctive"),
            ] {
                for person in GrammaticalPerson.allCases {
                    for form in verb.forms(tense, person) {
                        forms += 1
                        let request = FeedbackRequest(
                            userAnswer: "x",
                            correctAnswer: form,
                            exerciseContext: Exercise(verb: text, tense: name, person: person.pronoun)
                        )
                        let target = try #require(ExerciseTarget(request), "\(text) \(form)")
                        guard let note = FormationNote(target) else { continue }
                        notes += 1
                        if Self.result(of: note) != form { Issue.record("\(text): \(form) by \(note)") }
                    }
                }
            }
        }
        // What stands without a note has a form that the Academy admits beside the one that the steps lead to.
        #expect(Double(notes) / Double(forms) > 0.98, "\(notes) of \(forms)")
    }

    /// Follows the steps of a note.
    private static func result(of note: FormationNote) -> String {
        func spelled(_ stem: some StringProtocol, _ spelling: FormationNote.Spelling?) -> String {
            guard let spelling else { return String(stem) }
            return stem.dropLast(spelling.before.count) + spelling.after
        }
        switch note {
        case .ownStem(let stem, let ending), .stressedEnding(let stem, let ending): return stem + ending
        case .fromYo(let yo, let ending, let spelling): return spelled(yo.dropLast(), spelling) + ending
        case .fromInfinitive(let stem, let ending, let spelling): return spelled(stem, spelling) + ending
        case .fromEl(let el, let ending): return el.dropLast() + ending
        case .closed(let stem, let ending, _, _): return stem + ending
        case .fromPreterite(let preterite, let ending, let accent):
            let stem = String(preterite.dropLast(3))
            return (accent ? Orthography.accentingEnd(stem) : stem) + ending
        case .compound(let auxiliary, _, let participle, _): return "\(auxiliary) \(participle)"
        }
    }
}
