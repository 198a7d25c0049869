public import HTTPTypes
public import Hummingbird
public import Recuerde

/// How a ``ResponseCacheMiddleware`` behaves.
public struct ResponseCacheConfiguration: Sendable {
    /// For how long a response is fresh whose handler does not say so itself, by `Cache-Control` or `Expires`. Nil: such a response is not
    /// kept. It counts for statuses that may be kept without a word about it (RFC 9110, section 15.1).
    public var defaultTimeToLive: Duration?
    /// For how long past its expiry a response is served while one request makes it anew, where its handler does not say
    /// (`stale-while-revalidate`, RFC 5861) and does not forbid it. Whole seconds.
    public var staleWhileRevalidate: Duration = .zero
    /// For how long past its expiry a response stands in where its handler fails, where that does not say (`stale-if-error`, RFC 5861) and
    /// does not forbid it. Whole seconds.
    public var staleIfError: Duration = .zero
    /// The longest body that is kept, in bytes. A longer one is passed on as it comes and is never held in whole, and so is one whose length
    /// its handler does not declare, since it may be a stream of events.
    public var maximumBodyBytes = 1_024 * 1_024
    /// Whether the `Cache-Control` of requests counts. If not, clients cannot have handlers run (`no-cache`, `max-age=0`) by a word.
    public var heedsRequestDirectives = true
    /// Whether scheme and authority are part of what a response is kept under. Without them, requests for all hosts get the same.
    public var includesAuthority = true
    /// Fields of requests that are credentials, beside `Authorization`, `Proxy-Authorization` and `Cookie`, which always are: a request with one
    /// of them goes to its handler, and what that answers is not kept. What tells users apart in any other way belongs here, or in `Vary`.
    public var credentialFields: [HTTPField.Name] = ["X-API-Key", "X-Auth-Token"].compactMap { HTTPField.Name($0) }
    /// What a request asks for: path and query, as they stand in its head. Another closure may sort or drop parameters; nil leaves the request
    /// to its handler.
    public var target: @Sendable (Request) -> String? = { $0.head.path }
    /// Tags of a response that is to be kept, for `Cache.invalidate(tags:)`, beside those that its handler names in ``tagField``.
    public var tags: @Sendable (Request, HTTPResponse) -> [String] = { _, _ in [] }
    /// The field in which handlers name tags of their responses, separated by spaces or commas (surrogate keys). It is for the cache, and
    /// no client sees it.
    public var tagField = HTTPField.Name("Surrogate-Key")
    /// The kind that responses are counted as. Its lifetimes do not count.
    public var kind: CacheKind?
    /// What this cache is called in `Cache-Status` (RFC 9211): a token, letters and digits. Nil leaves that field out.
    public var name: String? = "recuerde"

    /// The defaults: what handlers declare to be fresh is kept, and nothing else.
    public init() {}

    /// The defaults, with a time to live for what says nothing about it.
    public init(defaultTimeToLive: Duration?) {
        self.defaultTimeToLive = defaultTimeToLive
    }
}
