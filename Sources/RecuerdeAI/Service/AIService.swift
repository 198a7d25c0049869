public import Logging
public import Recuerde
import Synchronization

/// Answers learners' questions through the cache: from memory, from Redis, from the provider, or from the tutor.
///
/// A provider's failure never fails a caller: an answer past its time stands in, else the tutor's, and the answer's
/// provenance says so. Where no provider is configured the tutor is the provider, and its answers are kept under keys
/// of their own; an answer that stands in for a provider's is never kept.
public final class AIService: Sendable {
    let cache: Cache
    let configuration: AIServiceConfiguration
    let provider: GuardedProvider?
    let identity: ProviderIdentity
    let spending: SpendingGuard
    let recorder = UsageRecorder()
    let tutor = Tutor()
    let timeSource: any TimeSource
    private let logger: Logger
    private let failureLines = FailureLines()

    /// Makes a service; asks nobody anything yet.
    ///
    /// - Parameters:
    ///   - cache: Where answers are kept. Its owner runs and shuts it down.
    ///   - provider: Who is asked; nil for the tutor alone.
    ///   - configuration: Lifetimes, limits and money.
    ///   - timeSource: The one that the cache and the provider use too.
    ///   - logger: Gets a warning a minute for each way in which calls to the provider fail, without anything that a learner wrote.
    public init(
        cache: Cache,
        provider: (any AIProvider)?,
        configuration: AIServiceConfiguration = .init(),
        timeSource: any TimeSource = SystemTimeSource(),
        logger: Logger? = nil
    ) {
        self.cache = cache
        self.configuration = configuration
        self.timeSource = timeSource
        self.logger = logger ?? Logger(label: "recuerde.ai") { _ in SwiftLogNoOpLogHandler() }
        identity = provider?.identity ?? ProviderIdentity(name: "tutor", baseURL: "", model: Tutor.version)
        self.provider = provider.map {
            GuardedProvider(
                $0,
                breaker: configuration.breaker,
                maximumCalls: configuration.maximumConcurrentCalls,
                maximumWaiting: configuration.maximumWaitingCalls,
                maximumWait: configuration.maximumCallWait,
                callTimeout: configuration.callTimeout,
                timeSource: timeSource
            )
        }
        spending = SpendingGuard(configuration: configuration, timeSource: timeSource)
    }

    /// Answers a question: from the cache, from the provider, or with the tutor's words.
    func answer(
        _ question: Question,
        policy: RequestPolicy
    ) async throws -> (texts: [String], provenance: AnswerProvenance) {
        // Who went away before anything began must not start a call that is paid for.
        try Task.checkCancellation()
        var options = try entryOptions(policy)
        options.tags = question.tags
        // Tells why a stale answer was given, where this caller's own load found out. Who joined another's load is told
        // no reason, since a wrong one would be worse.
        let failure = FailureNote()
        do {
            let result = try await cache.result(for: question.key, options: options) { _ in
                failure.begin()
                do {
                    return try await self.load(question)
                } catch {
                    failure.set((error as? ProviderError)?.code)
                    throw error
                }
            }
            return (result.value.texts, provenance(of: result, failure: failure.reason, kind: question.kind))
        } catch let error as CacheError where error.code == .notCached {
            throw AIServiceError(.notCached, message: "only a kept answer was wanted, and none is kept")
        } catch {
            if Task.isCancelled { throw CancellationError() }
            return standIn(question, because: error)
        }
    }

