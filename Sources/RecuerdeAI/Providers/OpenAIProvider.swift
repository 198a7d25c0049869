public import AsyncHTTPClient

/// Asks a model through OpenAI's chat completions (`POST /v1/chat/completions`), which Ollama, vLLM and llama.cpp
/// speak too.
public struct OpenAIProvider: AIProvider {
    /// Where and as whom to ask.
    public struct Configuration: Sendable {
        /// The vendor's own address.
        public static let defaultBaseURL = "https://api.openai.com/v1"
        /// The model asked where nothing else is said.
        public static let defaultModel = "gpt-5.6-luna"

        /// The key; empty for a local server that wants none. Goes into one header and nowhere else.
        public var apiKey: String
        /// The address, with or without `/v1`; plain http only to this machine.
        public var baseURL: String
        /// The model.
        public var model: String
        /// Times, limits and retries.
        public var settings: ProviderSettings
        /// Whether the token limit is sent as `max_completion_tokens`, which OpenAI wants, or as `max_tokens`, which
        /// the others understand; nil decides by the address.
        public var sendsMaximumCompletionTokens: Bool?

        /// Makes a configuration.
        public init(
            apiKey: String,
            baseURL: String = Self.defaultBaseURL,
            model: String = Self.defaultModel,
            settings: ProviderSettings = .init(),
            sendsMaximumCompletionTokens: Bool? = nil
        ) {
            self.apiKey = apiKey
            self.baseURL = baseURL
            self.model = model
            self.settings = settings
            self.sendsMaximumCompletionTokens = sendsMaximumCompletionTokens
        }
    }

    /// `openai`, the address and the model.
    public let identity: ProviderIdentity
    private let caller: ProviderCaller<OpenAIDialect>

    /// Makes a provider; connects to nothing yet.
    ///
    /// - Parameters:
    ///   - httpClient: made with `HTTPClient.Configuration.recuerdeProvider`; the caller shuts it down.
    ///   - configuration: where the provider is, and how it is asked.
    /// - Throws: ``AIServiceError`` with code `configuration` that names the setting at fault.
    public init(httpClient: HTTPClient, configuration: Configuration) throws(AIServiceError) {
        let key = try APIKey.checked(configuration.apiKey, setting: "OPENAI_API_KEY")
        let endpoint = try ProviderEndpoint(
            baseURL: configuration.baseURL,
            path: "chat/completions",
            setting: "OPENAI_BASE_URL"
        )
        identity = ProviderIdentity(name: "openai", baseURL: endpoint.baseURL, model: configuration.model)
        caller = ProviderCaller(
            dialect: OpenAIDialect(
                apiKey: key,
                sendsMaximumCompletionTokens: configuration.sendsMaximumCompletionTokens
                    ?? (endpoint.host == "api.openai.com")
            ),
            endpoint: endpoint,
            transport: ProviderTransport(
                httpClient: httpClient,
                timeSource: configuration.settings.timeSource,
                maximumAnswerBytes: configuration.settings.maximumAnswerBytes
            ),
            settings: configuration.settings
        )
    }

    /// Asks, repeating what is worth repeating.
    public func complete(_ request: ProviderRequest) async throws(ProviderError) -> ProviderAnswer {
        try await caller.complete(request)
    }
}
