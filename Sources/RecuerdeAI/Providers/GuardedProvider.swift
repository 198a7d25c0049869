import Recuerde
import Synchronization

/// A provider behind a breaker and a limit of calls at once, with a deadline for waiting and calling together.
final class GuardedProvider: AIProvider {
    let identity: ProviderIdentity
    private let provider: any AIProvider
    private let breaker: Mutex<ProviderBreaker>
    private let slots: CallSlots
    private let maximumWait: Duration
    private let callTimeout: Duration
    private let timeSource: any TimeSource

    init(
        _ provider: any AIProvider,
        breaker: ProviderBreaker.Configuration,
        maximumCalls: Int,
        maximumWaiting: Int,
        maximumWait: Duration,
        callTimeout: Duration,
        timeSource: any TimeSource
    ) {
        identity = provider.identity
        self.provider = provider
        self.breaker = Mutex(ProviderBreaker(configuration: breaker))
        slots = CallSlots(count: maximumCalls, maximumWaiting: maximumWaiting, timeSource: timeSource)
        self.maximumWait = maximumWait
        self.callTimeout = callTimeout
        self.timeSource = timeSource
    }

    var phase: ProviderBreaker.Phase {
        breaker.withLock { $0.phase(at: timeSource.now()) }
    }

    func complete(_ request: ProviderRequest) async throws(ProviderError) -> ProviderAnswer {
        // Known to be down: no need to stand in line for it.
        if phase == .open { throw Self.suspended }
        let start = timeSource.now()
        let deadline = start.advanced(by: callTimeout)
        switch await slots.acquire(until: min(deadline, start.advanced(by: maximumWait))) {
        case .acquired: break
        case .busy:
            throw ProviderError(.busy, message: "as many calls to the provider as allowed are under way")
        case .cancelled:
            throw ProviderError(.cancelled, message: "the caller went away")
        }
        defer { slots.release() }
        // Asked only now: while this call waited, the provider may have gone down.
        var request = request
        let ticket: UInt64
        switch breaker.withLock({ $0.admit(at: timeSource.now()) }) {
        case .refuse: throw Self.suspended
        case .pass(let passed): ticket = passed
        case .probe(let probe):
            ticket = probe
            request.allowsRetry = false
        }
        let asked = request
        let call = await TimedCall(timeSource: timeSource, deadline: deadline).run(
            onDeadline: { self.record(.failure, ticket) },
            { () async throws(ProviderError) in try await self.provider.complete(asked) }
        )
        // Recorded once: at the deadline, where the call outlasted it, else at its end.
        if !call.isLate { record(Self.breakerOutcome(of: call.outcome), ticket) }
        return try call.outcome.get()
    }

    private static func breakerOutcome(of outcome: Result<ProviderAnswer, ProviderError>) -> ProviderBreaker.Outcome {
        switch outcome {
        case .success: .success
        case .failure(let error): error.breakerOutcome
        }
    }

    private func record(_ outcome: ProviderBreaker.Outcome, _ ticket: UInt64) {
        breaker.withLock { $0.record(outcome, ticket: ticket, at: timeSource.now()) }
    }

    private static var suspended: ProviderError {
        ProviderError(.suspended, message: "the provider failed again and again; it is left alone for a while")
    }
}