    /// What is kept for a question, fresh or past its time, without a load; nil where nothing is, or where the caller
    /// wants nothing kept.
    func kept(
        _ question: Question,
        policy: RequestPolicy
    ) async throws -> (texts: [String], provenance: AnswerProvenance)? {
        _ = try entryOptions(policy)
        guard !policy.noStore, let found: CacheResult<KeptAnswer> = try await cache.lastKnown(question.key) else {
            return nil
        }
        let isStale = found.provenance.source == .stale
        // A caller who wants no kept answer, or a younger one, gets this as what it is: a stand-in.
        let isTooOld = policy.noCache || policy.maximumAge.map { found.provenance.age > $0 } ?? false
        guard isStale || isTooOld else {
            return (found.value.texts, provenance(of: found, failure: nil, kind: question.kind))
        }
        guard !policy.onlyIfCached else { return nil }
        var standIn = found
        standIn.provenance.source = .stale
        standIn.provenance.staleReason = standIn.provenance.staleReason ?? .loadFailed
        return (standIn.value.texts, provenance(of: standIn, failure: .providerFailed, kind: question.kind))
    }

    private func entryOptions(_ policy: RequestPolicy) throws -> EntryOptions {
        var options = EntryOptions()
        // The provider is spared by a breaker, a budget and places of its own, which also say why.
        options.failureThrottle = .zero
        options.loadTimeout = configuration.loadTimeout
        options.hardTimeout = configuration.answerTimeout
        options.maximumAge = policy.maximumAge
        if policy.onlyIfCached {
            guard !policy.noCache, !policy.noStore else {
                throw AIServiceError(
                    .notCached,
                    message: "only a kept answer was wanted, and no kept one was to be used"
                )
            }
            options.readPolicy = .onlyIfCached
        } else if policy.noStore {
            options.readPolicy = .bypass
        } else if policy.noCache {
            options.readPolicy = .refresh
        }
        return options
    }

    /// Makes an answer that may be kept. What may not be kept is thrown, so that the cache cannot keep it.
    private func load(_ question: Question) async throws -> Loaded<KeptAnswer> {
        guard let provider else {
            return Loaded(KeptAnswer(texts: question.standIn(), provider: identity.name, model: identity.model))
        }
        let request = try question.request()
        let start = timeSource.now()
        let ledger: CallLedger?
        do {
            ledger = try spending.ledger(for: request, provider: identity.name)
        } catch {
            count(question.kind, .failure(error), price: .init())
            throw error
        }
        let outcome = await CallLedger.$current.withValue(ledger) {
            await Self.outcome { () async throws(ProviderError) in try await provider.complete(request) }
        }
        let usage: TokenUsage?
        let unaccountedAttempts: Int
        switch outcome {
        case .success(let answer):
            usage = answer.usage
            unaccountedAttempts = answer.unaccountedAttempts + (answer.usage == nil ? 1 : 0)
        case .failure(let error):
            usage = error.usage
            unaccountedAttempts = error.unaccountedAttempts
        }
        let price = spending.price(of: usage, provider: identity.name, model: request.model)
        spending.settle(
            ledger,
            request: request,
            provider: identity.name,
            usage: usage,
            unaccountedAttempts: unaccountedAttempts
        )
        do throws(ProviderError) {
            let answer = try outcome.get()
            var accepted: [String] = []
            do throws(ProviderError) {
                accepted = try question.accept(answer.text)
            } catch {
                throw ProviderError(
                    error.code,
                    message: error.message,
                    usage: answer.usage,
                    attempts: answer.attempts
                )
            }
            count(question.kind, outcome, price: price)
            let cost = LoadCost(
                microdollars: price.microdollars ?? 0,
                tokensIn: UInt32(clamping: usage?.totalInput ?? 0),
                tokensOut: UInt32(clamping: usage?.output ?? 0),
                duration: start.duration(to: timeSource.now())
            )
            return Loaded(
                KeptAnswer(
                    texts: accepted,
                    provider: identity.name,
                    model: answer.model,
                    priceRow: price.row,
                    cost: cost
                ),
                cost: cost
            )
        } catch {
            count(question.kind, .failure(error), price: price)
            throw error
        }
    }

