import AsyncHTTPClient
import Logging
import Recuerde
import RecuerdeAI
import RecuerdeTesting

extension Samples {
    static let request = ProviderRequest(
        system: "system words",
        user: "user words",
        model: "claude-haiku-4-5",
        maximumTokens: 200,
        temperature: 0.7
    )

    static func message(_ text: String, stop: String = "end_turn") -> String {
        """
        {"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5-20251001",\
        "content":[{"type":"text","text":"\(text)"}],"stop_reason":"\(stop)","stop_sequence":null,\
        "usage":{"input_tokens":100,"cache_creation_input_tokens":10,"cache_read_input_tokens":20,"output_tokens":50}}
        """
    }

    static func completion(_ text: String, finish: String = "stop", refusal: String = "null") -> String {
        """
        {"id":"c1","object":"chat.completion","created":1,"model":"gpt-5.6-luna","choices":[{"index":0,\
        "message":{"role":"assistant","content":"\(text)","refusal":\(refusal)},"finish_reason":"\(finish)"}],\
        "usage":{"prompt_tokens":130,"completion_tokens":50,"total_tokens":180,\
        "prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":10}}}
        """
    }

    static func service(
        _ provider: (any AIProvider)?,
        configuration: AIServiceConfiguration = .init(),
        time: any TimeSource = ManualTimeSource()
    ) -> AIService {
        var configuration = configuration
        configuration.loadTimeout = .seconds(10_000)
        return AIService(
            cache: Cache(timeSource: time),
            provider: provider,
            configuration: configuration,
            timeSource: time
        )
    }

    /// Runs `body` with an HTTP client and shuts the client down.
    static func withClient<Result>(_ body: (HTTPClient) async throws -> Result) async throws -> Result {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .recuerdeProvider)
        do {
            let result = try await body(client)
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}

/// The error that a body throws.
func failure(
    _ body: () async throws(ProviderError) -> ProviderAnswer
) async -> ProviderError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
