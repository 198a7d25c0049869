import RecuerdeAI
import Synchronization

/// A provider in memory that answers as told and keeps what it was asked.
final class ScriptedProvider: AIProvider {
    typealias Answer = @Sendable (ProviderRequest) async throws(ProviderError) -> ProviderAnswer

    let identity: ProviderIdentity
    private let requestsSeen = Mutex<[ProviderRequest]>([])
    private let current: Mutex<Answer>

    init(
        identity: ProviderIdentity = ProviderIdentity(
            name: "anthropic",
            baseURL: "https://provider.test",
            model: "claude-haiku-4-5"
        ),
        _ answer: @escaping Answer
    ) {
        self.identity = identity
        current = Mutex(answer)
    }

    /// One that always says `text`.
    convenience init(text: String, usage: TokenUsage? = TokenUsage(input: 100, output: 50)) {
        self.init { (request) throws(ProviderError) in
            ProviderAnswer(text: text, model: request.model, usage: usage)
        }
    }

    /// One that always fails.
    convenience init(failing code: ProviderError.Code) {
        self.init { (_) throws(ProviderError) in throw ProviderError(code, message: "scripted", attempts: 1) }
    }

    var requests: [ProviderRequest] {
        requestsSeen.withLock { $0 }
    }

    func change(_ answer: @escaping Answer) {
        current.withLock { $0 = answer }
    }

    func complete(_ request: ProviderRequest) async throws(ProviderError) -> ProviderAnswer {
        requestsSeen.withLock { $0.append(request) }
        let answer = current.withLock { $0 }
        return try await answer(request)
    }
}
