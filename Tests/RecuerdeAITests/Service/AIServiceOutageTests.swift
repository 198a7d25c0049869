import AsyncHTTPClient
import Foundation
import Logging
import Recuerde
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeAI

@Suite(.timeLimit(.minutes(2))) struct AIServiceOutageTests {
    @Test(arguments: [
        ProviderError.Code.unauthorized, .invalidRequest, .rateLimited, .quotaExhausted, .overloaded, .serverError,
        .notConnected, .connectionFailed, .timedOut, .tooLarge, .truncated, .refused, .filtered, .paused, .empty,
        .unparseable,
    ]) func aFailingProviderNeverFailsTheCallerAndNothingIsKept(_ code: ProviderError.Code) async throws {
        let provider = ScriptedProvider(failing: code)
        let service = Samples.service(provider)
        for round in 1...2 {
            let answer = try await service.generateFeedback(Samples.feedback())
            #expect(answer.feedback == Tutor().feedback(for: Samples.feedback()))
            #expect(answer.provenance.source == .tutor && answer.provenance.provider == "tutor")
            #expect(answer.provenance.reason == .providerFailed)
            #expect(!answer.provenance.stored)
            #expect(provider.requests.count == round)
        }
        #expect(service.cacheStatistics().cacheSize == 0)
        #expect(service.usage.total.standIns == ["provider_failed": 2])
        provider.change { (request) throws(ProviderError) in
            ProviderAnswer(text: "back", model: request.model, usage: nil)
        }
        #expect(try await service.generateFeedback(Samples.feedback()).feedback == "back")
    }

    @Test func anAnswerPastItsTimeStandsInBeforeTheTutorDoes() async throws {
        let provider = ScriptedProvider(text: "the model's")
        let time = ManualTimeSource()
        let service = Samples.service(provider, time: time)
        _ = try await service.generateFeedback(Samples.feedback())
        provider.change { (_) throws(ProviderError) in
            throw ProviderError(.overloaded, message: "scripted", attempts: 1)
        }
        time.advance(by: .seconds(4_000))
        let stale = try await service.generateFeedback(Samples.feedback())
        #expect(stale.feedback == "the model's")
        #expect(stale.provenance.source == .stale && stale.provenance.reason == .providerFailed)
        #expect(stale.provenance.age == 4_000 && stale.provenance.remaining == -400)
        #expect(stale.provenance.provider == "anthropic")
        time.advance(by: .seconds(86_400))
        #expect(try await service.generateFeedback(Samples.feedback()).provenance.source == .tutor)
    }

    @Test func theHundredthRequestOfAnOutageAsksNobodyAndOneProbeEndsIt() async throws {
        try await Samples.withClient { client in
            let script: [ScriptedProviderServer.Step] =
                Array(repeating: .reply(status: 529, body: "{}"), count: 13)
                + [.reply(status: 200, body: Samples.message("back"))]
            try await ScriptedProviderServer.with(script) { server in
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
                // The provider is impatient, not the cache: it would look for late loads again and again.
                let service = Samples.service(provider, time: time.manual)
                for index in 1...100 {
                    let answer = try await service.generateFeedback(Samples.feedback("word\(index)"))
                    #expect(answer.provenance.source == .tutor)
                    #expect(answer.provenance.reason == (index <= 3 ? .providerFailed : .providerSuspended))
                }
                // Three calls of four attempts each opened the breaker; the other ninety-seven made none.
                #expect(server.requests.count == 12)
                #expect(time.pauses.count == 9)
                #expect(await service.healthCheck().breaker == .open)
                #expect(await service.healthCheck().status == .degraded)
                // A failed probe is one request, without retries.
                time.manual.advance(by: .seconds(10))
                _ = try await service.generateFeedback(Samples.feedback())
                #expect(server.requests.count == 13)
                #expect(time.pauses.count == 9)
                time.manual.advance(by: .seconds(20))
                let answer = try await service.generateFeedback(Samples.feedback())
                #expect(answer.feedback == "back" && answer.provenance.source == .load)
                #expect(await service.healthCheck().breaker == .closed)
                #expect(await service.healthCheck().status == .healthy)
            }
        }
    }

    @Test(arguments: [ProviderError.Code.invalidRequest, .unparseable, .notConnected])
    func alsoAFaultOfTheSettingsSuspendsTheProvider(_ code: ProviderError.Code) async throws {
        let provider = ScriptedProvider(failing: code)
        let service = Samples.service(provider)
        for index in 0..<10 { _ = try await service.generateFeedback(Samples.feedback("w\(index)")) }
        #expect(provider.requests.count == 3)
        #expect(await service.healthCheck().status == .degraded)
        #expect(service.usage.total.calls == 3 && service.usage.total.refusals == ["suspended": 7])
    }

    @Test func untilAProbeHasSucceededHealthDoesNotSayHealthy() async throws {
        let time = ManualTimeSource()
        let provider = ScriptedProvider(failing: .overloaded)
        let service = Samples.service(provider, time: time)
        for index in 0..<3 { _ = try await service.generateFeedback(Samples.feedback("w\(index)")) }
        time.advance(by: .seconds(10))
        #expect(await service.healthCheck().breaker == .halfOpen)
        #expect(await service.healthCheck().status == .degraded)
        provider.change { (_) throws(ProviderError) in throw ProviderError(.unparseable, message: "scripted") }
        _ = try await service.generateFeedback(Samples.feedback())
        #expect(await service.healthCheck().breaker == .open)
        // A refusal is an answer, though of no use.
        time.advance(by: .seconds(20))
        provider.change { (_) throws(ProviderError) in throw ProviderError(.refused, message: "scripted") }
        _ = try await service.generateFeedback(Samples.feedback())
        #expect(await service.healthCheck().status == .healthy)
    }

    @Test func callsAtOnceAreCappedAndWhoWaitsTooLongGetsTheTutor() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { (request) async throws(ProviderError) in
            await gate.pass()
            return ProviderAnswer(text: "ok", model: request.model, usage: nil)
        }
        var configuration = AIServiceConfiguration()
        configuration.maximumConcurrentCalls = 2
        configuration.maximumWaitingCalls = 1
        let time = ManualTimeSource()
        let service = Samples.service(provider, configuration: configuration, time: time)
        let answers = try await withThrowingTaskGroup(of: FeedbackAnswer.self) { group in
            for index in 0..<2 { group.addTask { try await service.generateFeedback(Samples.feedback("a\(index)")) } }
            await gate.waitForArrivals(2)
            group.addTask { try await service.generateFeedback(Samples.feedback("waits")) }
            // The cache for all loads, the calls of two, and the third that waits for a place.
            await time.waitForSleepers(atLeast: 4)
            let refused = try await service.generateFeedback(Samples.feedback("refused"))
            #expect(refused.provenance.reason == .providerBusy)
            time.advance(by: configuration.maximumCallWait)
            let waited = try #require(try await group.next())
            #expect(waited.provenance.reason == .providerBusy)
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.feedback == "ok" })
        #expect(provider.requests.count == 2)
    }

    @Test func aLoadThatNeverEndsIsGivenUp() async throws {
        let gate = Gate()
        let provider = ScriptedProvider { (request) async throws(ProviderError) in
            await gate.pass()
            return ProviderAnswer(text: "late", model: request.model, usage: nil)
        }
        let time = ManualTimeSource()
        let service = AIService(cache: Cache(timeSource: time), provider: provider, timeSource: time)
        async let answer = service.generateFeedback(Samples.feedback())
        await gate.waitForArrivals(1)
        await time.waitForSleepers(atLeast: 2)
        time.advance(by: .seconds(25))
        #expect(try await answer.provenance.reason == .providerFailed)
        gate.open()
    }

    @Test(arguments: [true, false])
    func aProviderThatHangsIsLeftAloneAfterAWhile(_ heedsCancellation: Bool) async throws {
        let gate = Gate()
        let time = ManualTimeSource()
        let provider = ScriptedProvider { (_) async throws(ProviderError) in
            if heedsCancellation {
                // Until it is cancelled.
                try? await time.sleep(until: .distantFuture)
            } else {
                await gate.pass()
            }
            throw ProviderError(.cancelled, message: "scripted", attempts: 1)
        }
        let service = AIService(cache: Cache(timeSource: time), provider: provider, timeSource: time)
        for index in 1...3 {
            async let answer = service.generateFeedback(Samples.feedback("word\(index)"))
            // The load, its call, and the provider where it sleeps; what does not heed the deadline sleeps no more.
            await time.waitForSleepers(atLeast: heedsCancellation ? 3 : 2)
            // The deadline of the call, which lies before that of the load.
            time.advance(by: .seconds(24))
            if !heedsCancellation {
                await time.waitForSleepers(atLeast: 1)
                time.advance(by: .seconds(1))
            }
            #expect(try await answer.provenance.reason == .providerFailed)
        }
        // What does not heed its deadline is noted by the clock's task, which may be a step behind.
        for _ in 0..<100_000 {
            if await service.healthCheck().breaker != .closed { break }
            await Task.yield()
        }
        #expect(await service.healthCheck().breaker != .closed)
        if heedsCancellation {
            #expect(
                try await service.generateFeedback(Samples.feedback("word4")).provenance.reason == .providerSuspended
            )
            #expect(service.usage.total.outcomes == ["timed_out": 3])
        }
        gate.open()
    }

    @Test func whoJoinsAnothersQuestionIsToldNoWrongReason() async throws {
        let gate = Gate()
        let time = ManualTimeSource()
        let provider = ScriptedProvider(text: "the model's")
        let service = Samples.service(provider, time: time)
        _ = try await service.generateFeedback(Samples.feedback())
        time.advance(by: .seconds(4_000))
        provider.change { (_) async throws(ProviderError) in
            await gate.pass()
            throw ProviderError(.budgetSpent, message: "scripted")
        }
        let answers = try await withThrowingTaskGroup(of: AnswerProvenance.self) { group in
            for _ in 0..<50 {
                group.addTask { try await service.generateFeedback(Samples.feedback()).provenance }
            }
            await gate.waitForArrivals(1)
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.source == .stale && $0.reason == ($0.shared ? nil : .budgetSpent) })
    }

    @Test func neitherLogsNorErrorsShowTheKeyOrALearnersWords() async throws {
        let lines = LogLines()
        let logger = Logger(label: "test") { _ in lines.handler }
        try await Samples.withClient { client in
            let echo = "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"sk-secret palabrasecreta\"}}"
            try await ScriptedProviderServer.with([.reply(status: 400, body: echo)]) { server in
                let provider = try AnthropicProvider(
                    httpClient: client,
                    configuration: .init(apiKey: "sk-secret", baseURL: server.baseURL)
                )
                let service = AIService(cache: Cache(), provider: provider, logger: logger)
                let answer = try await service.generateFeedback(Samples.feedback("palabrasecreta"))
                #expect(answer.provenance.reason == .providerFailed)
            }
        }
        let text = lines.text
        #expect(text.contains("provider_failed") && text.contains("invalid_request") && text.contains("400"))
        #expect(!text.contains("secret") && !text.contains("secreta"))
    }

    @Test func anOutageIsLoggedOnceAMinute() async throws {
        let lines = LogLines()
        let time = ManualTimeSource()
        let service = AIService(
            cache: Cache(timeSource: time),
            provider: ScriptedProvider(failing: .overloaded),
            timeSource: time,
            logger: Logger(label: "test") { _ in lines.handler }
        )
        func count() -> Int { lines.text.components(separatedBy: "provider_failed").count - 1 }
        for index in 0..<50 { _ = try await service.generateFeedback(Samples.feedback("w\(index)")) }
        #expect(count() == 1)
        time.advance(by: .seconds(60))
        _ = try await service.generateFeedback(Samples.feedback("later"))
        // The second and the third failure, after which the provider was left alone.
        #expect(count() == 2 && lines.text.contains("\"held_back\": 2"))
    }
}

/// Keeps what is logged.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    var handler: any LogHandler { Handler(lines: self) }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = "\(event.level) \(event.message) \(event.metadata ?? [:])"
            lines.lines.withLock { $0.append(line) }
        }
    }
}
