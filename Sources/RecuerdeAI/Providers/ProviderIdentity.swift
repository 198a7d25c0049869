/// Who answers: part of every key, since another provider, another address or another model gives another answer.
public struct ProviderIdentity: Sendable, Hashable {
    /// The provider's name: `anthropic`, `openai`, or one of your own.
    public var name: String
    /// Where it is reached, without credentials.
    public var baseURL: String
    /// The model asked where a request names no other.
    public var model: String

    /// Makes an identity.
    public init(name: String, baseURL: String, model: String) {
        self.name = name
        self.baseURL = baseURL
        self.model = model
    }
}