    private static func outcome(
        _ body: () async throws(ProviderError) -> ProviderAnswer
    ) async -> Result<ProviderAnswer, ProviderError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    private func count(
        _ kind: AnswerKind,
        _ outcome: Result<ProviderAnswer, ProviderError>,
        price: SpendingGuard.Price
    ) {
        switch outcome {
        case .success(let answer):
            recorder.callEnded(
                kind: kind,
                outcome: "success",
                attempts: answer.attempts,
                usage: answer.usage,
                microdollars: price.microdollars
            )
        case .failure(let error):
            // What was never asked is no call, and has no line of its own: an outage must not fill the log.
            guard error.wasAsked else {
                recorder.refused(kind: kind, reason: error.code.description)
                return
            }
            recorder.callEnded(
                kind: kind,
                outcome: error.code.description,
                attempts: error.attempts,
                usage: error.usage,
                microdollars: price.microdollars
            )
            guard let held = failureLines.admit(error.code, now: timeSource.now()) else { return }
            logger.warning(
                "provider_failed",
                metadata: [
                    "kind": "\(kind.rawValue)", "provider": "\(identity.name)", "code": "\(error.code)",
                    "status": "\(error.status.map(String.init) ?? "none")", "attempts": "\(error.attempts)",
                    "held_back": "\(held)",
                ]
            )
        }
    }

    private func standIn(
        _ question: Question,
        because error: any Error
    ) -> (texts: [String], provenance: AnswerProvenance) {
        let reason = AnswerProvenance.Reason((error as? ProviderError)?.code)
        recorder.standIn(kind: question.kind, reason: reason)
        return (
            question.standIn(),
            AnswerProvenance(source: .tutor, provider: "tutor", model: Tutor.version, reason: reason)
        )
    }

    private func provenance(
        of result: CacheResult<KeptAnswer>,
        failure: AnswerProvenance.Reason?,
        kind: AnswerKind
    ) -> AnswerProvenance {
        let found = result.provenance
        let isTutors = provider == nil
        let source = AnswerProvenance.Source(rawValue: found.source.rawValue)
        var reason: AnswerProvenance.Reason?
        if isTutors {
            reason = .notConfigured
        } else if found.source == .stale {
            reason = failure
        }
        // Who joined another's question was spared a call as much as who found a kept answer.
        let isSaved = found.source == .memory || found.source == .redis || (found.source == .load && found.shared)
        if isTutors {
            if found.source == .load { recorder.standIn(kind: kind, reason: .notConfigured) }
        } else if isSaved {
            // Who joined another's question waited as long as that call took.
            let waited = found.source == .load
            recorder.hit(
                cost: found.cost ?? result.value.cost,
                priceRow: result.value.priceRow,
                savesTime: !waited
            )
        }
        return AnswerProvenance(
            source: isTutors && found.source == .load ? .tutor : source,
            age: max(0, found.age.inSeconds),
            remaining: found.remaining?.inSeconds,
            provider: result.value.provider,
            model: result.value.model,
            reason: reason,
            shared: found.shared,
            stored: found.stored
        )
    }
}

extension AnswerProvenance.Reason {
    /// The reason that a provider's failure is; nil stands for one that is not known.
    init(_ code: ProviderError.Code?) {
        self =
            switch code {
            case .suspended: .providerSuspended
            case .busy: .providerBusy
            case .budgetSpent: .budgetSpent
            case .hintContainedAnswer: .hintContainedAnswer
            default: .providerFailed
            }
    }
}

/// Carries the reason of a failure out of a load.
private final class FailureNote: Sendable {
    private let note = Mutex<AnswerProvenance.Reason?>(nil)

    /// nil where another's load failed.
    var reason: AnswerProvenance.Reason? { note.withLock { $0 } }

    /// Says that the load is this caller's own; where it does not come to an end, it took too long.
    func begin() {
        note.withLock { $0 = .providerFailed }
    }

    func set(_ code: ProviderError.Code?) {
        note.withLock { $0 = AnswerProvenance.Reason(code) }
    }
}
