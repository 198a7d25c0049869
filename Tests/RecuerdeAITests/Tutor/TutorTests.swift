import Testing

@testable import RecuerdeAI

@Suite struct TutorTests {
    private let tutor = Tutor()

    private func feedback(
        _ answer: String,
        _ right: String,
        verb: String = "hablar",
        tense: String = "present subjunctive",
        person: String = "yo",
        language: Language = .english
    ) -> String {
        tutor.feedback(
            for: FeedbackRequest(
                userAnswer: answer,
                correctAnswer: right,
                exerciseContext: Exercise(verb: verb, tense: tense, person: person, trigger: "espero que"),
                language: language
            )
        )
    }

    @Test(arguments: [
        ("hablé", "hable", "hablar", "yo", "accents"),
        ("hablar", "hable", "hablar", "yo", "infinitive"),
        ("hablen", "hable", "hablar", "yo", "another person"),
        ("hablara", "hable", "hablar", "yo", "imperfect subjunctive"),
        ("hablo", "hable", "hablar", "yo", "present indicative"),
        ("vuelves", "vuelvas", "volver", "tú", "present indicative"),
        ("juge", "juegue", "jugar", "yo", "stem"),
        ("busce", "busque", "buscar", "yo", "stem"),
        ("xyz", "hable", "hablar", "yo", "hable"),
    ]) func itNamesWhatWasDoneInstead(
        _ answer: String,
        _ right: String,
        _ verb: String,
        _ person: String,
        _ word: String
    ) {
        let text = feedback(answer, right, verb: verb, person: person)
        #expect(text.contains(word))
        #expect(text.contains("«\(right)»"))
        #expect(text.contains("a wish"))
    }

    @Test func aRightAnswerIsPraisedAndAWrongOneNever() {
        for language in Language.allCases {
            let right = feedback("Hable ", "hable", language: language)
            #expect(!right.contains("«hable»"))
            for wrong in ["hablé", "hablo", "", "🙂", "hable hable", String(repeating: "a", count: 200)] {
                let text = feedback(wrong, "hable", language: language)
                #expect(text.contains("«hable»"))
            }
        }
    }

    @Test func itIsDeterministicAndSpeaksBothLanguages() {
        #expect(feedback("hablo", "hable") == feedback("hablo", "hable"))
        #expect(feedback("hablo", "hable", language: .spanish).contains("indicativo"))
    }

    @Test func ofUnknownVerbsAndTriggersItSaysLess() {
        let request = FeedbackRequest(
            userAnswer: "afierre",
            correctAnswer: "aferre",
            exerciseContext: Exercise(verb: "aferrar", tense: "unknown", person: "?", trigger: "qwerty")
        )
        let text = tutor.feedback(for: request)
        #expect(text.contains("«aferre»"))
        #expect(!text.contains("person") && !text.contains("tense") && !text.contains("stem"))
        #expect(!tutor.feedback(for: FeedbackRequest(userAnswer: "a", correctAnswer: "b")).isEmpty)
    }

    @Test func noReasonForTheSubjunctiveIsGivenWhereTheIndicativeIsAsked() {
        let text = tutor.feedback(
            for: FeedbackRequest(
                userAnswer: "llegue",
                correctAnswer: "llegué",
                exerciseContext: Exercise(
                    verb: "llegar",
                    tense: "preterite indicative",
                    person: "yo",
                    trigger: "cuando"
                )
            )
        )
        #expect(!text.contains("looks ahead"))
    }

    @Test(arguments: ["the", "a", "mood", "Which mood follows here", "que", "verb", "modo", "subjunctive", "…"])
    func evenAnAnswerMadeOfOrdinaryWordsIsNotGivenAway(_ answer: String) {
        for language in Language.allCases {
            var exercise = Samples.exercise
            exercise.correctAnswer = answer
            let hint = tutor.hint(for: HintRequest(exercise: exercise, language: language))
            let padded = " " + FoldedText.words(hint).joined(separator: " ") + " "
            #expect(!padded.contains(" " + FoldedText.words(answer).joined(separator: " ") + " ") || answer == "…")
            #expect(!hint.isEmpty)
        }
    }

    @Test func aHintNamesTheReasonThePatternAndEarlierTrouble() {
        let missed = HistoryItem(
            tense: "presente de subjuntivo",
            userAnswer: "hablé",
            correctAnswer: "hable",
            isCorrect: false
        )
        let hint = tutor.hint(for: Samples.hint([missed]))
        #expect(hint.contains("a wish") && hint.contains("-ar") && hint.contains("accent"))
    }

