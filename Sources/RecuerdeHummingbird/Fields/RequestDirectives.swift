import HTTPTypes

/// What a request asks of the cache (RFC 9111, section 5.2.1).
struct RequestDirectives: Sendable, Hashable {
    var noStore = false
    var noCache = false
    var onlyIfCached = false
    var maximumAge: Duration?
    var minimumFresh: Duration?
    /// How stale the answer may be; `max-stale` without an argument takes whatever may be served at all.
    var maximumStale: Duration?

    init() {}

    init(_ fields: HTTPFields) {
        let directives = ControlDirectives(fields)
        noStore = directives.has("no-store")
        // The older way to say it, where there is no newer (RFC 9111, section 5.4).
        let pragma = HTTPField.Name.pragma.map { fields[values: $0] } ?? []
        noCache =
            directives.has("no-cache")
            || directives.isEmpty && pragma.flatMap(FieldList.members).contains { $0.lowercased() == "no-cache" }
        onlyIfCached = directives.has("only-if-cached")
        maximumAge = directives.seconds("max-age")
        minimumFresh = directives.seconds("min-fresh")
        maximumStale = directives.has("max-stale") ? directives.seconds("max-stale") ?? .seconds(2_147_483_648) : nil
    }

    /// Whether a stored response of this age, and with this time to its expiry, is fresh enough for the request.
    func acceptsFresh(age: Duration, remaining: Duration) -> Bool {
        if let maximumAge, age > maximumAge { return false }
        return remaining > (minimumFresh ?? .zero)
    }

    /// Whether a stale one is wanted nevertheless.
    func acceptsStale(age: Duration, staleFor: Duration) -> Bool {
        if let maximumAge, age > maximumAge { return false }
        guard minimumFresh == nil, let maximumStale else { return false }
        return staleFor <= maximumStale
    }
}

extension HTTPField.Name {
    /// RFC 9211.
    static let cacheStatus = Self("Cache-Status")
    static let pragma = Self("Pragma")
}
