import Foundation
import NIOHTTP1

/// Anthropic's Messages interface on the wire.
struct AnthropicDialect: ProviderDialect {
    let apiKey: String

    var defaultRetryPolicy: RetryPolicy { .anthropic }

    func headers() -> HTTPHeaders {
        [
            "x-api-key": apiKey,
            "anthropic-version": "2023-06-01",
            "content-type": "application/json",
            "accept": "application/json",
            "user-agent": "recuerde",
        ]
    }

    private struct Body: Encodable {
        struct Message: Encodable {
            var role = "user"
            var content: String
        }

        var model: String
        var maxTokens: Int
        var temperature: Double
        var system: String
        var messages: [Message]
    }

    func body(for request: ProviderRequest) throws -> [UInt8] {
        let body = Body(
            model: request.model,
            maxTokens: max(1, request.maximumTokens),
            temperature: min(max(0, request.temperature), 1),
            system: request.system,
            messages: [.init(content: request.user)]
        )
        return Array(try ProviderJSON.encoder().encode(body))
    }

    private struct Message: Decodable {
        struct Block: Decodable {
            var type: String
            var text: String?
        }

        struct Usage: Decodable {
            var inputTokens: Int?
            var cacheReadInputTokens: Int?
            var cacheCreationInputTokens: Int?
            var outputTokens: Int?
        }

        var type: String
        var model: String?
        var content: [Block]
        var stopReason: String?
        var usage: Usage?
    }

    func answer(from body: [UInt8], to request: ProviderRequest) -> Result<ProviderAnswer, ProviderError> {
        guard let message = try? ProviderJSON.decoder().decode(Message.self, from: Data(body)),
            message.type == "message"
        else {
            return .failure(ProviderError(.unparseable, message: "the provider's reply is not a Messages answer"))
        }
        let usage = message.usage.map {
            TokenUsage(
                input: $0.inputTokens ?? 0,
                cachedInput: $0.cacheReadInputTokens ?? 0,
                cacheWrite: $0.cacheCreationInputTokens ?? 0,
                output: $0.outputTokens ?? 0
            )
        }
        func fail(_ code: ProviderError.Code, _ text: String) -> Result<ProviderAnswer, ProviderError> {
            .failure(ProviderError(code, message: text, usage: usage))
        }
        switch message.stopReason {
        case "end_turn", "stop_sequence": break
        case "max_tokens", "model_context_window_exceeded":
            return fail(.truncated, "the answer was cut off at the token limit; raise it")
        case "refusal": return fail(.refused, "the model refused to answer")
        case "pause_turn", "tool_use": return fail(.paused, "the model stopped in the middle of its work")
        default: return fail(.unparseable, "the provider's reply does not say that the answer is complete")
        }
        let text = message.content.compactMap { $0.type == "text" ? $0.text : nil }.joined()
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { return fail(.empty, "the answer is empty") }
        return .success(ProviderAnswer(text: text, model: message.model ?? request.model, usage: usage))
    }

    func failureCode(status: Int, body: [UInt8]) -> ProviderError.Code {
        struct Failure: Decodable {
            struct Detail: Decodable {
                var type: String?
            }
            var error: Detail?
        }
        let type = (try? ProviderJSON.decoder().decode(Failure.self, from: Data(body)))?.error?.type
        return type == "billing_error" ? .quotaExhausted : commonFailureCode(status: status)
    }
}
