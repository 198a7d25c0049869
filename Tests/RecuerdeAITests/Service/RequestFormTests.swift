import Foundation
import Testing

@testable import RecuerdeAI

@Suite struct RequestFormTests {
    @Test(arguments: [
        ("Hable", "hable"), ("  hable \n", "hable"), ("HABLÉ", "hablé"), ("hable\u{301}", "hablé"),
        ("haya\u{A0}\t hablado", "haya hablado"), ("ha\u{200B}ble\u{0}", "hable"), ("\u{FEFF}hable", "hable"),
        ("e\u{200D}\u{301}", "é"), ("", ""), (" \u{3000} ", ""),
    ]) func answersAreBroughtIntoOneForm(_ text: String, _ form: String) {
        #expect(InputText.answer(text).utf8.elementsEqual(form.utf8))
    }

    @Test func normalisingTwiceChangesNothing() {
        for text in ["İstanbul", "ﬁ", "ß", "ǅ", "a\u{301}\u{200B}\u{323}", "👩‍👩‍👧", "ὈΔΥΣΣΕΎΣ"] {
            let once = InputText.answer(text)
            #expect(InputText.answer(once).utf8.elementsEqual(once.utf8), "\(text)")
        }
    }

    @Test func requestsAreReadFromTheJSONOfTheRoutes() throws {
        let json = """
            {"user_answer":"hablo","correct_answer":"hable","exercise_context":{"verb":"hablar","tense":"present",
            "person":"yo","trigger":"espero que","sentence":"Espero que ___"},"language":"es","unknown":1}
            """
        let request = try JSONDecoder().decode(FeedbackRequest.self, from: Data(json.utf8))
        #expect(request.userAnswer == "hablo" && request.exerciseContext?.verb == "hablar")
        #expect(request.language == .spanish)
        let hint = try JSONDecoder().decode(
            HintRequest.self,
            from: Data(
                "{\"exercise\":{\"verb\":\"ser\",\"tense\":\"present\",\"person\":\"yo\",\"trigger\":\"\"}}".utf8
            )
        )
        #expect(hint.userHistory.isEmpty && hint.language == .english)
        let insights = try JSONDecoder().decode(
            InsightsRequest.self,
            from: Data(
                """
                {"user_stats":{"total_exercises":3,"accuracy":50.5,"streak_days":7,"name":"x","flag":true,"list":[1]},
                "weak_areas":[{"area":"ser","accuracy":1}]}
                """.utf8
            )
        )
        #expect(insights.userStats.further == ["streak_days": 7])
        #expect(insights.userStats.totalSessions == nil)
        let back = try JSONDecoder().decode(InsightsRequest.self, from: JSONEncoder().encode(insights))
        #expect(back == insights)
    }

    @Test(arguments: [
        "{}", "{\"user_answer\":1,\"correct_answer\":\"x\"}", "{\"user_answer\":\"x\"}",
        "{\"user_answer\":\"x\",\"correct_answer\":\"x\",\"language\":\"fr\"}",
        "{\"user_answer\":\"x\",\"correct_answer\":\"x\",\"exercise_context\":{\"verb\":\"x\"}}",
    ]) func missingAndMistypedFieldsAreErrors(_ json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(FeedbackRequest.self, from: Data(json.utf8))
        }
    }

    @Test(arguments: [
        (FeedbackRequest(userAnswer: "", correctAnswer: "x"), ["user_answer"]),
        (FeedbackRequest(userAnswer: " \u{200B}", correctAnswer: "x"), ["user_answer"]),
        (FeedbackRequest(userAnswer: "x", correctAnswer: String(repeating: "x", count: 201)), ["correct_answer"]),
        (
            FeedbackRequest(userAnswer: "a" + String(repeating: "\u{301}", count: 200), correctAnswer: "x"),
            ["user_answer"]
        ),
        (
            FeedbackRequest(
                userAnswer: "x",
                correctAnswer: "x",
                exerciseContext: Exercise(
                    verb: "",
                    tense: String(repeating: "x", count: 81),
                    person: String(repeating: "x", count: 61),
                    trigger: String(repeating: "x", count: 201),
                    sentence: String(repeating: "x", count: 1_001)
                )
            ),
            [
                "exercise_context.verb", "exercise_context.tense", "exercise_context.person",
                "exercise_context.trigger", "exercise_context.sentence",
            ]
        ),
        (FeedbackRequest(userAnswer: String(repeating: "x", count: 200), correctAnswer: "x"), []),
    ]) func overlongAndEmptyFieldsAreNamed(_ request: FeedbackRequest, _ fields: [String]) {
        #expect(request.faults().map(\.field) == fields)
    }

    @Test func historyAndFiguresHaveLimits() {
        let long = HintRequest(
            exercise: Samples.exercise,
            userHistory: Array(repeating: HistoryItem(verb: String(repeating: "x", count: 61)), count: 51)
        )
        #expect(long.faults().first?.field == "user_history")
        #expect(long.faults().count == 51)
        for stats in [
            UserStats(accuracy: 100.1), UserStats(accuracy: -1), UserStats(accuracy: .nan),
            UserStats(totalExercises: 1e10), UserStats(totalSessions: -.infinity),
            UserStats(further: ["x": -1]), UserStats(further: [String(repeating: "x", count: 61): 1]),
            UserStats(further: Dictionary(uniqueKeysWithValues: (0..<21).map { ("f\($0)", 1.0) })),
        ] {
            #expect(InsightsRequest(userStats: stats).faults().count == 1)
        }
        #expect(InsightsRequest(userStats: UserStats()).faults().isEmpty)
        let areas = Array(repeating: WeakArea(area: "x", accuracy: 1), count: 51)
        #expect(InsightsRequest(userStats: UserStats(), weakAreas: areas).faults().map(\.field) == ["weak_areas"])
        let bad = [WeakArea(area: "ok", accuracy: 1), WeakArea(area: "", accuracy: 101)]
        #expect(
            InsightsRequest(userStats: UserStats(), weakAreas: bad).faults().map(\.field)
                == ["weak_areas[1].area", "weak_areas[1].accuracy"]
        )
    }
}
