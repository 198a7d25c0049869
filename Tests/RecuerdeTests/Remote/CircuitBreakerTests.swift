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

    @Test func itOpensAfterFailuresInARow() {
        var breaker = CircuitBreaker(threshold: 3, pause: .seconds(2))
        expect(breaker.failed(certain: false, now: start), nil)
        expect(breaker.failed(certain: false, now: start), nil)
        expect(breaker.succeeded(), nil)
        expect(breaker.failed(certain: false, now: start), nil)
        expect(breaker.failed(certain: false, now: start), nil)
        expect(breaker.failed(certain: false, now: start), .opened)
        expect(breaker.admit(now: start), .refuse)
        #expect(!breaker.isClosed)
    }

    @Test func aCertainFailureOpensItAtOnce() {
        var breaker = CircuitBreaker(threshold: 3, pause: .seconds(2))
        expect(breaker.failed(certain: true, now: start), .opened)
        expect(breaker.failed(certain: true, now: start), nil)
    }

    @Test func afterThePauseOneProbeDecides() {
        var breaker = CircuitBreaker(threshold: 1, pause: .seconds(2))
        _ = breaker.failed(certain: true, now: start)
        expect(breaker.admit(now: at(1.999)), .refuse)
        expect(breaker.admit(now: at(2)), .probe)
        expect(breaker.admit(now: at(2)), .refuse)
        expect(breaker.failed(certain: true, now: at(2.1)), nil)
        expect(breaker.admit(now: at(4)), .refuse)
        expect(breaker.admit(now: at(4.2)), .probe)
        expect(breaker.succeeded(), .closed)
        expect(breaker.admit(now: at(4.1)), .pass)
    }

    @Test func aProbeThatIsCancelledOrNeverReportsLetsAnotherTry() {
        var breaker = CircuitBreaker(threshold: 1, pause: .seconds(2))
        _ = breaker.failed(certain: true, now: start)
        expect(breaker.admit(now: at(2)), .probe)
        breaker.abandoned(.probe, now: at(2.5))
        expect(breaker.admit(now: at(2.5)), .probe)
        expect(breaker.admit(now: at(3)), .refuse)
        expect(breaker.admit(now: at(4.5)), .probe)
    }
}
