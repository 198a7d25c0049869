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

    @Test(arguments: [1, 5, 7, 120]) func overTimeBatchesGetNoMoreThanTheAllowance(perMinute: Int) {
        let limiter = ClientRateLimiter(perMinute: perMinute, timeSource: clock)
        var admitted = 0
        // An hour, with a batch of 50 every second.
        for _ in 0..<3_600 {
            if waits(limiter, "a", total: 50) == nil { admitted += 50 }
            clock.advance(by: .seconds(1))
        }
        // What a minute allows, sixty times; what was there at the start; and the last batch may be owed.
        #expect(admitted <= 60 * perMinute + perMinute + 50)
        #expect(admitted > 0)
    }

    @Test func zeroLimitsNothing() {
        let limiter = ClientRateLimiter(perMinute: 0, timeSource: clock)
        for _ in 0..<10_000 { #expect(waits(limiter, "a") == nil) }
    }
}
