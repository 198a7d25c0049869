import HTTPTypes
import Recuerde

/// Whether a response may be kept by a cache that many clients share, and for how long (RFC 9111, sections 3 and 4.2).
struct StoragePlan: Sendable, Equatable {
    /// How long it is fresh, from now on.
    var lifetime: Duration
    /// How old it is already.
    var initialAge: Duration
    var staleWhileRevalidate: Duration
    var staleIfError: Duration

    /// How long it may stand in past its expiry, for whatever reason.
    var staleness: Duration { max(staleWhileRevalidate, staleIfError) }

    /// Nil for what may not be kept.
    init?(
        status: HTTPResponse.Status,
        fields: HTTPFields,
        configuration: ResponseCacheConfiguration,
        now: UnixTime
    ) {
        // What is set is set for one client.
        guard !fields.contains(.setCookie) else { return nil }
        let directives = ControlDirectives(fields)
        // `no-cache` with the names of fields, and `private` with them, count as without (RFC 9111, sections 5.2.2.4 and 5.2.2.7).
        guard !directives.has("no-store"), !directives.has("private"), !directives.has("no-cache") else { return nil }
        let explicit = Self.explicitLifetime(directives, fields, now: now)
        guard let whole = explicit ?? (Self.isUnderstood(status) ? configuration.defaultTimeToLive : nil),
            explicit == nil || Self.isUnderstood(status) || Self.isKeptIfAsked(status)
        else { return nil }
        initialAge = fields[.age].flatMap(FieldList.seconds) ?? .zero
        lifetime = whole - initialAge
        guard lifetime > .zero else { return nil }
        // Nothing stale where the handler forbids it. `s-maxage` alone does so too, but not beside a word for how stale (RFC 5861).
        let mustRevalidate = directives.has("must-revalidate") || directives.has("proxy-revalidate")
        let isStrict = mustRevalidate || directives.has("s-maxage")
        func staleLife(_ name: String, _ otherwise: Duration) -> Duration {
            mustRevalidate ? .zero : directives.seconds(name) ?? (isStrict ? .zero : max(.zero, otherwise))
        }
        staleWhileRevalidate = staleLife("stale-while-revalidate", configuration.staleWhileRevalidate)
        staleIfError = staleLife("stale-if-error", configuration.staleIfError)
    }

    /// What the handler says itself; a value that is none makes the response stale.
    private static func explicitLifetime(_ directives: ControlDirectives, _ fields: HTTPFields, now: UnixTime)
        -> Duration?
    {
        for name in ["s-maxage", "max-age"] where directives.has(name) { return directives.seconds(name) ?? .zero }
        guard let expires = fields[.expires] else { return nil }
        guard let end = HTTPDate.parse(expires) else { return .zero }
        let start = fields[.date].flatMap(HTTPDate.parse) ?? now
        let (microseconds, isOver) = end.microseconds.subtractingReportingOverflow(start.microseconds)
        return isOver ? .zero : .microseconds(microseconds)
    }

    /// Those that may be kept without a word about it (RFC 9110, section 15.1); of a part (206), nothing is kept.
    private static func isUnderstood(_ status: HTTPResponse.Status) -> Bool {
        [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501].contains(status.code)
    }

    /// Those that are kept if the handler says for how long.
    private static func isKeptIfAsked(_ status: HTTPResponse.Status) -> Bool {
        [302, 303, 307].contains(status.code)
    }
}