    @Test(arguments: [
        UserStats(), UserStats(totalExercises: 0, accuracy: 0, totalStudyTimeMinutes: 0, totalSessions: 0),
        UserStats(totalExercises: -5, accuracy: 900, totalStudyTimeMinutes: -1, totalSessions: -3),
        UserStats(totalExercises: .nan, accuracy: .nan, totalStudyTimeMinutes: .infinity, totalSessions: .nan),
        UserStats(totalExercises: 1e308, accuracy: 1e308, totalStudyTimeMinutes: 1e308, totalSessions: 1e-308),
        UserStats(totalExercises: 10, accuracy: 100, totalStudyTimeMinutes: 0.01, totalSessions: 1_000_000),
        UserStats(totalExercises: 500, accuracy: 65, totalStudyTimeMinutes: 900, totalSessions: 30),
    ]) func insightsAreSoundWhateverTheFigures(_ stats: UserStats) {
        let areas = [
            WeakArea(area: "imperfect", accuracy: 30), WeakArea(area: "ser", accuracy: .nan),
            WeakArea(area: "", accuracy: 10), WeakArea(area: "ir", accuracy: -4), WeakArea(area: "ver", accuracy: 99),
        ]
        for language in Language.allCases {
            for weakAreas in [[], areas] {
                let insights = tutor.insights(
                    for: InsightsRequest(userStats: stats, weakAreas: weakAreas, language: language)
                )
                #expect((3...5).contains(insights.count) && Set(insights).count == insights.count)
                for insight in insights {
                    #expect(!insight.isEmpty && !insight.contains("nan") && !insight.contains("inf "))
                    #expect(!insight.contains("-"), "\(insight)")
                }
            }
        }
    }

    @Test(arguments: [
        ("imperfect subjunctive", "preterite"), ("ser", "ser in all persons"), ("doubt", "no creo que"),
        ("stem-changing verbs", "vowel that changes"), ("something else", "ten exercises"),
        ("si clauses", "si tuviera"),
    ]) func aWeakAreaGetsAStepOfItsOwn(_ area: String, _ words: String) {
        let insights = tutor.insights(
            for: InsightsRequest(
                userStats: UserStats(totalExercises: 100, accuracy: 80),
                weakAreas: [WeakArea(area: area, accuracy: 40)]
            )
        )
        #expect(insights.first?.contains(words) == true)
    }

    @Test func whatIsNotKnownIsNotClaimed() {
        let insights = tutor.insights(for: InsightsRequest(userStats: UserStats(accuracy: 60)))
        #expect(!insights.contains { $0.contains("sessions") || $0.contains("few exercises") })
        #expect(insights.first?.contains("60 %") == true)
    }

    @Test func theWeakestAreaComesFirst() {
        let insights = tutor.insights(
            for: InsightsRequest(
                userStats: UserStats(totalExercises: 50, accuracy: 70),
                weakAreas: [WeakArea(area: "one", accuracy: 60), WeakArea(area: "other", accuracy: 20)]
            )
        )
        #expect(insights.first?.contains("other") == true)
        #expect(insights.filter { $0.contains("most attention") }.count == 1)
        #expect(insights.dropFirst().first?.contains("Then turn to one") == true)
    }

    @Test func whoHasNotBegunIsToldTheSameInBothLanguages() {
        let english = tutor.insights(for: InsightsRequest(userStats: UserStats()))
        let spanish = tutor.insights(for: InsightsRequest(userStats: UserStats(), language: .spanish))
        #expect(english.first?.contains("ten exercises make a good start") == true)
        #expect(spanish.first?.contains("con diez ejercicios empiezas bien") == true)
    }

    @Test func triggersAreFoundByTheirLongestPhrase() {
        func reason(_ trigger: String, _ sentence: String? = nil) -> String? {
            let exercise = Exercise(verb: "salir", tense: "present subjunctive", trigger: trigger, sentence: sentence)
            return TriggerCatalogue().reason(for: exercise, in: .english)
        }
        #expect(reason("No creo que")?.contains("doubts") == true)
        #expect(reason("Ojalá")?.contains("Ojalá") == true)
        #expect(reason("", "Antes de que ___ (salir)…")?.contains("yet to come") == true)
        #expect(reason("creo que") == nil)
        #expect(reason("") == nil)
    }

    private func insights(_ exercises: Double?, _ areas: [WeakArea]) -> [String] {
        tutor.insights(
            for: InsightsRequest(userStats: UserStats(totalExercises: exercises, accuracy: 80), weakAreas: areas)
        )
    }

    @Test func ofNoExercisesNoAreaIsWeak() {
        let texts = insights(0, [WeakArea(area: "ser", accuracy: 30)])
        #expect(!texts.contains { $0.contains("30 %") } && texts.first?.contains("good start") == true)
    }

    @Test func whatIsMasteredAfterRoundingIsNotWeak() {
        #expect(!insights(50, [WeakArea(area: "ser", accuracy: 89.6)]).contains { $0.contains("90 %") })
        #expect(insights(50, [WeakArea(area: "ser", accuracy: 89.4)]).contains { $0.contains("89 %") })
    }

    @Test func anAreaIsNamedOnce() {
        let texts = insights(50, [WeakArea(area: "Ser", accuracy: 40), WeakArea(area: "ser", accuracy: 50)])
        #expect(texts.filter { $0.contains("% right):") }.count == 1)
        #expect(texts.first?.contains("40 %") == true)
    }

    @Test func theTenseOfAnAreaCounts() {
        #expect(
            insights(50, [WeakArea(area: "irregular imperfect", accuracy: 40)]).first?.contains("preterite") == true
        )
        #expect(insights(50, [WeakArea(area: "irregular verbs", accuracy: 40)]).first?.contains("estar") == true)
    }
}
