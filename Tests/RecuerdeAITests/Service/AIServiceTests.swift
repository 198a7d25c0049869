import Logging
import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeAI

@Suite(.timeLimit(.minutes(2))) struct AIServiceTests {
    @Test func anAnswerIsPaidForOnceAndThenKept() async throws {
        let provider = ScriptedProvider(text: "Piensa en el deseo.")
        let time = ManualTimeSource()
        let service = Samples.service(provider, time: time)
        let first = try await service.generateFeedback(Samples.feedback())
        #expect(first.feedback == "Piensa en el deseo.")
        #expect(!first.isCorrect)
        #expect(first.provenance.source == .load && first.provenance.stored && first.provenance.reason == nil)
        #expect(first.provenance.provider == "anthropic" && first.provenance.model == "claude-haiku-4-5")
        time.advance(by: .seconds(100))
        let second = try await service.generateFeedback(Samples.feedback(" HABLO"))
        #expect(second.feedback == first.feedback)
        #expect(second.provenance.source == .memory)
        #expect(second.provenance.age == 100 && second.provenance.remaining == 3_500)
        #expect(provider.requests.count == 1)
    }

    @Test(arguments: [(AnswerKind.feedback, 3_600), (.hint, 1_800), (.insights, 7_200)])
    func eachKindLivesItsOwnTime(_ kind: AnswerKind, _ seconds: Int) async throws {
        let provider = ScriptedProvider(text: "[\"words\"]")
        let time = ManualTimeSource()
        let service = Samples.service(provider, time: time)
        func ask() async throws -> AnswerProvenance {
            switch kind {
            case .feedback: try await service.generateFeedback(Samples.feedback()).provenance
            case .hint: try await service.generatePersonalizedHint(Samples.hint()).provenance
            case .insights: try await service.generateLearningInsights(Samples.insights).provenance
            }
        }
        #expect(try await ask().source == .load)
        time.advance(by: .seconds(seconds - 1))
        #expect(try await ask().source == .memory)
        time.advance(by: .seconds(1))
        #expect(try await ask().source == .load)
        let request = try #require(provider.requests.first)
        let expected: (Int, Double) = kind == .feedback ? (200, 0.7) : kind == .hint ? (150, 0.7) : (500, 0.6)
        #expect(request.maximumTokens == expected.0 && request.temperature == expected.1)
    }

    @Test func limitsForAllKindsAreHeeded() async throws {
        var configuration = AIServiceConfiguration()
        configuration.maximumTokensCap = 180
        configuration.temperatureOverride = 0.1
        configuration.hint.model = "claude-opus-5"
        let provider = ScriptedProvider(text: "[\"words\"]")
        let service = Samples.service(provider, configuration: configuration)
        _ = try await service.generateFeedback(Samples.feedback())
        _ = try await service.generatePersonalizedHint(Samples.hint())
        _ = try await service.generateLearningInsights(Samples.insights)
        #expect(provider.requests.map(\.maximumTokens) == [180, 150, 180])
        #expect(provider.requests.map(\.temperature) == [0.1, 0.1, 0.1])
        #expect(provider.requests.map(\.model) == ["claude-haiku-4-5", "claude-opus-5", "claude-haiku-4-5"])
    }

    @Test func aHundredAtOnceCostOneCall() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { (request) async throws(ProviderError) in
            await gate.pass()
            return ProviderAnswer(text: "once", model: request.model, usage: TokenUsage(input: 10, output: 5))
        }
        let service = Samples.service(provider)
        let answers = try await withThrowingTaskGroup(of: FeedbackAnswer.self) { group in
            for index in 0..<100 {
                group.addTask {
                    try await service.generateFeedback(Samples.feedback(index % 2 == 0 ? "Hablo" : "hablo "))
                }
            }
            await gate.waitForArrivals(1)
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 100)
        #expect(answers.allSatisfy { $0.feedback == "once" })
        #expect(provider.requests.count == 1)
        #expect(service.savings.calls == 99)
        #expect(service.usage.total.calls == 1)
    }

    @Test(arguments: [
        ("hable", true), ("Hable ", true), ("HABLE", true), ("hablé", false), ("hablo", false),
    ]) func whetherAnAnswerIsRightIsDecidedHere(_ answer: String, _ isCorrect: Bool) async throws {
        for provider in [ScriptedProvider(text: "{\"is_correct\": \(!isCorrect)} It is \(!isCorrect)."), nil] {
            let service = Samples.service(provider)
            for _ in 0..<2 {
                #expect(try await service.generateFeedback(Samples.feedback(answer)).isCorrect == isCorrect)
            }
        }
    }

    @Test func decomposedTextIsTheSameText() async throws {
        let provider = ScriptedProvider(text: "ok")
        let service = Samples.service(provider)
        let composed = try await service.generateFeedback(Samples.feedback("habl\u{E9}", right: "hable\u{301}"))
        let decomposed = try await service.generateFeedback(Samples.feedback("hable\u{301}", right: "habl\u{E9}"))
        #expect(composed.isCorrect && decomposed.isCorrect)
        #expect(decomposed.provenance.source == .memory)
    }

    @Test func whatBreaksARuleIsRefusedBeforeAnythingIsAsked() async throws {
        let provider = ScriptedProvider(text: "ok")
        let service = Samples.service(provider)
        let secret = "palabrasecreta"
        let request = FeedbackRequest(userAnswer: secret + String(repeating: "x", count: 200), correctAnswer: "")
        let error = await #expect(throws: AIServiceError.self) { try await service.generateFeedback(request) }
        #expect(error?.code == .invalid)
        #expect(error?.fields.map(\.field) == ["user_answer", "correct_answer"])
        #expect(error?.field == "user_answer")
        #expect(error?.description.contains(secret) == false)
        #expect(provider.requests.isEmpty)
        #expect(service.cacheStatistics().cacheSize == 0)
    }

    @Test func aCallersWishesOfTheCacheAreHeeded() async throws {
        let provider = ScriptedProvider(text: "ok")
        let time = ManualTimeSource()
        let service = Samples.service(provider, time: time)
        func ask(_ policy: RequestPolicy) async throws -> AnswerProvenance {
            try await service.generateFeedback(Samples.feedback(), policy: policy).provenance
        }
        let absent = await #expect(throws: AIServiceError.self) { try await ask(RequestPolicy(onlyIfCached: true)) }
        #expect(absent?.code == .notCached)
        #expect(provider.requests.isEmpty)
        let bypassed = try await ask(RequestPolicy(noStore: true))
        #expect(bypassed.source == .load && !bypassed.stored)
        #expect(try await ask(.init()).source == .load)
        #expect(try await ask(RequestPolicy(onlyIfCached: true)).source == .memory)
        time.advance(by: .seconds(60))
        #expect(try await ask(RequestPolicy(maximumAge: .seconds(60))).source == .memory)
        #expect(try await ask(RequestPolicy(maximumAge: .seconds(59))).source == .load)
        #expect(try await ask(RequestPolicy(noCache: true)).source == .load)
        #expect(provider.requests.count == 4)
        await #expect(throws: AIServiceError.self) { try await ask(RequestPolicy(onlyIfCached: true, noCache: true)) }
    }

    @Test func aHintThatGivesTheAnswerAwayIsNeitherShownNorKept() async throws {
        for leak in ["The answer is HABLE.", "Try hable\u{301}!", "Think: hablemos, hablen…", "h-a-b-l-e"] {
            let provider = ScriptedProvider(text: leak)
            let service = Samples.service(provider)
            for round in 1...2 {
                let answer = try await service.generatePersonalizedHint(Samples.hint())
                #expect(answer.hint != leak && !answer.hint.lowercased().contains("hable"))
                #expect(answer.provenance.source == .tutor && answer.provenance.reason == .hintContainedAnswer)
                #expect(provider.requests.count == round)
            }
            #expect(service.cacheStatistics().cacheSize == 0)
            #expect(service.usage.total.outcomes == ["hint_contained_answer": 2])
        }
    }

    @Test func anotherLearnersHintIsNotServed() async throws {
        let provider = ScriptedProvider(text: "Think of the ending.")
        let service = Samples.service(provider)
        _ = try await service.generatePersonalizedHint(Samples.hint())
        let missed = HistoryItem(verb: "hablar", userAnswer: "hablo", isCorrect: false)
        #expect(try await service.generatePersonalizedHint(Samples.hint([missed])).provenance.source == .load)
        #expect(try await service.generatePersonalizedHint(Samples.hint([missed])).provenance.source == .memory)
    }

    @Test func insightsAreReadFromWhateverStandsAroundThem() async throws {
        let service = Samples.service(ScriptedProvider(text: "Here:\n[\"one\", \"two\"]\nBye"))
        #expect(try await service.generateLearningInsights(Samples.insights).insights == ["one", "two"])
        let poor = Samples.service(ScriptedProvider(text: "no list"))
        let answer = try await poor.generateLearningInsights(Samples.insights)
        #expect(answer.provenance.reason == .providerFailed)
        #expect((1...5).contains(answer.insights.count))
        #expect(poor.cacheStatistics().cacheSize == 0)
    }

    @Test func withoutAProviderTheTutorAnswersAndItsAnswersAreItsOwn() async throws {
        let service = Samples.service(nil)
        let first = try await service.generateFeedback(Samples.feedback())
        #expect(first.provenance.source == .tutor && first.provenance.reason == .notConfigured)
        #expect(first.provenance.provider == "tutor")
        let second = try await service.generateFeedback(Samples.feedback())
        #expect(second.provenance.source == .memory && second.provenance.provider == "tutor")
        #expect(second.feedback == first.feedback)
        #expect(service.savings.calls == 0)
        let health = await service.healthCheck()
        #expect(health.status == .disabled && !health.configured && health.provider == "tutor")
        #expect((1...5).contains(try await service.generateLearningInsights(Samples.insights).insights.count))
        #expect(!(try await service.generatePersonalizedHint(Samples.hint()).hint.isEmpty))
    }

    @Test func aTutorsAnswerFromBeforeIsNotTakenForTheProviders() async throws {
        let time = ManualTimeSource()
        let cache = Cache(timeSource: time)
        let before = AIService(cache: cache, provider: nil, timeSource: time)
        _ = try await before.generateFeedback(Samples.feedback())
        let provider = ScriptedProvider(text: "the model's")
        let after = AIService(cache: cache, provider: provider, timeSource: time)
        #expect(try await after.generateFeedback(Samples.feedback()).feedback == "the model's")
    }

    @Test func aBatchKeepsItsOrderAndABadItemFailsAlone() async throws {
        let provider = ScriptedProvider { (request) throws(ProviderError) in
            ProviderAnswer(text: request.user, model: request.model, usage: nil)
        }
        var configuration = AIServiceConfiguration()
        configuration.batchConcurrency = 3
        let service = Samples.service(provider, configuration: configuration)
        let requests = (0..<20).map { Samples.feedback($0 == 7 ? "" : "word\($0)") }
        let results = await service.batchGenerateFeedback(requests)
        #expect(results.count == 20)
        for (index, result) in results.enumerated() {
            switch result {
            case .success(let answer): #expect(answer.feedback.contains("\"word\(index)\""))
            case .failure(let error): #expect(index == 7 && (error as? AIServiceError)?.field == "user_answer")
            }
        }
        #expect(await service.batchGenerateFeedback([]).isEmpty)
    }

    @Test func aBatchIsBoundedInLengthAndAtOnce() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { (request) async throws(ProviderError) in
            await gate.pass()
            return ProviderAnswer(text: "ok", model: request.model, usage: nil)
        }
        var configuration = AIServiceConfiguration()
        configuration.batchConcurrency = 4
        let service = Samples.service(provider, configuration: configuration)
        async let results = service.batchGenerateFeedback((0..<60).map { Samples.feedback("word\($0)") })
        await gate.waitForArrivals(4)
        #expect(provider.requests.count == 4)
        gate.open()
        let done = await results
        #expect(done.count == 60)
        #expect(done.filter { (try? $0.get()) == nil }.count == 10)
        #expect(provider.requests.count == 50)
    }

    @Test func aCancelledBatchStartsNoFurtherCalls() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { (request) async throws(ProviderError) in
            await gate.pass()
            return ProviderAnswer(text: "ok", model: request.model, usage: nil)
        }
        var configuration = AIServiceConfiguration()
        configuration.batchConcurrency = 2
        let service = Samples.service(provider, configuration: configuration)
        let batch = Task { await service.batchGenerateFeedback((0..<20).map { Samples.feedback("word\($0)") }) }
        await gate.waitForArrivals(2)
        batch.cancel()
        let results = await batch.value
        #expect(results.count == 20)
        for result in results { #expect(throws: CancellationError.self) { try result.get() } }
        #expect(provider.requests.count == 2)
        gate.open()
    }

    @Test func whoIsCancelledBeforeAskingStartsNoCall() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(text: "ok")
        let service = Samples.service(provider)
        let caller = Task {
            await gate.pass()
            return try await service.generateFeedback(Samples.feedback())
        }
        await gate.waitForArrivals(1)
        caller.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(provider.requests.isEmpty)
    }

    @Test func atItsDeadlineABatchIsFinishedByTheTutor() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { (request) async throws(ProviderError) in
            if request.user.contains("\"quick") {
                return ProviderAnswer(text: "ok", model: request.model, usage: nil)
            }
            await gate.pass()
            return ProviderAnswer(text: "late", model: request.model, usage: nil)
        }
        var configuration = AIServiceConfiguration()
        configuration.batchConcurrency = 2
        configuration.batchTimeout = .seconds(7)
        let time = ManualTimeSource()
        let service = Samples.service(provider, configuration: configuration, time: time)
        let requests =
            [Samples.feedback("quick")] + (0..<10).map { Samples.feedback("slow\($0)") } + [
                Samples.feedback("")
            ]
        async let batch = service.batchGenerateFeedback(requests)
        await gate.waitForArrivals(2)
        // The cache for both loads, their two calls, and the batch.
        await time.waitForSleepers(atLeast: 4)
        time.advance(by: .seconds(7))
        let results = await batch
        #expect(try results.first?.get().feedback == "ok")
        for (request, result) in zip(requests, results).dropFirst().dropLast() {
            let answer = try result.get()
            #expect(answer.feedback == Tutor().feedback(for: request))
            #expect(answer.provenance.source == .tutor && answer.provenance.reason == .providerFailed)
        }
        let last = results.last
        #expect(throws: AIServiceError.self) { try last?.get() }
        #expect(provider.requests.count == 3)
        gate.open()
    }

    @Test func whatIsLateInABatchIsAnsweredFromTheCacheWhereItIsKept() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(text: "kept")
        var configuration = AIServiceConfiguration()
        configuration.batchConcurrency = 1
        configuration.batchTimeout = .seconds(7)
        let time = ManualTimeSource()
        let service = Samples.service(provider, configuration: configuration, time: time)
        _ = try await service.generateFeedback(Samples.feedback("old"))
        time.advance(by: .seconds(4_000))
        _ = try await service.generateFeedback(Samples.feedback("fresh"))
        provider.change { (request) async throws(ProviderError) in
            await gate.pass()
            return ProviderAnswer(text: "late", model: request.model, usage: nil)
        }
        let words = ["slow", "old", "fresh", "unknown"]
        async let batch = service.batchGenerateFeedback(words.map { Samples.feedback($0) })
        await gate.waitForArrivals(1)
        await time.waitForSleepers(atLeast: 3)
        time.advance(by: .seconds(7))
        let answers = try await batch.map { try $0.get() }
        #expect(answers.map(\.provenance.source) == [.tutor, .stale, .memory, .tutor])
        #expect(answers.map(\.provenance.reason) == [.providerFailed, .providerFailed, nil, .providerFailed])
        #expect(answers[1].feedback == "kept" && answers[2].feedback == "kept")
        #expect(provider.requests.count == 3)
        gate.open()
    }

    @Test func theModelIsToldOfAnAnswerThatIsRightToo() async throws {
        let provider = ScriptedProvider(text: "ok")
        let service = Samples.service(provider)
        var request = Samples.feedback("hablase", right: "hablara")
        request.exerciseContext?.tense = "imperfect subjunctive"
        #expect(try await service.generateFeedback(request).isCorrect == false)
        request.userAnswer = "hablo"
        _ = try await service.generateFeedback(request)
        let asked = provider.requests
        #expect(asked.first?.user.contains("\"is_correct\":false") == true)
        #expect(asked.first?.user.contains("\"is_other_right_form\":true") == true)
        #expect(asked.last?.user.contains("\"is_other_right_form\":false") == true)
        #expect(asked.first?.system.contains("never call wrong what is right Spanish") == true)
    }

    @Test func withoutAProviderNoModelKeepsAnOldTutorsAnswers() async throws {
        func key(_ model: String?) async throws -> [String] {
            let cache = Cache()
            var configuration = AIServiceConfiguration()
            configuration.feedback.model = model
            let service = AIService(cache: cache, provider: nil, configuration: configuration)
            _ = try await service.generateFeedback(Samples.feedback())
            return try await cache.keys().keys
        }
        let plain = try await key(nil)
        #expect(plain.count == 1)
        #expect(try await key("claude-haiku-4-5") == plain)
    }

    @Test func aCallerWhoGoesAwayGetsCancellationAndHarmsNobody() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { (request) async throws(ProviderError) in
            await gate.pass()
            return ProviderAnswer(text: "ok", model: request.model, usage: nil)
        }
        let service = Samples.service(provider)
        let first = Task { try await service.generateFeedback(Samples.feedback()) }
        await gate.waitForArrivals(1)
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        gate.open()
        #expect(try await service.generateFeedback(Samples.feedback()).feedback == "ok")
        #expect(provider.requests.count == 1)
    }

    @Test func clearingRemovesWhatIsKept() async throws {
        let provider = ScriptedProvider(text: "ok")
        let service = Samples.service(provider)
        _ = try await service.generateFeedback(Samples.feedback())
        #expect(try await service.clearCache() == 1)
        _ = try await service.generateFeedback(Samples.feedback())
        #expect(provider.requests.count == 2)
    }
}
