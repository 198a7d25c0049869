import HTTPTypes
import RecuerdeAI
import Testing

@testable import RecuerdeServer

@Suite struct CacheStatusTests {
    typealias Source = AnswerProvenance.Source

    private func provenance(
        _ source: Source,
        age: Double = 0,
        remaining: Double? = nil,
        reason: AnswerProvenance.Reason? = nil,
        shared: Bool = false,
        stored: Bool = false
    ) -> AnswerProvenance {
        AnswerProvenance(
            source: source,
            age: age,
            remaining: remaining,
            provider: "p",
            model: "m",
            reason: reason,
            shared: shared,
            stored: stored
        )
    }

    private func directives(_ value: String = "") -> CacheDirectives {
        CacheDirectives([.cacheControl: value])
    }

    @Test func saysHitAndHowLongItLives() {
        let headers = CacheStatus.headers(provenance(.memory, age: 88.9, remaining: 3_511.1), directives: directives())
        #expect(CacheStatus.header.flatMap { headers[$0] } == "recuerde; hit; ttl=3511; detail=memory")
        #expect(headers[.age] == "88")
    }

    @Test func anAnswerMadeNowHasNoAge() {
        let made = provenance(.load, remaining: 3_600, stored: true)
        #expect(CacheStatus.status(made, directives: directives()) == "recuerde; fwd=miss; stored")
        #expect(CacheStatus.headers(made, directives: directives())[.age] == nil)
    }

    @Test func saysThatAnotherCallerBroughtIt() {
        let made = provenance(.load, shared: true, stored: true)
        #expect(CacheStatus.status(made, directives: directives()) == "recuerde; fwd=miss; stored; collapsed")
    }

    @Test(arguments: [Source.memory, .redis]) func aHitIsNeverCollapsed(source: Source) {
        let hit = provenance(source, remaining: 5, shared: true)
        #expect(CacheStatus.status(hit, directives: directives()) == "recuerde; hit; ttl=5; detail=\(source.rawValue)")
    }

    @Test func saysWhatTheRequestAskedFor() {
        let stored = provenance(.load, stored: true)
        #expect(CacheStatus.status(stored, directives: directives("no-cache")) == "recuerde; fwd=request; stored")
        #expect(CacheStatus.status(provenance(.load), directives: directives("no-store")) == "recuerde; fwd=bypass")
    }

    @Test func aStaleAnswerIsNoHit() {
        let stale = provenance(.stale, age: 3_700, remaining: -100.5, reason: .providerFailed, stored: true)
        let headers = CacheStatus.headers(stale, directives: directives())
        #expect(CacheStatus.header.flatMap { headers[$0] } == "recuerde; fwd=stale; ttl=-101; detail=provider_failed")
        #expect(headers[.age] == "3700")
    }

    @Test func theTutorsAnswerIsAMissThatIsNotStored() {
        let tutor = provenance(.tutor, reason: .notConfigured)
        #expect(CacheStatus.status(tutor, directives: directives()) == "recuerde; fwd=miss; detail=not_configured")
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300])
    func absurdFiguresDoNoHarm(figure: Double) {
        let headers = CacheStatus.headers(provenance(.memory, age: figure, remaining: figure), directives: directives())
        #expect(headers[.age] != nil)
    }

    @Test func manyAnswersAreAHitOnlyIfAllAre() {
        let old = provenance(.memory, age: 10, remaining: 5)
        let older = provenance(.redis, age: 20, remaining: 50)
        let made = provenance(.load)
        func status(_ all: AnswerProvenance...) -> String? {
            let headers = CacheStatus.headers(all)
            return CacheStatus.header.flatMap { headers[$0] }.map { "\($0) \(headers[.age] ?? "-")" }
        }
        #expect(status(old, older) == "recuerde; hit; ttl=5 20")
        #expect(status(old, made) == "recuerde; fwd=partial 10")
        let stale = provenance(.stale, age: 4_000, remaining: -400, reason: .providerFailed)
        #expect(status(old, stale) == "recuerde; fwd=stale 4000")
        #expect(status(stale) == "recuerde; fwd=stale 4000")
        #expect(status(old, stale, made) == "recuerde; fwd=partial 4000")
        #expect(status(made) == "recuerde; fwd=miss -")
        #expect(status() == nil)
    }
}
