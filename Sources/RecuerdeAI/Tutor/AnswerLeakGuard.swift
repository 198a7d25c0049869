/// Tells whether a hint gives an exercise's answer away.
///
/// It looks for the right answer where the exercise carries it, and for every form of the verb in the tense asked for
/// that the tutor can think of; word by word, without regard to case, accents and Unicode form, and also through the
/// letters of a word set apart (`h-a-b-l-e`, `h a b l e`, `habl**e**`).
struct AnswerLeakGuard: Sendable {
    /// Folded words that must not occur.
    private let words: Set<String>
    /// Folded sequences of several words that must not occur.
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
        let folded = forms.subtracting(Self.accentMatters).map(FoldedText.words)
        words = Set(folded.compactMap { $0.count == 1 ? $0.first : nil })
        sequences = folded.filter { $0.count > 1 }
    }

    func givesAway(_ hint: String) -> Bool {
        if !accented.isEmpty {
            let words = Set(FoldedText.split(InputText.answer(hint)))
            if accented.contains(where: words.contains) { return true }
        }
        let folded = FoldedText.fold(hint)
        let plain = FoldedText.split(folded)
        let unmarked = FoldedText.split(folded.filter { !"-*_~`'’·•|+/.".contains($0) })
        return [plain, Self.joiningLetters(plain), unmarked].contains { variant in
            variant.contains(where: words.contains)
                || sequences.contains { FoldedText.contains($0, in: variant) }
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
