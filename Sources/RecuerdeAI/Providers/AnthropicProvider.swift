public import AsyncHTTPClient

/// Asks Claude through Anthropic's Messages interface (`POST /v1/messages`, version 2023-06-01).
public struct AnthropicProvider: AIProvider {
    /// Where and as whom to ask.
    public struct Configuration: Sendable {
        /// The vendor's own address.
        public static let defaultBaseURL = "https://api.anthropic.com"
        /// The model asked where nothing else is said.
        public static let defaultModel = "claude-haiku-4-5"

        /// The key. Goes into one header and nowhere else.
        public var apiKey: String
        /// The address, with or without `/v1`; plain http only to this machine.
        public var baseURL: String
        /// The model.
        public var model: String
        /// Times, limits and retries.
        public var settings: ProviderSettings

        /// Makes a configuration.
        public init(
            apiKey: String,
            baseURL: String = Self.defaultBaseURL,
            model: String = Self.defaultModel,
            settings: ProviderSettings = .init()
        ) {
            self.apiKey = apiKey
            self.baseURL = baseURL
            self.model = model
            self.settings = settings
        }
    }

    /// `anthropic`, the address and the model.
    public let identity: ProviderIdentity
    private let caller: ProviderCaller<AnthropicDialect>

    /// Makes a provider; connects to nothing yet.
    ///
    /// - Parameters:
    ///   - httpClient: made with `HTTPClient.Configuration.recuerdeProvider`; the caller shuts it down.
    ///   - configuration: where the provider is, and how it is asked.
    /// - Throws: ``AIServiceError`` with code `configuration` that names the setting at fault.
    public init(httpClient: HTTPClient, configuration: Configuration) throws(AIServiceError) {
        let key = try APIKey.checked(configuration.apiKey, setting: "ANTHROPIC_API_KEY")
        guard !key.isEmpty else {
            throw AIServiceError(.configuration, message: "ANTHROPIC_API_KEY must not be empty")
        }
        let endpoint = try ProviderEndpoint(
            baseURL: configuration.baseURL,
            path: "messages",
            setting: "ANTHROPIC_BASE_URL"
        )
        identity = ProviderIdentity(name: "anthropic", baseURL: endpoint.baseURL, model: configuration.model)
        caller = ProviderCaller(
            dialect: AnthropicDialect(apiKey: key),
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
