import HTTPTypes
import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeServer

@Suite struct ClientRateLimiterTests {
    private let clock = ManualTimeSource()

    private func waits(_ limiter: ClientRateLimiter, _ client: String, total: Int = 1) -> String? {
        do {
            try limiter.admit(client)
            try limiter.admitRest(of: total, client)
            return nil
        } catch {
            return error.headers[.retryAfter]
        }
    }

    @Test func limitsEachClientByItself() {
        let limiter = ClientRateLimiter(perMinute: 2, timeSource: clock)
        #expect(waits(limiter, "a") == nil)
        #expect(waits(limiter, "a") == nil)
        #expect(waits(limiter, "a") == "30")
        #expect(waits(limiter, "b") == nil)
    }

    @Test func letsAClientComeBackWhenItWasTold() {
        let limiter = ClientRateLimiter(perMinute: 60, timeSource: clock)
        #expect(waits(limiter, "a", total: 60) == nil)
        #expect(waits(limiter, "a") == "1")
        clock.advance(by: .seconds(1))
        #expect(waits(limiter, "a") == nil)
    }

    @Test func zeroLimitsNothing() {
        let limiter = ClientRateLimiter(perMinute: 0, timeSource: clock)
        for _ in 0..<10_000 { #expect(waits(limiter, "a") == nil) }
    }
}
