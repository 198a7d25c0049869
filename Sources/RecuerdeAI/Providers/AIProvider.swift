/// A model that can be asked: the vendors', one of your own, or a double in a test.
public protocol AIProvider: Sendable {
    /// Who answers. Constant for the life of the provider.
    var identity: ProviderIdentity { get }

    /// Asks once and waits for the whole answer.
    ///
    /// The provider repeats failed attempts itself, within a total deadline of its own, and returns only complete,
    /// non-empty text. It may be called from many tasks at once.
    ///
    /// - Throws: ``ProviderError``; with code `cancelled` when the task was cancelled.
    func complete(_ request: ProviderRequest) async throws(ProviderError) -> ProviderAnswer
}
