import HTTPTypes
public import Hummingbird
public import Recuerde

/// Keeps responses in a cache that many clients share, and answers with them: HTTP caching (RFC 9111) on the side of the origin.
///
/// ```swift
/// router.group("articles")
///     .add(middleware: ResponseCacheMiddleware(cache: cache))
///     .get(":id") { request, context in … }      // says `Cache-Control: public, max-age=60`
/// ```
///
/// - A GET is answered from the cache while its response is fresh; a HEAD as well, but none brings a response there. However many ask for
///   one that is missing, its handler runs once, for the request that came first; a response that turns out not to be for everybody goes to
///   that request alone, and the others run the handler themselves.
/// - Kept is what its handler declares to be fresh (`s-maxage`, `max-age`, `Expires`), or is so by
///   ``ResponseCacheConfiguration/defaultTimeToLive``; and neither `no-store`, `no-cache` nor `private`, nor with `Set-Cookie`, `Vary: *`,
///   trailers, or a body that is too long or of unknown length. Each combination of what the fields in `Vary` say is kept by itself.
/// - A request with credentials (`Authorization`, `Cookie`, ``ResponseCacheConfiguration/credentialFields``) goes to its handler, whatever the
///   response says, and so does one for a range, or with a body.
/// - A kept response has a strong `ETag`, the handler's or one of its body, and who has it already gets 304. Handlers see
///   no conditions of clients, but those of this cache: what has validators of their own may answer 304, which prolongs what is kept.
/// - A method that is not safe, and succeeds, removes what is kept under its URI.
/// - A stale response may stand in where the handler fails, and be served while one request makes a new one: as that request says, and the
///   handler does not forbid.
///
/// `Cache-Status` (RFC 9211) and `Age` tell where a response came from. What fails in the cache never fails a request. Fields that are made
/// for each request (an identifier, CORS) belong to middleware that is added before this one; what changes bodies, such as compression, too,
/// if it changes the `ETag` with them.
///
/// A hit in memory costs the making of the key and the fields, and copies no body. Each request whose response is not there has one child
/// task, and what a load costs; one that changes something costs a removal, and an invalidation of one tag.
public struct ResponseCacheMiddleware<Context: RequestContext>: RouterMiddleware {
    let cache: Cache
    let configuration: ResponseCacheConfiguration
    let makers = Makers()

    /// Makes a middleware. Several may share a cache; those that do keep the same responses.
    public init(cache: Cache, configuration: ResponseCacheConfiguration = ResponseCacheConfiguration()) {
        self.cache = cache
        self.configuration = configuration
    }

    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let target = ResponseTarget(request, configuration, carriesTags: cache.carriesTags) else {
            return try await next(request, context)
        }
        guard request.method == .get || request.method == .head else {
            let response = try await next(request, context)
            if response.isSuccess, !request.method.isSafe { await forget(target) }
            return passed(response, "fwd=method")
        }
        var directives = RequestDirectives()
        if configuration.heedsRequestDirectives { directives = RequestDirectives(request.headers) }
        let question = Question(request: request, directives: directives, target: target)
        guard !question.isForHandler, !configuration.credentialFields.contains(where: { request.headers.contains($0) })
        else {
            if directives.onlyIfCached { return nothingKept() }
            return passed(try await next(request, context), "fwd=bypass")
        }
        var place = Place(target)
        for _ in 0..<Self.mostLooks {
            switch try await look(in: place, for: question, context, next) {
            case .response(let response): return response
            case .elsewhere(let selection): place.select(selection, request.headers)
            case .again: continue
            case .alone: return passed(try await next(request, context), "fwd=miss")
            }
        }
        return passed(try await next(request, context), "fwd=miss")
    }

    /// How often a request looks: in each place that what it finds sends it to, and anew where the request that it waited for has gone.
    private static var mostLooks: Int { 8 }

    /// Removes all responses for a URI, here and on other nodes.
    private func forget(_ target: ResponseTarget) async {
        // In a task of its own, which is awaited here, so that a client who has gone does not keep it from being done.
        await Task { [cache] in
            _ = try? await cache.delete(target.key)
            if target.carriesTags { try? await cache.invalidate(tags: [target.tag], by: .remove) }
        }.value
    }
}

/// What a request wants.
struct Question: Sendable {
    let request: Request
    let directives: RequestDirectives
    let target: ResponseTarget

    /// Whether no cache may answer it, nor keep the answer.
    var isForHandler: Bool {
        let fields = request.headers
        return directives.noStore || fields.contains(.authorization) || fields.contains(.cookie)
            || fields.contains(.proxyAuthorization) || Preconditions.areForHandler(fields) || hasBody
    }

    /// What a handler makes of a body is for nobody else, and the body is no part of what responses are kept under.
    private var hasBody: Bool {
        let fields = request.headers
        return fields.contains(.transferEncoding) || fields[.contentLength].map { $0 != "0" } == true
    }
}

extension HTTPRequest.Method {
    /// RFC 9110, section 9.2.1.
    fileprivate var isSafe: Bool { [.get, .head, .options, .trace].contains(self) }
}

extension Response {
    fileprivate var isSuccess: Bool { status.kind == .successful || status.kind == .redirection }
}
