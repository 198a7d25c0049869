import NIOHTTP1

/// What one vendor's interface looks like on the wire.
protocol ProviderDialect: Sendable {
    var defaultRetryPolicy: RetryPolicy { get }

    /// The headers of every request, the key among them.
    func headers() -> HTTPHeaders

    /// The JSON body of a request.
    func body(for request: ProviderRequest) throws -> [UInt8]

    /// Reads a successful reply: complete, non-empty text, or the reason why there is none.
    func answer(from body: [UInt8], to request: ProviderRequest) -> Result<ProviderAnswer, ProviderError>

    /// What kind of failure a reply that is not 2xx tells of.
    func failureCode(status: Int, body: [UInt8]) -> ProviderError.Code
}

extension ProviderDialect {
    /// What the statuses mean that both vendors use alike.
    func commonFailureCode(status: Int) -> ProviderError.Code {
        switch status {
        case 401, 403: .unauthorized
        case 402: .quotaExhausted
        case 408, 409, 500...502, 504...528, 530...599: .serverError
        case 429: .rateLimited
        case 503, 529: .overloaded
        default: .invalidRequest
        }
    }
}
