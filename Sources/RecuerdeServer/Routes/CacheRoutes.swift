import HTTPTypes
import Hummingbird
import Recuerde

/// The administrative routes: what the cache has done and holds, and how to remove it or make it void.
///
/// All of them need the bearer token. Keys hold learners' text, hashed or not, so they leave the service here and nowhere
/// else.
struct CacheRoutes: Sendable {
    let cache: Cache
    let configuration: ServerConfiguration
    let gate: AdminGate

    func register(on router: Router<ServiceRequestContext>) {
        router.on(.statistics, use: guarded(statistics))
        router.on(.resetStatistics, use: guarded(resetStatistics))
        router.on(.keys, use: guarded(keys))
        router.on(.explainKey, use: guarded(explain))
        router.on(.deleteKey, use: guarded(delete))
        router.on(.clear, use: guarded(clear))
        router.on(.invalidate, use: guarded(readsBody: true, invalidate))
    }

    private typealias Handler = @Sendable (Request, ServiceRequestContext) async throws -> Response

    private func guarded(readsBody: Bool = false, _ handler: @escaping Handler) -> Handler {
        { request, context in
            try gate.authorise(request.headers, client: context.client)
            // Where no body is read, what comes too late is the answer, not the request.
            if !readsBody { context.progress.bodyIsIn() }
            var response = try await handler(request, context)
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }

    @Sendable private func statistics(_: Request, _: ServiceRequestContext) async throws -> Response {
        try JSONBody.response(StatisticsBody(cache.statistics()))
    }

    @Sendable private func resetStatistics(_: Request, _: ServiceRequestContext) async throws -> Response {
        cache.resetStatistics()
        return try JSONBody.response(StatisticsBody(cache.statistics()))
    }

    @Sendable private func keys(_ request: Request, _: ServiceRequestContext) async throws -> Response {
        let limits = 1...max(1, configuration.maximumKeysPerPage)
        var limit = min(100, limits.upperBound)
        if let text = request.uri.queryParameters["limit"] {
            guard let number = Int(text), limits.contains(number) else {
                let detail = "must be a whole number from \(limits.lowerBound) to \(limits.upperBound)"
                throw Problem.invalidFields([Problem.FieldError(field: "limit", detail: detail)])
            }
            limit = number
        }
        let page = try await cache.keys(limit: limit)
        return try JSONBody.response(
            KeysBody(keys: page.keys.sorted(), truncated: page.isTruncated, source: page.source)
        )
    }

    @Sendable private func explain(_: Request, _ context: ServiceRequestContext) async throws -> Response {
        try JSONBody.response(ExplanationBody(try await cache.explain(key(context))))
    }

    @Sendable private func delete(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let key = try key(context)
        // What cannot be expired is deleted, and said to be.
        guard try keepsStale(request), cache.carriesTags else {
            return try JSONBody.response(["deleted": try await cache.delete(key)])
        }
        return try JSONBody.response(["expired": try await cache.expire(key)])
    }

    @Sendable private func clear(_ request: Request, _: ServiceRequestContext) async throws -> Response {
        try JSONBody.response(["cleared": try await cache.clear(keepingStale: try keepsStale(request))])
    }

    @Sendable private func invalidate(
        _ request: Request,
        _ context: ServiceRequestContext
    ) async throws -> Response {
        let body = try await JSONBody.collect(request, context: context, limit: configuration.requestBodyLimit)
        let (tags, records, manner) = try JSONBody.decode(InvalidationBody.self, from: body).checked()
        guard cache.carriesTags || tags.isEmpty else { throw Problem.tagsUnsupported }
        do {
            // First, for it may be refused before it has done anything.
            try await cache.recordsChanged(records, by: manner)
        } catch let error as CacheError where error.code == .unsupported {
            throw cache.carriesTags ? Problem.tooManyDependents : Problem.tagsUnsupported
        }
        try await cache.invalidate(tags: tags, by: manner)
        return try JSONBody.response(
            InvalidatedBody(
                tags: tags.count,
                records: records.count,
                journalDepth: cache.statistics().journalDepth
            )
        )
    }

    /// Whether what is no longer to be served may stand in for answers that fail to be made.
    private func keepsStale(_ request: Request) throws(Problem) -> Bool {
        switch request.uri.queryParameters["keep_stale"] {
        case nil, "false": return false
        case "true": return true
        default:
            throw .invalidFields([Problem.FieldError(field: "keep_stale", detail: "must be true or false")])
        }
    }

    /// The key that the path names: the text that the listing shows, percent-encoded once more for the path.
    private func key(_ context: ServiceRequestContext) throws(Problem) -> CacheKey {
        guard let text = context.parameters.get("key").flatMap(PercentEncoding.decode) else {
            throw .invalidFields([Problem.FieldError(field: "key", detail: "is not a percent-encoded key")])
        }
        return CacheKey(escapedText: text)
    }
}
