import Foundation
import Recuerde
import Testing

@testable import RecuerdeAI

@Suite(.timeLimit(.minutes(2))) struct OpenAIProviderTests {
    static let key = "sk-secret-4711"

    private func ask(
        _ script: [ScriptedProviderServer.Step],
        key: String = Self.key,
        sendsMaximumCompletionTokens: Bool? = nil,
        check: (Result<ProviderAnswer, ProviderError>, ScriptedProviderServer, ImpatientTimeSource) throws -> Void
    ) async throws {
        try await Samples.withClient { client in
            try await ScriptedProviderServer.with(script) { server in
                let time = ImpatientTimeSource()
                let provider = try OpenAIProvider(
                    httpClient: client,
                    configuration: .init(
                        apiKey: key,
                        baseURL: server.baseURL + "/v1/",
                        model: "gpt-5.6-luna",
                        settings: ProviderSettings(
                            attemptTimeout: .seconds(1_000),
                            totalTimeout: .seconds(10_000),
                            timeSource: time,
                            chance: { 0 }
                        ),
                        sendsMaximumCompletionTokens: sendsMaximumCompletionTokens
                    )
                )
                do {
                    try check(.success(try await provider.complete(Samples.request)), server, time)
                } catch let error as ProviderError {
                    #expect(!error.description.contains("secret") && !error.description.contains("words"))
                    try check(.failure(error), server, time)
                }
            }
        }
    }

    @Test(arguments: [(nil, "max_tokens"), (true, "max_completion_tokens")] as [(Bool?, String)])
    func aQuestionIsSentAsTheInterfaceWantsItAndTheAnswerRead(_ flag: Bool?, _ limit: String) async throws {
        try await ask(
            [.reply(status: 200, body: Samples.completion("Muy bien."))],
            sendsMaximumCompletionTokens: flag
        ) { outcome, server, _ in
            let answer = try outcome.get()
            #expect(answer.text == "Muy bien.")
            #expect(answer.usage == TokenUsage(input: 100, cachedInput: 20, cacheWrite: 10, output: 50))
            let request = try #require(server.requests.first)
            #expect(request.path == "/v1/chat/completions")
            #expect(request.header("authorization") == "Bearer \(Self.key)")
            let body = try #require(
                try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any]
            )
            #expect(body[limit] as? Int == 200)
            #expect(body.count == 4)
            let messages = try #require(body["messages"] as? [[String: String]])
            #expect(
                messages == [
                    ["role": "system", "content": "system words"], ["role": "user", "content": "user words"],
                ]
            )
        }
    }

    @Test func aLocalServerWithoutKeyGetsNoAuthorization() async throws {
        let body = "{\"choices\":[{\"message\":{\"content\":\"hola\"},\"finish_reason\":\"stop\"}]}"
        try await ask([.reply(status: 200, body: body)], key: "") { outcome, server, _ in
            let answer = try outcome.get()
            #expect(answer.usage == nil)
            #expect(server.requests.first?.header("authorization") == nil)
        }
    }

    @Test(arguments: [
        (
            ScriptedProviderServer.Step.reply(status: 200, body: Samples.completion("x", finish: "length")),
            ProviderError.Code.truncated
        ),
        (.reply(status: 200, body: Samples.completion("x", finish: "content_filter")), .filtered),
        (.reply(status: 200, body: Samples.completion("x", finish: "tool_calls")), .paused),
        (.reply(status: 200, body: Samples.completion("x", refusal: "\"I cannot\"")), .refused),
        (.reply(status: 200, body: Samples.completion("")), .empty),
        (.reply(status: 200, body: "{\"choices\":[]}"), .unparseable),
        (.reply(status: 200, body: "[1,2"), .unparseable),
        (.reply(status: 429, body: "{\"error\":{\"code\":\"insufficient_quota\"}}"), .quotaExhausted),
        (
            .reply(status: 429, body: "{\"error\":{\"code\":429,\"type\":\"insufficient_quota\"}}"),
            .quotaExhausted
        ),
        (
            .reply(status: 429, body: "{\"error\":{\"code\":\"insufficient_quota\",\"type\":null}}"),
            .quotaExhausted
        ),
        (.reply(status: 429, body: "{\"error\":{\"code\":\"credit_balance_exhausted\"}}"), .quotaExhausted),
        (
            .reply(
                status: 429,
                headers: ["x-should-retry": "true"],
                body: "{\"error\":{\"type\":\"insufficient_quota\"}}"
            ),
            .quotaExhausted
        ),
        (.reply(status: 429, headers: ["retry-after": "121"], body: "{}"), .rateLimited),
        (.reply(status: 401, body: "{\"error\":{\"message\":\"Incorrect API key: sk-secret-4711\"}}"), .unauthorized),
        (.reply(status: 422, body: "{}"), .invalidRequest),
    ]) func whatRepeatingCannotMendIsReportedAtOnce(
        _ step: ScriptedProviderServer.Step,
        _ code: ProviderError.Code
    ) async throws {
        try await ask([step, .reply(status: 200, body: Samples.completion("second"))]) { outcome, server, _ in
            guard case .failure(let error) = outcome else {
                Issue.record("answered")
                return
            }
            #expect(error.code == code)
            #expect(server.requests.count == 1)
        }
    }

    @Test func aRateLimitIsSatOut() async throws {
        try await ask([
            .reply(
                status: 429,
                headers: ["retry-after": "119"],
                body: "{\"error\":{\"code\":\"rate_limit_exceeded\"}}"
            ),
            .reply(status: 200, body: Samples.completion("ok")),
        ]) { outcome, _, time in
            let answer = try outcome.get()
            #expect(answer.attempts == 2)
            #expect(time.pauses == [.seconds(119)])
        }
    }
}
