/// Tells whether a hint gives an exercise's answer away.
///
/// It looks for the right answer where the exercise carries it, and for every form of the verb in the tense asked for
/// that the tutor can think of; word by word, without regard to case, accents and Unicode form, and also through the
/// letters of a word set apart (`h-a-b-l-e`, `h a b l e`, `habl**e**`).
struct AnswerLeakGuard: Sendable {
    /// Folded word sequences that must not occur.
    private let sequences: [[String]]
    /// Words that only give the answer away with their accent, since without it they are among the commonest words.
    private let accented: [String]

    private static let accentMatters: Set<String> = ["dé", "esté"]

    init(exercise: Exercise, conjugator: Conjugator = Conjugator()) {
        var forms: Set<String> = []
        if let infinitive = Infinitive(exercise.verb) {
            let tenses = SubjunctiveTense(name: exercise.tense).map { [$0] } ?? SubjunctiveTense.allCases
            for tense in tenses { forms.formUnion(conjugator.possibleForms(of: infinitive, tense: tense)) }
        }
        if let answer = exercise.correctAnswer { forms.insert(InputText.answer(answer)) }
        accented = forms.filter(Self.accentMatters.contains)
        sequences = forms.subtracting(Self.accentMatters).map(FoldedText.words).filter { !$0.isEmpty }
    }

    func givesAway(_ hint: String) -> Bool {
        if !accented.isEmpty {
            let words = Set(FoldedText.split(InputText.answer(hint)))
            if accented.contains(where: words.contains) { return true }
        }
        let folded = FoldedText.fold(hint)
        let words = FoldedText.split(folded)
        let unmarked = FoldedText.split(folded.filter { !"-*_~`'’·•|+/.".contains($0) })
        let variants = [words, Self.joiningLetters(words), unmarked]
        return sequences.contains { sequence in
            variants.contains { FoldedText.contains(sequence, in: $0) }
        }
    }

    /// The words, with runs of single letters joined to one.
    private static func joiningLetters(_ words: [String]) -> [String] {
        var joined: [String] = []
        var run = ""
        for word in words {
            if word.count == 1 {
                run += word
            } else {
                if !run.isEmpty { joined.append(run) }
                run = ""
                joined.append(word)
            }
        }
        if !run.isEmpty { joined.append(run) }
        return joined
    }
}
