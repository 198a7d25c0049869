import Foundation
import NIOHTTP1

/// OpenAI's chat completions on the wire.
struct OpenAIDialect: ProviderDialect {
    let apiKey: String
    let sendsMaximumCompletionTokens: Bool

    /// Error codes at which waiting does not help.
    private static let exhausted: Set<String> = [
        "insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached",
    ]

    var defaultRetryPolicy: RetryPolicy { .openAI }

    func headers() -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "content-type": "application/json",
            "accept": "application/json",
            "user-agent": "recuerde",
        ]
        if !apiKey.isEmpty { headers.add(name: "authorization", value: "Bearer \(apiKey)") }
        return headers
    }

    private struct Body: Encodable {
        struct Message: Encodable {
            var role: String
            var content: String
        }

        var model: String
        var messages: [Message]
        var temperature: Double
        var maxTokens: Int?
        var maxCompletionTokens: Int?
    }

    func body(for request: ProviderRequest) throws -> [UInt8] {
        let limit = max(1, request.maximumTokens)
        let body = Body(
            model: request.model,
            messages: [
                .init(role: "system", content: request.system),
                .init(role: "user", content: request.user),
            ],
            temperature: min(max(0, request.temperature), 2),
            maxTokens: sendsMaximumCompletionTokens ? nil : limit,
            maxCompletionTokens: sendsMaximumCompletionTokens ? limit : nil
        )
        return Array(try ProviderJSON.encoder().encode(body))
    }

    private struct Completion: Decodable {
        struct Choice: Decodable {
            struct Message: Decodable {
                var content: String?
                var refusal: String?
            }

            var message: Message
            var finishReason: String?
        }

        struct Usage: Decodable {
            struct Details: Decodable {
                var cachedTokens: Int?
                var cacheWriteTokens: Int?
            }

            var promptTokens: Int?
            var completionTokens: Int?
            var promptTokensDetails: Details?

            var tokens: TokenUsage {
                // Here the prompt's tokens include the cached ones; Anthropic counts them apart.
                let all = TokenUsage(input: promptTokens ?? 0).input
                let cached = min(all, TokenUsage(input: promptTokensDetails?.cachedTokens ?? 0).input)
                let written = min(all - cached, TokenUsage(input: promptTokensDetails?.cacheWriteTokens ?? 0).input)
                return TokenUsage(
                    input: all - cached - written,
                    cachedInput: cached,
                    cacheWrite: written,
                    output: completionTokens ?? 0
                )
            }
        }

        var model: String?
        var choices: [Choice]
        var usage: Usage?
    }

    func answer(from body: [UInt8], to request: ProviderRequest) -> Result<ProviderAnswer, ProviderError> {
        guard let completion = try? ProviderJSON.decoder().decode(Completion.self, from: Data(body)),
            let choice = completion.choices.first
        else {
            return .failure(ProviderError(.unparseable, message: "the provider's reply is not a chat completion"))
        }
        let usage = completion.usage?.tokens
        func fail(_ code: ProviderError.Code, _ text: String) -> Result<ProviderAnswer, ProviderError> {
            .failure(ProviderError(code, message: text, usage: usage))
        }
        if let refusal = choice.message.refusal, !refusal.isEmpty {
            return fail(.refused, "the model refused to answer")
        }
        switch choice.finishReason {
        case "stop": break
        case "length": return fail(.truncated, "the answer was cut off at the token limit; raise it")
        case "content_filter": return fail(.filtered, "a content filter held the answer back")
        case "tool_calls", "function_call": return fail(.paused, "the model stopped in the middle of its work")
        default: return fail(.unparseable, "the provider's reply does not say that the answer is complete")
        }
        let text = (choice.message.content ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { return fail(.empty, "the answer is empty") }
        return .success(ProviderAnswer(text: text, model: completion.model ?? request.model, usage: usage))
    }

    func failureCode(status: Int, body: [UInt8]) -> ProviderError.Code {
        struct Failure: Decodable {
            /// Some servers put a number where others put a word; neither hides the other field.
            struct Word: Decodable {
                var text: String?

                init(from decoder: any Decoder) throws {
                    text = try? decoder.singleValueContainer().decode(String.self)
                }
            }
            struct Detail: Decodable {
                var type: Word?
                var code: Word?
            }
            var error: Detail?
        }
        let detail = (try? ProviderJSON.decoder().decode(Failure.self, from: Data(body)))?.error
        let words = [detail?.code?.text, detail?.type?.text].compactMap { $0 }
        if words.contains(where: Self.exhausted.contains) {
            return .quotaExhausted
        }
        return commonFailureCode(status: status)
    }
}
