import Testing

@testable import Recuerde

@Suite struct CircuitBreakerTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    private func at(_ seconds: Double) -> MonotonicInstant {
        start.advanced(by: .seconds(seconds))
    }

    /// `#expect` cannot take a mutating call.
    private func expect<Value: Equatable>(_ got: Value, _ wanted: Value, _ place: SourceLocation = #_sourceLocation) {
        #expect(got == wanted, sourceLocation: place)
    }

    private func admission(_ breaker: inout CircuitBreaker, at seconds: Double) throws -> CircuitBreaker.Admission {
        let admission = breaker.admit(now: at(seconds))
        return try #require(admission)
    }

    @Test func itOpensAfterFailuresInARow() throws {
        var breaker = CircuitBreaker(threshold: 3, pause: .seconds(2))
        let pass = try admission(&breaker, at: 0)
        #expect(!pass.isProbe)
        expect(breaker.failed(pass, certain: false, now: start), nil)
        expect(breaker.failed(pass, certain: false, now: start), nil)
        expect(breaker.succeeded(pass), nil)
        expect(breaker.failed(pass, certain: false, now: start), nil)
        expect(breaker.failed(pass, certain: false, now: start), nil)
        expect(breaker.failed(pass, certain: false, now: start), .opened)
        expect(breaker.admit(now: start), nil)
        #expect(!breaker.isClosed)
    }

    @Test func aCertainFailureOpensItAtOnce() {
        var breaker = CircuitBreaker(threshold: 3, pause: .seconds(2))
        expect(breaker.failed(nil, certain: true, now: start), .opened)
        expect(breaker.failed(nil, certain: true, now: start), nil)
    }

    @Test func afterThePauseOneProbeDecides() throws {
        var breaker = CircuitBreaker(threshold: 1, pause: .seconds(2))
        _ = breaker.failed(nil, certain: true, now: start)
        expect(breaker.admit(now: at(1.999)), nil)
        let first = try admission(&breaker, at: 2)
        #expect(first.isProbe)
        expect(breaker.admit(now: at(2)), nil)
        expect(breaker.failed(first, certain: true, now: at(2.1)), nil)
        expect(breaker.admit(now: at(4)), nil)
        let second = try admission(&breaker, at: 4.2)
        #expect(second.isProbe)
        expect(breaker.succeeded(second), .closed)
        #expect(try !admission(&breaker, at: 4.1).isProbe)
    }

    @Test func aProbeThatIsCancelledOrNeverReportsLetsAnotherTry() throws {
        var breaker = CircuitBreaker(threshold: 1, pause: .seconds(2))
        _ = breaker.failed(nil, certain: true, now: start)
        let probe = try admission(&breaker, at: 2)
        breaker.abandoned(probe, now: at(2.5))
        #expect(try admission(&breaker, at: 2.5).isProbe)
        expect(breaker.admit(now: at(3)), nil)
        #expect(try admission(&breaker, at: 4.5).isProbe)
    }

    @Test func stragglersFromBeforeTheOutageSayNothing() throws {
        var breaker = CircuitBreaker(threshold: 1, pause: .seconds(2))
        let early = try admission(&breaker, at: 0)
        let other = try admission(&breaker, at: 0)
        expect(breaker.failed(other, certain: true, now: start), .opened)
        expect(breaker.succeeded(early), nil)
        #expect(!breaker.isClosed)
        let probe = try admission(&breaker, at: 2)
        expect(breaker.failed(early, certain: true, now: at(2)), nil)
        expect(breaker.succeeded(probe), .closed)
        expect(breaker.failed(early, certain: true, now: at(2)), nil)
        #expect(breaker.isClosed)
        expect(breaker.failed(probe, certain: true, now: at(2)), nil)
        #expect(breaker.isClosed)
    }
}
