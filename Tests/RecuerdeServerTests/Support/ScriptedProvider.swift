import RecuerdeAI
import Synchronization

/// A provider that answers as a test says and counts how often it was asked.
final class ScriptedProvider: AIProvider {
    typealias Script = @Sendable (ProviderRequest) async throws(ProviderError) -> ProviderAnswer

    let identity = ProviderIdentity(name: "anthropic", baseURL: "http://127.0.0.1:1", model: "claude-haiku-4-5")
    private let script: Script
    private let count = Atomic(0)

    init(_ script: @escaping Script) {
        self.script = script
    }

    /// A provider that always says `text`.
    convenience init(saying text: String) {
        self.init { request throws(ProviderError) in
            ProviderAnswer(text: text, model: request.model, usage: TokenUsage(input: 100, output: 20))
        }
    }

    /// Says whether a provider fails.
    final class Switch: Sendable {
        private let state = Atomic(false)

        var isOn: Bool { state.load(ordering: .acquiring) }

        func turn(on isOn: Bool) {
            state.store(isOn, ordering: .releasing)
        }
    }

    /// A provider that says `text` unless a switch is on; then it is overloaded.
    convenience init(saying text: String, unless fails: Switch) {
        self.init { request throws(ProviderError) in
            guard !fails.isOn else { throw ProviderError(.overloaded, message: "scripted") }
            return ProviderAnswer(text: text, model: request.model, usage: nil)
        }
    }

    var calls: Int { count.load(ordering: .relaxed) }

    func complete(_ request: ProviderRequest) async throws(ProviderError) -> ProviderAnswer {
        count.wrappingAdd(1, ordering: .relaxed)
        return try await script(request)
    }
}
