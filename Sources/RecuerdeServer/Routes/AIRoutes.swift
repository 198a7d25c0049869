import HTTPTypes
import Hummingbird
import Recuerde
import RecuerdeAI

/// The routes that answer learners.
struct AIRoutes: Sendable {
    let service: AIService
    let configuration: ServerConfiguration
    let gate: AdminGate
    let limiter: ClientRateLimiter

    func register(on router: Router<ServiceRequestContext>) {
        router.on(.feedback, use: feedback)
        router.on(.feedbackBatch, use: feedbackBatch)
        router.on(.hint, use: hint)
        router.on(.insights, use: insights)
    }

    @Sendable private func feedback(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let (question, directives) = try await read(FeedbackRequest.self, request, context)
        let answer = try await service.generateFeedback(question, policy: directives.policy)
        return try JSONBody.response(answer, headers: CacheStatus.headers(answer.provenance, directives: directives))
    }

    @Sendable private func hint(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let (question, directives) = try await read(HintRequest.self, request, context)
        let answer = try await service.generatePersonalizedHint(question, policy: directives.policy)
        return try JSONBody.response(answer, headers: CacheStatus.headers(answer.provenance, directives: directives))
    }

    @Sendable private func insights(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let (question, directives) = try await read(InsightsRequest.self, request, context)
        let answer = try await service.generateLearningInsights(question, policy: directives.policy)
        return try JSONBody.response(answer, headers: CacheStatus.headers(answer.provenance, directives: directives))
    }

    @Sendable private func feedbackBatch(
        _ request: Request,
        _ context: ServiceRequestContext
    ) async throws -> Response {
        let (items, directives) = try await read([BatchItem<FeedbackRequest>].self, request, context)
        guard items.count <= InputLimits.batch else {
            throw Problem.invalidFields([
                Problem.FieldError(field: "body", detail: "may have at most \(InputLimits.batch) items")
            ])
        }
        // The first was counted when the request came; each item may cost as much as a request of its own.
        try limiter.admitRest(of: items.count, context.client)
        var questions: [FeedbackRequest] = []
        for case .success(let question) in items.map(\.result) { questions.append(question) }
        var answers = await service.batchGenerateFeedback(questions, policy: directives.policy)[...]
        let results = items.map { item -> Result<FeedbackAnswer, Problem> in
            if case .failure(let problem) = item.result { return .failure(problem) }
            guard let answer = answers.popFirst() else { return .failure(.internalError) }
            return answer.mapError { ProblemMiddleware.problem(for: $0, request: request, context: context) }
        }
        let provenances = results.compactMap { try? $0.get().provenance }
        return try JSONBody.response(results.map(BatchAnswer.init), headers: CacheStatus.headers(provenances))
    }

    /// Counts the request, reads its body and what it asks of the cache.
    private func read<Value: Decodable>(
        _ type: Value.Type,
        _ request: Request,
        _ context: ServiceRequestContext
    ) async throws -> (Value, CacheDirectives) {
        try limiter.admit(context.client)
        var directives = CacheDirectives(request.headers)
        if directives.costsMoney && !gate.isAuthorised(request.headers, client: context.client) {
            directives = directives.withoutToken
        }
        let body = try await JSONBody.collect(request, context: context, limit: configuration.requestBodyLimit)
        return (try JSONBody.decode(type, from: body), directives)
    }
}

extension CacheDirectives {
    /// The directives in the service's own words.
    var policy: RequestPolicy {
        RequestPolicy(maximumAge: maximumAge, onlyIfCached: onlyIfCached, noCache: noCache, noStore: noStore)
    }
}
