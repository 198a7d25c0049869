import HTTPTypes
import RecuerdeAI

/// Says in `Cache-Status` (RFC 9211) and `Age` (RFC 9111) where an answer came from.
///
/// | answer | `Cache-Status` |
/// |---|---|
/// | from memory or Redis | `recuerde; hit; ttl=3512; detail=memory` |
/// | made by the provider | `recuerde; fwd=miss; stored`, with `collapsed` if another caller's question brought it |
/// | made anew on demand | `recuerde; fwd=request; stored` (`no-cache`), `recuerde; fwd=bypass` (`no-store`) |
/// | stale, since no new one could be made | `recuerde; fwd=stale; ttl=-12; detail=provider_failed` |
/// | the tutor's in the provider's place | `recuerde; fwd=miss; detail=budget_spent` |
///
/// `fwd=miss` is said of every new answer that nobody demanded. The RFC has finer reasons where an entry was there and was too
/// old for its own lifetime (`stale`) or for the request's `max-age` (`request`); where an answer came from does not tell that.
enum CacheStatus {
    static let header = HTTPField.Name("Cache-Status")

    /// The headers of one answer.
    static func headers(_ provenance: AnswerProvenance, directives: CacheDirectives) -> HTTPFields {
        fields(status: status(provenance, directives: directives), age: age(provenance))
    }

    /// The headers of several answers in one: `hit` if all were, `fwd=stale` if all came from the cache and some were
    /// stale, `fwd=partial` if only some came from the cache; the age is the oldest's. None at all where there is no answer,
    /// since nothing was forwarded then.
    static func headers(_ provenances: [AnswerProvenance]) -> HTTPFields {
        guard !provenances.isEmpty else { return [:] }
        let cached = provenances.filter(isCached)
        guard !cached.isEmpty else { return fields(status: "recuerde; fwd=miss", age: nil) }
        let age = cached.compactMap(age).max()
        guard cached.count == provenances.count else { return fields(status: "recuerde; fwd=partial", age: age) }
        guard cached.allSatisfy(isHit) else { return fields(status: "recuerde; fwd=stale", age: age) }
        let shortest = cached.compactMap(\.remaining).min().map { "; ttl=\(whole($0))" } ?? ""
        return fields(status: "recuerde; hit\(shortest)", age: age)
    }

    static func status(_ provenance: AnswerProvenance, directives: CacheDirectives) -> String {
        var status = "recuerde"
        if isHit(provenance) {
            status += "; hit"
        } else if provenance.source == .stale {
            status += "; fwd=stale"
        } else {
            status += directives.noStore ? "; fwd=bypass" : directives.noCache ? "; fwd=request" : "; fwd=miss"
        }
        if provenance.stored && !isCached(provenance) { status += "; stored" }
        // RFC 9211, section 2.4: it says something about a request that was forwarded, which a hit was not.
        if provenance.shared && !isHit(provenance) { status += "; collapsed" }
        if let remaining = provenance.remaining, isCached(provenance) {
            status += "; ttl=\(whole(remaining))"
        }
        let detail = isHit(provenance) ? provenance.source.rawValue : provenance.reason?.rawValue
        if let detail, isToken(detail) { status += "; detail=\(detail)" }
        return status
    }

    private static func isHit(_ provenance: AnswerProvenance) -> Bool {
        provenance.source == .memory || provenance.source == .redis
    }

    private static func isCached(_ provenance: AnswerProvenance) -> Bool {
        isHit(provenance) || provenance.source == .stale
    }

    /// Only what was not made for this request has an age (RFC 9111, section 5.1).
    private static func age(_ provenance: AnswerProvenance) -> Int64? {
        isCached(provenance) ? max(0, whole(provenance.age)) : nil
    }

    private static func fields(status: String, age: Int64?) -> HTTPFields {
        var fields = HTTPFields()
        if let header { fields[header] = status }
        if let age { fields[.age] = String(age) }
        return fields
    }

    /// Whole seconds within the integers that structured fields know (RFC 9651, section 3.3.1).
    private static func whole(_ seconds: Double) -> Int64 {
        seconds.isFinite ? Int64(min(max(seconds.rounded(.down), -999_999_999_999), 999_999_999_999)) : 0
    }

    /// A token of structured fields (RFC 9651, section 3.3.4), as far as our own words need it.
    private static func isToken(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}
