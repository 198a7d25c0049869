import RecuerdeTesting
import Testing

@testable import RecuerdeAI

@Suite struct AnswerDiagnosisTests {
    private static func name(_ diagnosis: AnswerDiagnosis) -> String {
        String(describing: diagnosis).prefix { $0 != "(" }.description
    }

    @Test func atLeast95Of100LearnersAnswersAreReadRightly() {
        let lines = LabelledAnswers.all
        #expect(lines.count >= 300)
        let missed = lines.filter { line in
            Self.name(AnswerDiagnosis(line.request.normalized, conjugator: Conjugator())) != line.label
        }
        let share = Double(lines.count - missed.count) / Double(lines.count)
        let list = missed.map { line in
            "\(line), read as \(Self.name(AnswerDiagnosis(line.request.normalized, conjugator: Conjugator())))"
        }
        #expect(Set(missed.map(\.answer)) == ["hablés", "huia", "hayan veído"], "\(missed)")
        #expect(share >= 0.95, "\(share): \(list.joined(separator: "\n"))")
    }

    @Test(arguments: Language.allCases) func whatIsSaidHasThreeSentencesAtMost(_ language: Language) {
        for line in LabelledAnswers.all {
            var request = line.request
            request.language = language
            request.exerciseContext?.trigger = "quiero que"
            let text = Tutor().feedback(for: request).replacing("???", with: "")
            // «¡Muy bien!» is an exclamation before the sentence.
            let sentences = text.replacing("¡Muy bien!", with: "").count { ".!?".contains($0) }
            #expect((1...3).contains(sentences), "\(line): \(text)")
        }
    }

    @Test func everyKindOfMistakeIsAmongTheLabels() {
        let labels = Set(LabelledAnswers.all.map(\.label))
        #expect(labels.count >= 25)
        for label in labels where label != "right" {
            #expect(LabelledAnswers.all.filter { $0.label == label }.count >= 2, "\(label)")
        }
    }

    /// Whatever a learner writes, nothing breaks, and only what is right is praised.
    @Test(arguments: 0..<4) func noInputBreaksItAndNoneIsPraisedFalsely(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let lines = LabelledAnswers.all
        let tutor = Tutor()
        let praise = [
            "Correct", "Well done", "That is right", "Yes, that", "Exactly", "Good: ", "¡Correcto", "¡Así es",
            "Sí, esa",
            "¡Exacto", "¡Muy bien!", "Bien, «",
        ]
        for _ in 0..<2_000 {
            let line = lines[Int.random(in: 0..<lines.count, using: &random)]
            var request = line.request
            request.userAnswer = Self.mangled(line.answer, &random)
            request.language = Bool.random(using: &random) ? .english : .spanish
            request.exerciseContext?.trigger = Self.noise(&random)
            request.exerciseContext?.sentence = Self.noise(&random)
            if Int.random(in: 0..<8, using: &random) == 0 { request.exerciseContext?.verb = Self.noise(&random) }
            let text = tutor.feedback(for: request)
            #expect(!text.isEmpty)
            let answer = Self.bare(request.normalized.userAnswer)
            let right = Self.bare(request.normalized.correctAnswer)
            let isPraised = praise.contains { text.hasPrefix($0) }
            #expect(!isPraised || answer == right || Self.pairs.contains([right, answer]), "\(answer): \(text)")
            if answer == right {
                #expect(isPraised, "\(answer): \(text)")
            } else {
                #expect(text.contains("«\(request.normalized.correctAnswer)»"), "\(text)")
            }
        }
    }

    /// The right answers by hand, each with what is right beside it.
    private static let pairs = Set(
        LabelledAnswers.all.filter { $0.label == "otherRightForm" }.map { [$0.right, bare($0.answer)] }
    )

    /// A text without the marks around it.
    private static func bare(_ text: String) -> String {
        let isLetter = { (character: Character) in !character.isPunctuation && !character.isWhitespace }
        let start = text.drop { !isLetter($0) }
        return String(start.reversed().drop { !isLetter($0) }.reversed())
    }

    private static let scalars: [ClosedRange<UInt32>] = [
        0x20...0x7E, 0xA0...0x17F, 0x300...0x36F, 0x400...0x4FF, 0x5D0...0x5EA, 0x200B...0x200F, 0x2028...0x202E,
        0x4E00...0x4E20, 0x1F600...0x1F64F, 0xE000...0xE010, 0x0...0x1F, 0xFF00...0xFF5E, 0x1D400...0x1D420,
    ]

    private static func noise(_ random: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...20, using: &random) {
            let range = scalars[Int.random(in: 0..<scalars.count, using: &random)]
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { text.append(scalar) }
        }
        return String(text)
    }

    private static func mangled(_ answer: String, _ random: inout SeededGenerator) -> String {
        var letters = Array(answer)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return noise(&random)
        case 1: return answer + noise(&random)
        case 2 where !letters.isEmpty:
            letters.remove(at: Int.random(in: 0..<letters.count, using: &random))
            return String(letters)
        case 3: return noise(&random) + answer
        default: return answer.uppercased()
        }
    }

    /// Right is right however it is written, and as whatever form usage has.
    @Test(arguments: [" HABLARA ", "hablara\u{200B}", "HABLASE"]) func caseAndSpacesDoNotCount(_ answer: String) {
        let request = FeedbackRequest(
            userAnswer: answer,
            correctAnswer: "hablara",
            exerciseContext: Exercise(verb: "hablar", tense: "imperfect subjunctive", person: "yo")
        )
        let diagnosis = AnswerDiagnosis(request.normalized, conjugator: Conjugator())
        #expect(diagnosis == .right || diagnosis == .otherRightForm)
    }

    @Test func whereTheExerciseContradictsTheGrammarNothingIsExplained() {
        for (verb, right, answer) in [("hablar", "hablemos", "hablo"), ("tener", "tenja", "tiene")] {
            let request = FeedbackRequest(
                userAnswer: answer,
                correctAnswer: right,
                exerciseContext: Exercise(verb: verb, tense: "present subjunctive", person: "yo")
            )
            let diagnosis = AnswerDiagnosis(request.normalized, conjugator: Conjugator())
            #expect(diagnosis == .unknown)
        }
    }

    @Test func whatIsSaidOfOtherVerbsIsTrue() throws {
        for line in LabelledAnswers.all {
            let diagnosis = AnswerDiagnosis(line.request.normalized, conjugator: Conjugator())
            guard case .otherVerb(let name) = diagnosis else { continue }
            let verb = try #require(Infinitive(name).flatMap(Verb.init(known:)))
            let core = SplitAnswer(line.request.normalized.userAnswer).core
            let isForm = GrammaticalPerson.allCases.contains { person in
                SubjunctiveTense.allCases.contains { verb.forms($0, person).contains(core) }
                    || IndicativeTense.allCases.contains { verb.forms($0, person).contains(core) }
            }
            let participle = core.split(separator: " ").last.map(String.init) ?? ""
            #expect(isForm || verb.participles.contains(participle), "\(line)")
        }
    }
}
