import Recuerde
import HTTPTypes

extension Problem {
    static let notFound = Problem(
        .notFound,
        code: "not_found",
        detail: "There is nothing at this path. /openapi.json lists every route."
    )

    static func methodNotAllowed(allowed: [HTTPRequest.Method]) -> Problem {
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        return Problem(
            .methodNotAllowed,
            code: "method_not_allowed",
            detail: "This path takes \(list).",
            headers: [.allow: list]
        )
    }

    static func bodyTooLarge(limit: Int) -> Problem {
        Problem(.contentTooLarge, code: "body_too_large", detail: "The body may have at most \(limit) bytes.")
    }

    static let unsupportedMediaType = Problem(
        .unsupportedMediaType,
        code: "unsupported_media_type",
        detail: "The body must be application/json in UTF-8, without a content encoding.",
        headers: [.accept: "application/json"]
    )

    static let malformedJSON = Problem(
        .badRequest,
        code: "malformed_json",
        detail: "The body is not well-formed JSON, or holds a number that is out of all range."
    )

    /// The decoder does not tell which field it was.
    static let unfitNumber = invalidFields([
        FieldError(
            field: "body",
            detail: "holds a number that its field does not take: too large, or a fraction where a whole number belongs"
        )
    ])

    static let bodyNotReceived = Problem(
        .badRequest,
        code: "body_not_received",
        detail: "The body broke off, or its framing is not that of HTTP.",
        headers: [.connection: "close"]
    )

    static let malformedRequest = Problem(
        .badRequest,
        code: "malformed_request",
        detail:
            "This is not HTTP as this service reads it: look at the method, the request line and the header fields.",
        headers: [.connection: "close"]
    )

    static func invalidFields(_ errors: [FieldError]) -> Problem {
        Problem(
            .unprocessableContent,
            code: "invalid_field",
            detail: errors.count == 1 ? "A field is not acceptable." : "Some fields are not acceptable.",
            errors: errors
        )
    }

    static func tooManyRequests(retryAfter seconds: Int) -> Problem {
        Problem(
            .tooManyRequests,
            code: "rate_limited",
            detail: "Too many requests from this client. Try again after \(seconds) s.",
            headers: [.retryAfter: String(seconds)]
        )
    }

    static let requestTimedOut = Problem(
        .requestTimeout,
        code: "request_timeout",
        detail: "The request did not arrive in time.",
        // The rest of the body may still come, so that the connection is of no further use (RFC 9110, section 15.5.9).
        headers: [.connection: "close"]
    )

    static let answerTimedOut = Problem(
        .serviceUnavailable,
        code: "answer_timeout",
        detail: "The answer took too long. It is safe to ask again.",
        headers: [.retryAfter: "1"]
    )

    static let notCached = Problem(
        .gatewayTimeout,
        code: "not_cached",
        detail: "The request says only-if-cached, and the cache holds no suitable answer."
    )

    static let adminNotConfigured = Problem(
        .forbidden,
        code: "admin_not_configured",
        detail: "Administrative routes are closed: RECUERDE_ADMIN_TOKEN is not set."
    )

    static let unauthorized = Problem(
        .unauthorized,
        code: "token_missing",
        detail: "This route needs the header 'Authorization: Bearer <token>'.",
        headers: [.wwwAuthenticate: "Bearer realm=\"recuerde\""]
    )

    static let wrongToken = Problem(
        .unauthorized,
        code: "token_wrong",
        detail: "The bearer token is not the configured one.",
        headers: [.wwwAuthenticate: "Bearer realm=\"recuerde\", error=\"invalid_token\""]
    )

    static let tagsUnsupported = Problem(
        .conflict,
        code: "tags_unsupported",
        detail: "Entries of the format plain carry no tags (REDIS_CACHE_FORMAT). Remove keys, or clear."
    )

    static let tooManyDependents = Problem(
        .conflict,
        code: "too_many_dependents",
        detail:
            "More than \(CacheDependencies.limit) records depend on these. Nothing was done. Invalidate a tag that they share, or clear."
    )

    static let cacheUnavailable = Problem(
        .serviceUnavailable,
        code: "cache_unavailable",
        detail: "The cache could not carry this out. Try again.",
        headers: [.retryAfter: "1"]
    )

    static let internalError = Problem(
        .internalServerError,
        code: "internal_error",
        detail: "The service could not answer. The request id helps to find out why."
    )
}
