import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeAI

@Suite(.timeLimit(.minutes(2))) struct AIServiceMoneyTests {
    @Test func hitsCountWhatTheySavedAtThePriceThatWasPaid() async throws {
        let time = ManualTimeSource()
        let provider = ScriptedProvider { (request) throws(ProviderError) in
            time.advance(by: .seconds(2))
            return ProviderAnswer(
                text: "ok",
                model: request.model,
                usage: TokenUsage(input: 1_000, output: 200),
                attempts: 2
            )
        }
        let service = Samples.service(provider, time: time)
        for _ in 0..<4 { _ = try await service.generateFeedback(Samples.feedback()) }
        // Haiku 4.5: 1 $ and 5 $ per million.
        let usage = service.usage.total
        #expect(usage.calls == 1 && usage.attempts == 2 && usage.outcomes == ["success": 1])
        #expect(usage.tokensIn == 1_000 && usage.tokensOut == 200 && usage.microdollars == 2_000)
        #expect(service.usage.perKind["feedback"] == usage)
        let savings = service.savings
        #expect(savings.calls == 3 && savings.tokensIn == 3_000 && savings.tokensOut == 600)
        #expect(savings.microdollars == 6_000 && savings.dollars == 0.006 && savings.duration == .seconds(6))
        #expect(savings.callsByPriceRow == ["claude-haiku-4.5": 3] && savings.unpricedCalls == 0)
        let health = await service.healthCheck()
        #expect(health.savings == savings && health.usage.total == usage && health.status == .healthy)
    }

    @Test func whoWaitedForAnothersCallSavedMoneyButNoTime() async throws {
        let gate = Gate()
        let time = ManualTimeSource()
        let provider = ScriptedProvider { (request) async throws(ProviderError) in
            await gate.pass()
            time.advance(by: .seconds(2))
            return ProviderAnswer(text: "ok", model: request.model, usage: TokenUsage(input: 1_000, output: 200))
        }
        let service = Samples.service(provider, time: time)
        let shared = try await withThrowingTaskGroup(of: AnswerProvenance.self) { group in
            for _ in 0..<50 { group.addTask { try await service.generateFeedback(Samples.feedback()).provenance } }
            await gate.waitForArrivals(1)
            gate.open()
            return try await group.reduce(into: 0) { $0 += $1.source == .load && $1.shared ? 1 : 0 }
        }
        #expect(service.savings.calls == 49 && service.savings.microdollars == 98_000)
        #expect(service.savings.duration == .seconds(2 * (49 - shared)))
    }

    @Test(arguments: [WireFormat.envelope, .plain])
    func whatAnAnswerCostIsKnownToWhoeverFindsItInRedis(_ format: WireFormat) async throws {
        let time = ManualTimeSource()
        let tier = ScriptedRemoteTier(timeSource: time)
        func service(_ provider: ScriptedProvider) -> AIService {
            var configuration = CacheConfiguration()
            configuration.format = format
            return AIService(
                cache: Cache(configuration: configuration, remote: tier, timeSource: time),
                provider: provider,
                timeSource: time
            )
        }
        _ = try await service(ScriptedProvider(text: "ok")).generateFeedback(Samples.feedback())
        let other = service(ScriptedProvider(failing: .overloaded))
        #expect(try await other.generateFeedback(Samples.feedback()).provenance.source == .redis)
        #expect(other.savings.calls == 1 && other.savings.microdollars == 350 && other.savings.tokensOut == 50)
    }

    @Test func anUnknownPriceIsCountedAsUnknownAndNotAsNothing() async throws {
        let provider = ScriptedProvider(
            identity: ProviderIdentity(name: "openai", baseURL: "http://localhost", model: "llama3")
        ) { (request) throws(ProviderError) in
            ProviderAnswer(text: "ok", model: request.model, usage: TokenUsage(input: 10, output: 5))
        }
        let service = Samples.service(provider)
        for _ in 0..<2 { _ = try await service.generateFeedback(Samples.feedback()) }
        #expect(service.usage.total.unpricedCalls == 1 && service.usage.total.microdollars == 0)
        #expect(service.savings.unpricedCalls == 1 && service.savings.tokensIn == 10)
    }

    @Test func aPriceTableOfOnesOwnReplacesTheBuiltInOne() async throws {
        var configuration = AIServiceConfiguration()
        configuration.priceTable = try PriceTable(
            json: """
                {"rows":[{"id":"mine","provider":"anthropic","models":["claude-haiku-4-5"],"input":2,"output":10}]}
                """.utf8
        )
        let service = Samples.service(ScriptedProvider(text: "ok"), configuration: configuration)
        for _ in 0..<2 { _ = try await service.generateFeedback(Samples.feedback()) }
        #expect(service.usage.total.microdollars == 700)
        #expect(service.savings.callsByPriceRow == ["mine": 1])
    }

    @Test func whenTheDaysMoneyIsSpentTheTutorAnswersUntilTheNextDay() async throws {
        var configuration = AIServiceConfiguration()
        configuration.dailyBudgetDollars = 0.01
        let time = ManualTimeSource()
        // 5 000 microdollars a call.
        let provider = ScriptedProvider(text: "ok", usage: TokenUsage(output: 1_000))
        let service = Samples.service(provider, configuration: configuration, time: time)
        for index in 1...5 {
            let answer = try await service.generateFeedback(Samples.feedback("word\(index)"))
            #expect(answer.provenance.source == (index <= 2 ? .load : .tutor))
            #expect(answer.provenance.reason == (index <= 2 ? nil : .budgetSpent))
        }
        #expect(provider.requests.count == 2)
        let budget = try #require(await service.healthCheck().budget)
        #expect(budget.isSpent && budget.spentMicrodollars == 10_000 && budget.reservedMicrodollars == 0)
        #expect(await service.healthCheck().status == .degraded)
        // What is kept costs nothing.
        #expect(try await service.generateFeedback(Samples.feedback("word1")).provenance.source == .memory)
        time.advance(by: .seconds(86_400))
        #expect(try await service.generateFeedback(Samples.feedback("word9")).provenance.source == .load)
    }

    @Test func callsAtOnceCannotOverrunTheDaysMoneyTogether() async throws {
        var configuration = AIServiceConfiguration()
        // One call is reckoned at some 1 400 microdollars before it is made: 200 tokens out, and the prompt.
        configuration.dailyBudgetDollars = 0.005
        configuration.maximumConcurrentCalls = 50
        let gate = Gate()
        let provider = ScriptedProvider { (request) async throws(ProviderError) in
            await gate.pass()
            return ProviderAnswer(text: "ok", model: request.model, usage: TokenUsage(input: 300, output: 200))
        }
        let service = Samples.service(provider, configuration: configuration)
        let sources = try await withThrowingTaskGroup(of: AnswerProvenance.self) { group in
            for index in 0..<50 {
                group.addTask { try await service.generateFeedback(Samples.feedback("word\(index)")).provenance }
            }
            var refused: [AnswerProvenance] = []
            while refused.count < 45, let provenance = try await group.next() { refused.append(provenance) }
            #expect(refused.allSatisfy { $0.reason == .budgetSpent })
            gate.open()
            return try await group.reduce(into: refused) { $0.append($1) }
        }
        let paid = sources.filter { $0.source == .load }.count
        #expect(paid >= 1 && paid == provider.requests.count)
        let budget = try #require(await service.healthCheck().budget)
        #expect(budget.spentMicrodollars <= 5_000 && budget.reservedMicrodollars == 0)
    }

    @Test func anUnknownModelIsBookedAtTheConservativePrice() async throws {
        var configuration = AIServiceConfiguration()
        configuration.dailyBudgetDollars = 1
        let provider = ScriptedProvider(
            identity: ProviderIdentity(name: "openai", baseURL: "http://localhost", model: "llama3")
        ) { (request) throws(ProviderError) in
            ProviderAnswer(text: "ok", model: request.model, usage: TokenUsage(input: 1_000, output: 100))
        }
        let service = Samples.service(provider, configuration: configuration)
        _ = try await service.generateFeedback(Samples.feedback())
        #expect(await service.healthCheck().budget?.spentMicrodollars == 15_000)
    }

    @Test(arguments: [
        (ProviderError.Code.timedOut, true), (.connectionFailed, true), (.notConnected, false), (.overloaded, false),
        (.unauthorized, false), (.truncated, true), (.refused, true), (.filtered, true), (.paused, true),
        (.empty, true),
    ]) func aCallThatMayHaveBeenBilledIsBooked(_ code: ProviderError.Code, _ isBooked: Bool) async throws {
        var configuration = AIServiceConfiguration()
        configuration.dailyBudgetDollars = 1
        let service = Samples.service(ScriptedProvider(failing: code), configuration: configuration)
        _ = try await service.generateFeedback(Samples.feedback())
        let budget = try #require(await service.healthCheck().budget)
        #expect((budget.spentMicrodollars > 0) == isBooked)
        #expect(budget.reservedMicrodollars == 0)
    }

    @Test func theDaysMoneySeesEveryAttemptThatMayHaveBeenBilled() async throws {
        var configuration = AIServiceConfiguration()
        configuration.dailyBudgetDollars = 1
        func spent(_ answer: @escaping ScriptedProvider.Answer) async throws -> UInt64 {
            let service = Samples.service(ScriptedProvider(answer), configuration: configuration)
            _ = try await service.generateFeedback(Samples.feedback())
            return try #require(await service.healthCheck().budget).spentMicrodollars
        }
        let one = try await spent { (_) throws(ProviderError) in
            throw ProviderError(.timedOut, message: "scripted", attempts: 1)
        }
        let overloadedAfterTwo = try await spent { (_) throws(ProviderError) in
            throw ProviderError(.overloaded, message: "scripted", attempts: 3, unaccountedAttempts: 2)
        }
        #expect(one > 0 && overloadedAfterTwo == 2 * one)
        // 100 tokens in and 50 out come to 350.
        let answeredAfterOne = try await spent { (request) throws(ProviderError) in
            ProviderAnswer(
                text: "ok",
                model: request.model,
                usage: TokenUsage(input: 100, output: 50),
                attempts: 2,
                unaccountedAttempts: 1
            )
        }
        #expect(answeredAfterOne == one + 350)
        let silentAfterOne = try await spent { (request) throws(ProviderError) in
            ProviderAnswer(text: "ok", model: request.model, usage: nil, attempts: 2, unaccountedAttempts: 1)
        }
        #expect(silentAfterOne == 2 * one)
    }

    @Test func anAttemptForWhichNoMoneyIsLeftIsNotRepeated() async throws {
        try await Samples.withClient { client in
            try await ScriptedProviderServer.with([.cut]) { server in
                let time = ImpatientTimeSource()
                let provider = try AnthropicProvider(
                    httpClient: client,
                    configuration: .init(
                        apiKey: "key",
                        baseURL: server.baseURL,
                        settings: ProviderSettings(
                            attemptTimeout: .seconds(1_000),
                            totalTimeout: .seconds(10_000),
                            timeSource: time,
                            chance: { 0 }
                        )
                    )
                )
                var configuration = AIServiceConfiguration()
                // Enough for two attempts of some 1 400 microdollars, not for three.
                configuration.dailyBudgetDollars = 0.0035
                let service = Samples.service(provider, configuration: configuration, time: time.manual)
                _ = try await service.generateFeedback(Samples.feedback())
                #expect(server.requests.count == 2)
                let budget = try #require(await service.healthCheck().budget)
                #expect(budget.spentMicrodollars > 2_000 && budget.spentMicrodollars <= 3_500)
                #expect(budget.reservedMicrodollars == 0)
            }
        }
    }

    @Test func aBudgetThatRefusesIsReportedAsSpentUntilItWouldNot() async throws {
        var configuration = AIServiceConfiguration()
        // Less than one call is reckoned at, so that not one is made.
        configuration.dailyBudgetDollars = 0.0005
        let time = ManualTimeSource()
        let service = Samples.service(ScriptedProvider(text: "ok"), configuration: configuration, time: time)
        #expect(await service.healthCheck().status == .healthy)
        _ = try await service.generateFeedback(Samples.feedback())
        let budget = try #require(await service.healthCheck().budget)
        #expect(budget.isSpent && budget.spentMicrodollars == 0)
        #expect(await service.healthCheck().status == .degraded)
        time.advance(by: .seconds(86_400))
        #expect(await service.healthCheck().budget?.isSpent == false)
    }

    @Test func whatWasNeverAskedIsNoCall() async throws {
        var configuration = AIServiceConfiguration()
        configuration.dailyBudgetDollars = 0
        let service = Samples.service(ScriptedProvider(text: "ok"), configuration: configuration)
        _ = try await service.generateFeedback(Samples.feedback())
        #expect(service.usage.total.calls == 0 && service.usage.total.outcomes.isEmpty)
        #expect(service.usage.total.refusals == ["budget_spent": 1])
    }

    @Test func anAnswerThatMayNotBeShownIsPaidForAllTheSame() async throws {
        let service = Samples.service(ScriptedProvider(text: "hable"))
        _ = try await service.generatePersonalizedHint(Samples.hint())
        #expect(service.usage.total.tokensOut == 50 && service.usage.total.microdollars == 350)
    }
}
