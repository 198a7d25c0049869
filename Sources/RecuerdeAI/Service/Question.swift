import Recuerde

/// One question in its one form, ready to be looked up and asked.
struct Question: Sendable {
    let kind: AnswerKind
    /// Everything that determines the answer, as one digest.
    let key: CacheKey
    /// What the answer is kept with, so that it can be made void together with others: see ``AnswerTags``.
    let tags: [String]
    /// What to send to the provider; made only where the provider is asked.
    let request: @Sendable () throws -> ProviderRequest
    /// Turns a model's text into what may be shown, or says why it may not.
    let accept: @Sendable (String) throws(ProviderError) -> [String]
    /// What the tutor says.
    let standIn: @Sendable () -> [String]

    /// What stands in a key; another value in any field makes another key.
    private struct Material<Input: Encodable>: Encodable {
        var kind: String
        var provider: String
        var baseURL: String
        var model: String
        var maximumTokens: Int
        var temperature: Double
        var template: String
        var language: String
        var input: Input
    }

    /// Makes a question.
    ///
    /// - Parameters:
    ///   - input: The request in its one form. All of it is in the key.
    ///   - data: What of it the model gets to see.
    ///   - records: What the answer is made of, each as `type:id`; no part of the key.
    init(
        kind: AnswerKind,
        language: Language,
        input: some Encodable,
        data: some Encodable & Sendable,
        records: [String]? = nil,
        identity: ProviderIdentity,
        configuration: KindConfiguration,
        accept: @escaping @Sendable (String) throws(ProviderError) -> [String],
        standIn: @escaping @Sendable () -> [String]
    ) throws {
        let template = PromptTemplate(kind: kind, language: language)
        let model = configuration.model ?? identity.model
        let material = Material(
            kind: kind.rawValue,
            provider: identity.name,
            baseURL: identity.baseURL,
            model: model,
            maximumTokens: configuration.maximumTokens,
            temperature: configuration.temperature,
            template: template.hash,
            language: language.rawValue,
            input: input
        )
        // Hashed always, and not only when long: a learner's words have no place in the names of keys.
        let digest = SHA256Hex.digest(of: try CacheKey.encode(material).utf8)
        self.kind = kind
        tags = AnswerTags.all(kind: kind, model: model, records: records)
        self.accept = accept
        self.standIn = standIn
        key = CacheKey(
            "ai",
            kind.rawValue,
            identity.name,
            digest,
            kind: CacheKind(
                kind.rawValue,
                timeToLive: configuration.timeToLive,
                maximumStaleness: configuration.maximumStaleness
            )
        )
        request = {
            ProviderRequest(
                system: template.system,
                user: try template.message(with: data),
                model: model,
                maximumTokens: configuration.maximumTokens,
                temperature: configuration.temperature
            )
        }
    }
}
