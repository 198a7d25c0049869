import HTTPTypes
import Testing

@testable import RecuerdeServer

@Suite struct CacheDirectivesTests {
    private func parse(_ values: String...) -> CacheDirectives {
        var headers = HTTPFields()
        for value in values { headers.append(HTTPField(name: .cacheControl, value: value)) }
        return CacheDirectives(headers)
    }

    @Test(arguments: [
        ("max-age=60", 60), ("MAX-AGE=60", 60), ("max-age=0", 0), (" no-transform , max-age=7 ", 7),
        ("max-age=\"9\"", 9), ("max-age=99999999999999999999", 2_147_483_648),
    ])
    func readsTheAge(value: String, seconds: Int64) {
        #expect(parse(value).maximumAge == .seconds(seconds))
    }

    @Test(arguments: ["max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=x", "max-age=1e3", "max-age=\"", ""])
    func ignoresAnAgeThatIsNone(value: String) {
        #expect(parse(value).maximumAge == nil)
    }

    @Test func readsSeveralDirectivesOverSeveralFields() {
        let directives = parse("only-if-cached, foo=bar", "no-cache", "no-store")
        #expect(directives.onlyIfCached)
        #expect(directives.noCache)
        #expect(directives.noStore)
        #expect(directives.costsMoney)
        #expect(!parse("only-if-cached, max-age=60").costsMoney)
    }

    @Test(arguments: [("max-age=0", 60), ("max-age=59", 60), ("max-age=60", 60), ("max-age=61", 61)])
    func withoutTheTokenAnAgeHasAFloor(value: String, seconds: Int64) {
        #expect(parse(value).withoutToken.maximumAge == .seconds(seconds))
        #expect(parse(value).costsMoney == (value == "max-age=0" || value == "max-age=59"))
        #expect(parse("no-cache, no-store").withoutToken == parse())
    }

    @Test func anAgeThatCanCostNothingHasNoFloor() {
        let directives = parse("only-if-cached, max-age=1")
        #expect(!directives.costsMoney)
        #expect(directives.withoutToken == directives)
    }
}
