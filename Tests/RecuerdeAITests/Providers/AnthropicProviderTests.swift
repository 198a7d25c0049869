import AsyncHTTPClient
import Foundation
import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeAI

@Suite(.timeLimit(.minutes(2))) struct AnthropicProviderTests {
    static let key = "sk-ant-secret-4711"

    /// Runs a provider against a script, on a clock on which pauses pass at once.
    private func ask(
        _ script: [ScriptedProviderServer.Step],
        request: ProviderRequest = Samples.request,
        check: (Result<ProviderAnswer, ProviderError>, ScriptedProviderServer, ImpatientTimeSource) throws -> Void
    ) async throws {
        try await Samples.withClient { client in
            try await ScriptedProviderServer.with(script) { server in
                let time = ImpatientTimeSource()
                let provider = try AnthropicProvider(
                    httpClient: client,
                    configuration: .init(
                        apiKey: Self.key,
                        baseURL: server.baseURL,
                        settings: ProviderSettings(
                            attemptTimeout: .seconds(1_000),
                            totalTimeout: .seconds(10_000),
                            timeSource: time,
                            chance: { 0 }
                        )
                    )
                )
                var outcome: Result<ProviderAnswer, ProviderError>
                do throws(ProviderError) {
                    outcome = .success(try await provider.complete(request))
                } catch {
                    outcome = .failure(error)
                    #expect(!error.description.contains("secret") && !error.message.contains("secret"))
                    #expect(!error.description.contains("words"))
                }
                try check(outcome, server, time)
            }
        }
    }

    @Test func aQuestionIsSentAsTheInterfaceWantsItAndTheAnswerRead() async throws {
        try await ask([.reply(status: 200, body: Samples.message("  Muy bien.  "))]) { outcome, server, _ in
            let answer = try outcome.get()
            #expect(answer.text == "Muy bien.")
            #expect(answer.model == "claude-haiku-4-5-20251001")
            #expect(answer.usage == TokenUsage(input: 100, cachedInput: 20, cacheWrite: 10, output: 50))
            #expect(answer.attempts == 1)
            let request = try #require(server.requests.first)
            #expect(request.path == "/v1/messages")
            #expect(request.header("x-api-key") == Self.key)
            #expect(request.header("anthropic-version") == "2023-06-01")
            #expect(request.header("content-type") == "application/json")
            let body = try #require(
                try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any]
            )
            #expect(body["model"] as? String == "claude-haiku-4-5")
            #expect(body["max_tokens"] as? Int == 200)
            #expect(body["temperature"] as? Double == 0.7)
            #expect(body["system"] as? String == "system words")
            let messages = try #require(body["messages"] as? [[String: String]])
            #expect(messages == [["role": "user", "content": "user words"]])
        }
    }

    @Test func passingTroubleIsSatOutAsTheProviderAsks() async throws {
        try await ask([
            .reply(status: 429, headers: ["retry-after": "3"], body: "{}"),
            .reply(status: 529, headers: ["retry-after-ms": "250"], body: "not json"),
            .cut,
            .reply(status: 200, body: Samples.message("ok")),
        ]) { outcome, server, time in
            let answer = try outcome.get()
            #expect(answer.attempts == 4)
            #expect(server.requests.count == 4)
            #expect(time.pauses == [.seconds(3), .milliseconds(250), .seconds(2)])
        }
    }

    @Test(arguments: [
        (ScriptedProviderServer.Step.reply(status: 529, body: ""), ProviderError.Code.overloaded),
        (.reply(status: 429, body: "{}"), .rateLimited),
        (.reply(status: 500, body: "<html>"), .serverError),
        (.reply(status: 504, body: "<html>"), .serverError),
        (.cut, .connectionFailed),
        (.cutInBody, .connectionFailed),
        (.garbage, .connectionFailed),
    ]) func lastingTroubleEndsAfterFourAttempts(
        _ step: ScriptedProviderServer.Step,
        _ code: ProviderError.Code
    ) async throws {
        try await ask([step]) { outcome, server, _ in
            guard case .failure(let error) = outcome else {
                Issue.record("answered")
                return
            }
            #expect(error.code == code)
            #expect(error.attempts == 4)
            #expect(server.requests.count == 4)
        }
    }

    @Test(arguments: [
        (
            ScriptedProviderServer.Step.reply(status: 400, body: "{\"error\":{\"message\":\"sk-ant-secret-4711\"}}"),
            ProviderError.Code.invalidRequest
        ),
        (
            .reply(status: 401, body: "{\"error\":{\"message\":\"invalid x-api-key sk-ant-secret-4711\"}}"),
            .unauthorized
        ),
        (.reply(status: 403, body: "{}"), .unauthorized),
        (.reply(status: 404, body: "{}"), .invalidRequest),
        (.reply(status: 402, body: "{}"), .quotaExhausted),
        (.reply(status: 429, body: "{\"error\":{\"type\":\"billing_error\"}}"), .quotaExhausted),
        (.reply(status: 500, headers: ["x-should-retry": "false"], body: "{}"), .serverError),
        (.reply(status: 301, headers: ["location": "/elsewhere"], body: ""), .invalidRequest),
        (.reply(status: 200, body: Samples.message("cut off in the mid", stop: "max_tokens")), .truncated),
        (.reply(status: 200, body: Samples.message("x", stop: "model_context_window_exceeded")), .truncated),
        (.reply(status: 200, body: Samples.message("no", stop: "refusal")), .refused),
        (.reply(status: 200, body: Samples.message("well", stop: "pause_turn")), .paused),
        (.reply(status: 200, body: Samples.message("well", stop: "tool_use")), .paused),
        (.reply(status: 200, body: Samples.message("well", stop: "something_new")), .unparseable),
        (.reply(status: 200, body: Samples.message("   ")), .empty),
        (.reply(status: 200, body: "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}"), .unparseable),
        (.reply(status: 200, body: "<html>hello</html>"), .unparseable),
        (.reply(status: 200, body: ""), .unparseable),
        (.huge(2_000_000), .tooLarge),
    ]) func whatRepeatingCannotMendIsReportedAtOnce(
        _ step: ScriptedProviderServer.Step,
        _ code: ProviderError.Code
    ) async throws {
        try await ask([step, .reply(status: 200, body: Samples.message("second"))]) { outcome, server, _ in
            guard case .failure(let error) = outcome else {
                Issue.record("answered")
                return
            }
            #expect(error.code == code)
            #expect(server.requests.count == 1)
        }
    }

    @Test func aRefusedConnectionIsReportedAtOnceAndCannotHaveBeenBilled() async throws {
        #expect(!HTTPClient.Configuration.recuerdeProvider.connectionPool.retryConnectionEstablishment)
        let closed = try await ScriptedProviderServer.with([.hang]) { server in server.baseURL }
        try await Samples.withClient { client in
            let provider = try AnthropicProvider(
                httpClient: client,
                configuration: .init(
                    apiKey: Self.key,
                    baseURL: closed,
                    settings: ProviderSettings(
                        attemptTimeout: .seconds(1_000),
                        totalTimeout: .seconds(10_000),
                        timeSource: ImpatientTimeSource(),
                        chance: { 0 }
                    )
                )
            )
            let error = await failure { () async throws(ProviderError) in try await provider.complete(Samples.request) }
            #expect(error?.code == .notConnected)
            #expect(error?.attempts == 4 && error?.unaccountedAttempts == 0)
        }
    }

    @Test(
        arguments: [
            ([.cut, .cutInBody, .reply(status: 529, body: "{}"), .reply(status: 200, body: Samples.message("ok"))], 2),
            ([.cut], 4), ([.reply(status: 529, body: "{}")], 0), ([.cut, .reply(status: 529, body: "{}")], 1),
            ([.cut, .reply(status: 200, body: "<html>")], 2),
            ([.cut, .reply(status: 200, body: Samples.message("x", stop: "max_tokens"))], 1),
        ] as [([ScriptedProviderServer.Step], Int)]
    )
    func everyAttemptThatMayHaveBeenBilledIsCounted(_ script: [ScriptedProviderServer.Step], _ count: Int) async throws
    {
        try await ask(script) { outcome, _, _ in
            switch outcome {
            case .success(let answer): #expect(answer.unaccountedAttempts == count)
            case .failure(let error): #expect(error.unaccountedAttempts == count)
            }
        }
    }

    @Test func aTruncatedAnswerStillTellsWhatItUsed() async throws {
        try await ask([.reply(status: 200, body: Samples.message("x", stop: "max_tokens"))]) { outcome, _, _ in
            guard case .failure(let error) = outcome else {
                Issue.record("a truncated answer was taken")
                return
            }
            #expect(error.code == .truncated)
            #expect(error.usage == TokenUsage(input: 100, cachedInput: 20, cacheWrite: 10, output: 50))
        }
    }

    @Test func aProbeIsNotRepeated() async throws {
        var request = Samples.request
        request.allowsRetry = false
        try await ask([.reply(status: 500, body: "{}")], request: request) { outcome, server, _ in
            #expect(throws: ProviderError.self) { try outcome.get() }
            #expect(server.requests.count == 1)
        }
    }

    @Test func aHangingAttemptIsCutOffAndTheWholeEndsAtTheTotalDeadline() async throws {
        try await Samples.withClient { client in
            try await ScriptedProviderServer.with([.hang]) { server in
                let time = ManualTimeSource()
                let provider = try AnthropicProvider(
                    httpClient: client,
                    configuration: .init(
                        apiKey: Self.key,
                        baseURL: server.baseURL,
                        settings: ProviderSettings(
                            attemptTimeout: .seconds(10),
                            totalTimeout: .seconds(15),
                            timeSource: time,
                            chance: { 0 }
                        )
                    )
                )
                async let error = failure { () async throws(ProviderError) in
                    try await provider.complete(Samples.request)
                }
                await server.waitForRequests(1)
                await time.waitForSleepers(atLeast: 1)
                time.advance(by: .seconds(10))
                // The pause of half a second, then the second attempt, which has the rest.
                await time.waitForSleepers(atLeast: 1)
                time.advance(by: .milliseconds(500))
                await server.waitForRequests(2)
                await time.waitForSleepers(atLeast: 1)
                time.advance(by: .milliseconds(4_500))
                let failed = await error
                #expect(failed?.code == .timedOut)
                #expect(failed?.attempts == 2)
            }
        }
    }

    @Test func aCallerWhoGoesAwayEndsTheCall() async throws {
        try await Samples.withClient { client in
            try await ScriptedProviderServer.with([.hang]) { server in
                let provider = try AnthropicProvider(
                    httpClient: client,
                    configuration: .init(
                        apiKey: Self.key,
                        baseURL: server.baseURL,
                        settings: ProviderSettings(timeSource: ManualTimeSource())
                    )
                )
                let call = Task {
                    await failure { () async throws(ProviderError) in try await provider.complete(Samples.request) }
                }
                await server.waitForRequests(1)
                call.cancel()
                #expect(await call.value?.code == .cancelled)
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test(arguments: ["", "   ", "with space inside", "line\nbreak", "ümlaut"])
    func aKeyThatCannotBeSentIsRefusedAndNotShown(_ key: String) async throws {
        try await Samples.withClient { client in
            let error = #expect(throws: AIServiceError.self) {
                try AnthropicProvider(httpClient: client, configuration: .init(apiKey: key))
            }
            #expect(error?.code == .configuration)
            let message = error?.message ?? ""
            #expect(message.contains("ANTHROPIC_API_KEY"))
            #expect(key.trimmingCharacters(in: .whitespaces).isEmpty || !message.contains(key))
        }
    }
}
