import HTTPTypes
import Hummingbird
import Recuerde

/// What a request is for, whatever its method, and the name under which responses for it are kept.
struct ResponseTarget: Sendable {
    let parts: [String]
    let kind: CacheKind?
    /// Whether entries of the cache have room for tags.
    let carriesTags: Bool

    /// Nil for a request that is left alone.
    init?(_ request: Request, _ configuration: ResponseCacheConfiguration, carriesTags: Bool) {
        guard let target = configuration.target(request) else { return nil }
        let authority =
            configuration.includesAuthority
            ? "\(request.head.scheme ?? "")//\((request.head.authority ?? "").lowercased())" : ""
        parts = ["http", authority, target]
        kind = configuration.kind
        self.carriesTags = carriesTags
    }

    var key: CacheKey { CacheKey(parts: parts, kind: kind) }

    /// The tag of all responses for it that are not kept under ``key`` itself.
    var tag: String { "response:\(key.text)" }
}

/// Where a response is looked for: first under what it is for; and, if what is kept there is for other requests, under what the request says of
/// the fields by which it was chosen.
struct Place: Sendable {
    private(set) var key: CacheKey
    private(set) var isFirst = true
    private var parts: [String]
    private let kind: CacheKind?

    init(_ target: ResponseTarget) {
        parts = target.parts
        kind = target.kind
        key = target.key
    }

    mutating func select(_ selection: Selection, _ request: HTTPFields) {
        parts += selection.selecting(request)
        key = CacheKey(parts: parts, kind: kind)
        isFirst = false
    }
}
