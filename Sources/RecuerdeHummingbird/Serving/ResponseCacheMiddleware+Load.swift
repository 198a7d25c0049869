import HTTPTypes
import Hummingbird
import Recuerde

/// Has a response made that is not there, once for all who ask for it.
extension ResponseCacheMiddleware {
    func load(
        _ place: Place,
        _ question: Question,
        refreshes: Bool,
        _ context: Context,
        _ next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Look {
        let turn = LoadTurn()
        let options = options(place, question, refreshes: refreshes)
        async let outcome = Self.outcome(of: turn, in: cache, place.key, options)
        guard case .load(let previous) = try await turn.next() else {
            return try received(await outcome, question)
        }
        makers.enter(place.key)
        defer { makers.leave(place.key) }
        let made: MadeResponse
        do {
            made = try await make(place, question, previous, context, next)
        } catch {
            // Whatever a handler throws whose client has gone says nothing about the resource.
            let end = Task.isCancelled ? End.gone : End(error)
            turn.finish(.failure(failure(end, previous, question)))
            let outcome = await outcome
            if case .failed(let code) = end, let response = standIn(outcome, code, question) {
                return .response(response)
            }
            throw error
        }
        switch made {
        case .passed(let response):
            let end = End(response.status)
            turn.finish(.failure(failure(end, previous, question)))
            let outcome = await outcome
            if case .failed(let code) = end, let response = standIn(outcome, code, question) {
                return .response(response)
            }
            let passed = passed(response, "fwd=\(reason(place, previous, question))")
            return .response(
                Preconditions.isUnmodified(question.request.headers, status: passed.status, fields: passed.headers)
                    ? Preconditions.notModified(passed.headers) : passed
            )
        case .kept(let loaded):
            turn.finish(.success(loaded))
            var status = "fwd=\(reason(place, previous, question))"
            if case .success(let result) = await outcome, result.provenance.stored { status += "; stored" }
            let age = loaded.value.initialAge > .zero ? loaded.value.initialAge : nil
            return .response(serve(loaded.value, age: age, status, to: question.request))
        }
    }

    private static func outcome(
        of turn: LoadTurn,
        in cache: Cache,
        _ key: CacheKey,
        _ options: EntryOptions
    ) async -> Result<CacheResult<StoredResponse>, any Error> {
        defer { turn.settle() }
        do {
            return .success(try await cache.result(for: key, options: options) { try await turn.load($0) })
        } catch {
            return .failure(error)
        }
    }

    private func options(_ place: Place, _ question: Question, refreshes: Bool) -> EntryOptions {
        var options = EntryOptions()
        options.readPolicy = refreshes ? .refresh : .normal
        options.maximumAge = refreshes ? nil : question.directives.maximumAge
        if !place.isFirst { options.tags = [question.target.tag] }
        // A load needs its request, and none is left for one in the background.
        options.earlyRefresh = 0
        options.softTimeout = .seconds(86_400)
        return options
    }

    // MARK: Outcomes

    /// What came without this request's doing: what another has made, or what the remote tier had.
    private func received(_ outcome: Result<CacheResult<StoredResponse>, any Error>, _ question: Question) throws
        -> Look
    {
        switch outcome {
        case .success(let result):
            let provenance = result.provenance
            guard result.value.selection.matches(question.request.headers) else {
                return .elsewhere(result.value.selection)
            }
            switch provenance.source {
            case .stale:
                return standIn(outcome, nil, question).map(Look.response) ?? .alone
            case .load:
                let status = "fwd=miss\(provenance.stored ? "; stored" : ""); collapsed"
                let age = result.value.initialAge > .zero ? result.value.initialAge : nil
                return .response(serve(result.value, age: age, status, to: question.request))
            default:
                return response(result, to: question).map(Look.response) ?? .again
            }
        case .failure(NotShared.left):
            try Task.checkCancellation()
            return .again
        case .failure:
            try Task.checkCancellation()
            return .alone
        }
    }

    /// The stale response that stands in for a handler that failed, as long as it may.
    private func standIn(
        _ outcome: Result<CacheResult<StoredResponse>, any Error>,
        _ failed: Int?,
        _ question: Question
    ) -> Response? {
        guard case .success(let result) = outcome, result.provenance.source == .stale, !question.directives.noCache,
            result.value.selection.matches(question.request.headers)
        else { return nil }
        let staleFor = max(.zero, .zero - (result.provenance.remaining ?? .zero))
        guard staleFor <= result.value.staleIfError else { return nil }
        let reason = result.provenance.staleReason.map { "; detail=\($0)" } ?? ""
        let code = failed.map { "; fwd-status=\($0)" } ?? ""
        let status = "fwd=stale\(code); ttl=\(-staleFor.wholeSecondsUp)\(reason)"
        return serve(result.value, age: result.provenance.age + result.value.initialAge, status, to: question.request)
    }

    /// What the others are told where there is nothing for them.
    private func failure(
        _ end: End,
        _ previous: PreviousValue<StoredResponse>?,
        _ question: Question
    ) -> SourceFailure {
        if case .gone = end { return SourceFailure(NotShared.left, allowsStale: false) }
        guard case .failed = end, let previous, !question.directives.noCache else {
            return SourceFailure(NotShared.notKept, allowsStale: false)
        }
        let rest = previous.value.staleIfError - max(.zero, previous.age - previous.value.lifetime)
        return SourceFailure(
            NotShared.notKept,
            allowsStale: rest > .zero,
            pause: min(cache.configuration.defaultFailureThrottle, max(.zero, rest))
        )
    }

    /// Why the request went on to its handler (RFC 9211, section 2.2).
    private func reason(
        _ place: Place,
        _ previous: PreviousValue<StoredResponse>?,
        _ question: Question
    ) -> String {
        if question.directives.noCache { return "request" }
        if let previous { return previous.isStale ? "stale" : "request" }
        return place.isFirst ? "miss" : "vary-miss"
    }
}

/// How a handler has ended that has brought nothing to keep.
private enum End {
    /// It has failed, so that a stale response may stand in; with this status.
    case failed(Int)
    /// With a response, or an error, that is for its request.
    case answered
    /// Its request has gone.
    case gone

    init(_ error: any Error) {
        if error is CancellationError {
            self = .gone
        } else {
            self.init((error as? any HTTPResponseError)?.status ?? .internalServerError)
        }
    }

    /// Those that mean that the handler has failed, rather than that the request is at fault (RFC 5861, section 4).
    init(_ status: HTTPResponse.Status) {
        self = [500, 502, 503, 504].contains(status.code) ? .failed(status.code) : .answered
    }
}
