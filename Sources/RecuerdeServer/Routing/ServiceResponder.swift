import HTTPTypes
import Hummingbird
import Logging
import Recuerde

/// What stands around the router: names the request, keeps it within its time, counts it and logs it.
///
/// Around the router and not among its middlewares, because a time limit needs to hand the work to another task, and a
/// middleware's `next` may not leave its call.
struct ServiceResponder<Base: HTTPResponder>: HTTPResponder where Base.Context == ServiceRequestContext {
    let base: Base
    let configuration: ServerConfiguration
    let timeSource: any TimeSource
    let metrics: RequestMetrics
    let logger: Logger

    func respond(to request: Request, context: ServiceRequestContext) async throws -> Response {
        let started = timeSource.now()
        var context = context
        context.progress = RequestProgress(timeSource: timeSource)
        context.requestID = RequestIdentity.of(request.headers)
        context.client = ClientAddress.of(
            request.headers,
            peer: context.peer,
            trustsForwardedFor: configuration.trustsForwardedFor
        )
        context.logger = logger
        context.logger[metadataKey: "request_id"] = "\(context.requestID)"

        var response = try await bounded(request, context, started: started)
        // Whatever answered: an answer to HEAD has no body (RFC 9110, section 9.3.2), and the next answer on the
        // connection would be read as one.
        if request.method == .head { response = response.createHeadResponse() }
        if let header = RequestIdentity.header { response.headers[header] = context.requestID }

        let duration = started.duration(to: timeSource.now())
        let route = RequestMetrics.label(forRoute: context.endpointPath)
        metrics.record(route: route, method: request.method, status: response.status, duration: duration)
        context.logger.log(
            level: Self.level(route: route, status: response.status),
            "request_handled",
            metadata: [
                "method": "\(RequestMetrics.label(forMethod: request.method))",
                "route": "\(route)",
                "status": .stringConvertible(Int(response.status.code)),
                "duration_ms": .stringConvertible(duration.inMilliseconds),
            ]
        )
        return response
    }

    /// Probes come every few seconds and tell nothing as long as they succeed.
    private static func level(route: String, status: HTTPResponse.Status) -> Logger.Level {
        let probes = [Route.live, .ready, .metrics].map(\.template)
        return probes.contains(route) && status.kind == .successful ? .debug : .info
    }

    private enum Outcome: Sendable {
        case answered(Response)
        case late(Problem)
    }

    /// Answers within the request's time, or with the problem that it took too long.
    private func bounded(
        _ request: Request,
        _ context: ServiceRequestContext,
        started: MonotonicInstant
    ) async throws -> Response {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask { .answered(try await answer(request, context)) }
            group.addTask { .late(await lateness(context.progress, started: started)) }
            // The first to finish decides; the other is cancelled, and awaited when the group ends.
            defer { group.cancelAll() }
            let problem: Problem
            switch try await group.next() {
            case .answered(let response): return response
            case .late(let lateness): problem = lateness
            case nil: problem = .internalError
            }
            if !Task.isCancelled {
                context.logger.warning("request_timed_out", metadata: ["code": "\(problem.code)"])
            }
            return JSONBody.response(problem, requestID: context.requestID)
        }
    }

    /// Sleeps until the request is late, and tells in what way.
    ///
    /// The body has the request's time to come in, and the answer has as long again from then on: what answers within its
    /// own limits must not be cut off because a client was slow.
    private func lateness(_ progress: RequestProgress, started: MonotonicInstant) async -> Problem {
        try? await timeSource.sleep(until: started.advanced(by: configuration.requestTimeout))
        guard let bodyReadAt = progress.bodyReadAt else { return .requestTimedOut }
        try? await timeSource.sleep(until: bodyReadAt.advanced(by: configuration.requestTimeout))
        return .answerTimedOut
    }

    private func answer(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        do {
            return try await base.respond(to: request, context: context)
        } catch {
            let problem = ProblemMiddleware.problem(for: error, request: request, context: context)
            return JSONBody.response(problem, requestID: context.requestID)
        }
    }
}

extension Duration {
    /// Milliseconds with three decimals.
    var inMilliseconds: Double {
        (inSeconds * 1_000_000).rounded() / 1_000
    }
}
