import NIOHTTP1
import Recuerde

/// Asks a provider over HTTP, attempt after attempt, within a total deadline.
struct ProviderCaller<Dialect: ProviderDialect>: Sendable {
    let dialect: Dialect
    let endpoint: ProviderEndpoint
    let transport: ProviderTransport
    let settings: ProviderSettings

    func complete(_ request: ProviderRequest) async throws(ProviderError) -> ProviderAnswer {
        guard let body = try? dialect.body(for: request) else {
            throw ProviderError(.invalidRequest, message: "the question cannot be written as JSON")
        }
        let time = settings.timeSource
        let deadline = time.now().advanced(by: settings.totalTimeout)
        var retries = RetryStateMachine(
            policy: settings.retryPolicy ?? dialect.defaultRetryPolicy,
            deadline: deadline
        )
        /// Failed attempts so far that may have been billed.
        var unaccounted = 0
        // Bounded by the policy's number of attempts.
        while true {
            retries.attemptStarted()
            let attemptDeadline = min(deadline, time.now().advanced(by: settings.attemptTimeout))
            let exchange = await transport.post(
                url: endpoint.url,
                headers: dialect.headers(),
                body: body,
                deadline: attemptDeadline
            )
            var error: ProviderError
            var failure = RetryStateMachine.Failure()
            switch exchange {
            case .reply(let reply) where (200...299).contains(reply.status):
                switch dialect.answer(from: reply.body, to: request) {
                case .success(var answer):
                    answer.attempts = retries.attempts
                    answer.unaccountedAttempts = unaccounted
                    return answer
                case .failure(var failed):
                    // What the model said is what it said: asking again costs as much again.
                    failed.status = reply.status
                    failed.attempts = retries.attempts
                    failed.unaccountedAttempts += unaccounted
                    throw failed
                }
            case .reply(let reply):
                error = Self.error(dialect.failureCode(status: reply.status, body: reply.body), status: reply.status)
                failure.status = reply.status
                failure.read(reply.headers)
            case .tooLarge(let status, let headers):
                let code: ProviderError.Code =
                    (200...299).contains(status) ? .tooLarge : dialect.failureCode(status: status, body: [])
                error = Self.error(code, status: status)
                failure.status = status
                failure.isFinal = code == .tooLarge
                failure.read(headers)
            case .notConnected: error = Self.error(.notConnected)
            case .connectionFailed: error = Self.error(.connectionFailed)
            case .timedOut(let wasSent):
                error = Self.error(.timedOut)
                if !wasSent { error.unaccountedAttempts = 0 }
            case .cancelled: error = Self.error(.cancelled, attempts: retries.attempts)
            }
            unaccounted += error.unaccountedAttempts
            error.attempts = retries.attempts
            error.unaccountedAttempts = unaccounted
            if Task.isCancelled || error.code == .cancelled {
                throw Self.cancelled(attempts: retries.attempts, unaccounted: unaccounted)
            }
            failure.isFinal = failure.isFinal || error.code == .quotaExhausted || !request.allowsRetry
            let decision = retries.attemptFailed(
                failure,
                now: time.now(),
                unixTime: time.unixTime(),
                chance: settings.chance()
            )
            switch decision {
            case .giveUp: throw error
            case .retry(let next):
                do { try await time.sleep(until: next) } catch {
                    throw Self.cancelled(attempts: retries.attempts, unaccounted: unaccounted)
                }
                // The money put aside for this attempt may be gone; the next one needs its own.
                if unaccounted > 0, let ledger = CallLedger.current, !ledger.allows(attempts: unaccounted + 1) {
                    throw error
                }
            }
        }
    }

    private static func cancelled(attempts: Int, unaccounted: Int) -> ProviderError {
        ProviderError(
            .cancelled,
            message: message(.cancelled),
            attempts: attempts,
            unaccountedAttempts: unaccounted
        )
    }

    private static func error(
        _ code: ProviderError.Code,
        status: Int? = nil,
        attempts: Int = 0
    ) -> ProviderError {
        ProviderError(code, message: message(code), status: status, attempts: attempts)
    }

    private static func message(_ code: ProviderError.Code) -> String {
        switch code {
        case .unauthorized: "the provider refuses the API key; check the key and what it is allowed to do"
        case .quotaExhausted: "the provider's account has no credit left; add some or raise its limit"
        case .rateLimited: "the provider takes no more requests for now"
        case .overloaded: "the provider has no capacity for now"
        case .serverError: "the provider failed"
        case .notConnected: "the provider cannot be reached; check the base URL and the network"
        case .connectionFailed: "the connection to the provider was cut before its answer was whole"
        case .timedOut: "the provider did not answer in time"
        case .tooLarge: "the provider's answer is longer than is read"
        case .cancelled: "the caller went away"
        default: "the provider does not take the request; check the model's name and the base URL"
        }
    }
}

extension RetryStateMachine.Failure {
    /// Takes over what the headers say about trying again.
    mutating func read(_ headers: HTTPHeaders) {
        retryAfterMilliseconds = headers.first(name: "retry-after-ms")
        retryAfter = headers.first(name: "retry-after")
        shouldRetry = headers.first(name: "x-should-retry")
    }
}
