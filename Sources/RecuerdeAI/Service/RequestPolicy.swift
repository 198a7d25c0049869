/// What a caller wants of the cache for one question, in the words of HTTP's `Cache-Control` (RFC 9111).
public struct RequestPolicy: Sendable, Hashable {
    /// A kept answer older than this does not do (`max-age`).
    public var maximumAge: Duration?
    /// Answer from the cache or not at all (`only-if-cached`): throws ``AIServiceError/Code/notCached``.
    public var onlyIfCached: Bool
    /// Make a new answer, and keep it (`no-cache`). Costs a provider's call.
    public var noCache: Bool
    /// Make a new answer, and do not keep it (`no-store`). Costs a provider's call.
    public var noStore: Bool

    /// Makes a policy; the default takes what is kept and fresh.
    public init(
        maximumAge: Duration? = nil,
        onlyIfCached: Bool = false,
        noCache: Bool = false,
        noStore: Bool = false
    ) {
        self.maximumAge = maximumAge
        self.onlyIfCached = onlyIfCached
        self.noCache = noCache
        self.noStore = noStore
    }
}
