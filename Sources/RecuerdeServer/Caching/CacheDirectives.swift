import HTTPTypes

/// What a request's `Cache-Control` asks of the cache (RFC 9111, section 5.2.1).
///
/// `only-if-cached` is anyone's, and so is `max-age` down to ``maximumAgeFloor``. A smaller `max-age`, `no-cache` and
/// `no-store` make the provider answer anew, which costs money, so they count only with the administrative token:
/// without it a smaller age counts as the floor, and the other two are ignored. Together with `only-if-cached` no age costs
/// anything, and each counts as it is. Directives that are unknown or not understood are ignored, as the RFC says.
struct CacheDirectives: Sendable, Hashable {
    var maximumAge: Duration?
    var onlyIfCached = false
    var noCache = false
    var noStore = false

    /// The smallest `max-age` that counts without the token: `max-age=0` would be a `no-cache` for anyone.
    static let maximumAgeFloor: Duration = .seconds(60)

    /// Whether the administrative token has to be looked at.
    var costsMoney: Bool {
        noCache || noStore || !onlyIfCached && maximumAge.map { $0 < Self.maximumAgeFloor } == true
    }

    /// What is left of the directives for a client that has not shown the token.
    var withoutToken: CacheDirectives {
        var directives = self
        directives.noCache = false
        directives.noStore = false
        if !onlyIfCached { directives.maximumAge = maximumAge.map { max($0, Self.maximumAgeFloor) } }
        return directives
    }

    init(_ headers: HTTPFields) {
        for field in headers[values: .cacheControl] {
            for directive in field.split(separator: ",") {
                let parts = directive.split(separator: "=", maxSplits: 1).map(Self.trimmed)
                switch parts.first?.lowercased() {
                case "max-age": maximumAge = parts.count == 2 ? Self.seconds(parts[1]) ?? maximumAge : maximumAge
                case "only-if-cached": onlyIfCached = true
                case "no-cache": noCache = true
                case "no-store": noStore = true
                default: break
                }
            }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    /// A delta-seconds value; what is larger than 2^31 counts as 2^31 (RFC 9111, section 1.2.2).
    private static func seconds(_ text: Substring) -> Duration? {
        var digits = text
        if digits.count >= 2, digits.first == "\"", digits.last == "\"" { digits = digits.dropFirst().dropLast() }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return .seconds(min(Int64(digits) ?? .max, 2_147_483_648))
    }
}
