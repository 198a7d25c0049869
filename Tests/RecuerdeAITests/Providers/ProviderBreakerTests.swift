import Recuerde
import Testing

@testable import RecuerdeAI

@Suite struct ProviderBreakerTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    private func opened(at time: MonotonicInstant) -> ProviderBreaker {
        var breaker = ProviderBreaker()
        for _ in 0..<3 {
            guard case .pass(let ticket) = breaker.admit(at: time) else { continue }
            breaker.record(.failure, ticket: ticket, at: time)
        }
        return breaker
    }

    @Test func itOpensAfterFailuresInARowOnly() {
        var breaker = ProviderBreaker()
        for outcome in [ProviderBreaker.Outcome.failure, .failure, .success, .failure, .failure] {
            guard case .pass(let ticket) = breaker.admit(at: start) else {
                Issue.record("refused")
                return
            }
            breaker.record(outcome, ticket: ticket, at: start)
        }
        #expect(breaker.phase(at: start) == .closed)
        guard case .pass(let ticket) = breaker.admit(at: start) else {
            Issue.record("refused")
            return
        }
        breaker.record(.failure, ticket: ticket, at: start)
        #expect(breaker.phase(at: start) == .open)
        #expect(breaker.admit(at: start) == .refuse(until: start.advanced(by: .seconds(10))))
    }

    @Test func anAnswerOfNoUseNeitherCountsNorForgivesFailures() {
        var breaker = ProviderBreaker()
        for outcome in [ProviderBreaker.Outcome.failure, .failure, .neutral, .neutral, .failure] {
            guard case .pass(let ticket) = breaker.admit(at: start) else {
                Issue.record("refused")
                return
            }
            breaker.record(outcome, ticket: ticket, at: start)
        }
        #expect(breaker.phase(at: start) == .open)
    }

    @Test func oneProbeIsLetThroughAndItsSuccessCloses() {
        var breaker = opened(at: start)
        let later = start.advanced(by: .seconds(10))
        guard case .probe(let ticket) = breaker.admit(at: later) else {
            Issue.record("no probe")
            return
        }
        guard case .refuse = breaker.admit(at: later) else {
            Issue.record("two probes at once")
            return
        }
        breaker.record(.success, ticket: ticket, at: later)
        #expect(breaker.phase(at: later) == .closed)
    }

    @Test func eachFailedProbeDoublesTheTimeUpToTheLimit() {
        var breaker = opened(at: start)
        var now = start
        var waits: [Duration] = []
        for _ in 0..<6 {
            guard case .refuse(let until) = breaker.admit(at: now) else { break }
            waits.append(now.duration(to: until))
            now = until
            guard case .probe(let ticket) = breaker.admit(at: now) else { break }
            breaker.record(.failure, ticket: ticket, at: now)
        }
        #expect(waits == [10, 20, 40, 80, 120, 120].map { Duration.seconds($0) })
    }

    @Test func aProbeThatWasGivenUpLetsTheNextCallerProbe() {
        var breaker = opened(at: start)
        let later = start.advanced(by: .seconds(10))
        guard case .probe(let ticket) = breaker.admit(at: later) else {
            Issue.record("no probe")
            return
        }
        breaker.record(.abandoned, ticket: ticket, at: later)
        guard case .probe = breaker.admit(at: later) else {
            Issue.record("stuck")
            return
        }
    }

    @Test func lateResultsOfCallsFromBeforeChangeNothing() {
        var breaker = ProviderBreaker()
        guard case .pass(let early) = breaker.admit(at: start) else { return }
        for _ in 0..<3 {
            guard case .pass(let ticket) = breaker.admit(at: start) else { break }
            breaker.record(.failure, ticket: ticket, at: start)
        }
        breaker.record(.success, ticket: early, at: start)
        #expect(breaker.phase(at: start) == .open)
    }
}
