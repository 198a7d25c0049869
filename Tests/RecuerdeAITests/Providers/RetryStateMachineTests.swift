import Recuerde
import Testing

@testable import RecuerdeAI

@Suite struct RetryStateMachineTests {
    typealias Failure = RetryStateMachine.Failure

    static let now = MonotonicInstant(nanoseconds: 1_000_000_000)
    /// 1994-11-06T08:49:37Z.
    static let unixTime = UnixTime(microseconds: 784_111_777_000_000)

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var failure: Failure
        var policy: RetryPolicy = .anthropic
        /// Milliseconds; nil for giving up.
        var delay: Int?

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "408", failure: Failure(status: 408), delay: 500),
        Case(name: "409", failure: Failure(status: 409), delay: 500),
        Case(name: "429", failure: Failure(status: 429), delay: 500),
        Case(name: "500", failure: Failure(status: 500), delay: 500),
        Case(name: "529", failure: Failure(status: 529), delay: 500),
        Case(name: "no answer", failure: Failure(status: nil), delay: 500),
        Case(name: "400", failure: Failure(status: 400), delay: nil),
        Case(name: "401", failure: Failure(status: 401), delay: nil),
        Case(name: "403", failure: Failure(status: 403), delay: nil),
        Case(name: "404", failure: Failure(status: 404), delay: nil),
        Case(name: "exhausted quota", failure: Failure(status: 429, isFinal: true, shouldRetry: "true"), delay: nil),
        Case(name: "asked not to", failure: Failure(status: 500, shouldRetry: "false"), delay: nil),
        Case(name: "asked to", failure: Failure(status: 422, shouldRetry: "true"), delay: 500),
        Case(name: "asked oddly", failure: Failure(status: 500, shouldRetry: "perhaps"), delay: 500),
        Case(name: "milliseconds", failure: Failure(status: 429, retryAfterMilliseconds: "1234.0"), delay: 1_234),
        Case(
            name: "milliseconds before seconds",
            failure: Failure(status: 429, retryAfterMilliseconds: "100", retryAfter: "9"),
            delay: 100
        ),
        Case(name: "seconds", failure: Failure(status: 429, retryAfter: "7"), delay: 7_000),
        Case(
            name: "date",
            failure: Failure(status: 503, retryAfter: "Sun, 06 Nov 1994 08:49:42 GMT"),
            delay: 5_000
        ),
        Case(
            name: "date in the past",
            failure: Failure(status: 503, retryAfter: "Sun, 06 Nov 1994 08:49:00 GMT"),
            delay: 500
        ),
        Case(name: "zero", failure: Failure(status: 429, retryAfter: "0"), delay: 500),
        Case(name: "negative", failure: Failure(status: 429, retryAfter: "-5"), delay: 500),
        Case(name: "no number", failure: Failure(status: 429, retryAfter: "soon"), delay: 500),
        Case(name: "not a number", failure: Failure(status: 429, retryAfter: "nan"), delay: 500),
        Case(name: "60 s", failure: Failure(status: 429, retryAfter: "60"), delay: 60_000),
        Case(name: "61 s is ignored by Anthropic", failure: Failure(status: 429, retryAfter: "61"), delay: 500),
        Case(name: "absurd", failure: Failure(status: 429, retryAfter: "1e300"), delay: 500),
        Case(
            name: "120 s of OpenAI",
            failure: Failure(status: 429, retryAfter: "120"),
            policy: .openAI,
            delay: 120_000
        ),
        Case(
            name: "121 s of OpenAI, even if asked to",
            failure: Failure(status: 429, retryAfter: "121", shouldRetry: "true"),
            policy: .openAI,
            delay: nil
        ),
    ]

    @Test(arguments: cases) func aFailureIsRepeatedOnlyWhereAndWhenTheRulesSay(_ test: Case) {
        var machine = RetryStateMachine(policy: test.policy, deadline: .distantFuture)
        machine.attemptStarted()
        let decision = machine.attemptFailed(test.failure, now: Self.now, unixTime: Self.unixTime, chance: 0)
        switch test.delay {
        case nil: #expect(decision == .giveUp)
        case let delay?: #expect(decision == .retry(at: Self.now.advanced(by: .milliseconds(delay))))
        }
    }

    @Test func pausesDoubleAndEndAfterFourAttempts() {
        var machine = RetryStateMachine(policy: .anthropic, deadline: .distantFuture)
        var delays: [Duration] = []
        for _ in 0..<10 {
            machine.attemptStarted()
            guard
                case .retry(let time) = machine.attemptFailed(
                    Failure(status: 500),
                    now: Self.now,
                    unixTime: Self.unixTime,
                    chance: 0
                )
            else { break }
            delays.append(Self.now.duration(to: time))
        }
        #expect(delays == [.milliseconds(500), .seconds(1), .seconds(2)])
        #expect(machine.attempts == 4)
    }

    @Test(arguments: [0.0, 0.5, 0.999, 7, -3]) func chanceShortensByAtMostAQuarter(_ chance: Double) {
        var machine = RetryStateMachine(policy: .anthropic, deadline: .distantFuture)
        machine.attemptStarted()
        let decision = machine.attemptFailed(
            Failure(status: 500),
            now: Self.now,
            unixTime: Self.unixTime,
            chance: chance
        )
        guard case .retry(let time) = decision else {
            Issue.record("gave up")
            return
        }
        let delay = Self.now.duration(to: time)
        #expect(delay >= .milliseconds(375) && delay <= .milliseconds(500))
    }

    @Test func aPauseBeyondTheDeadlineIsNotBegun() {
        let deadline = Self.now.advanced(by: .seconds(5))
        for (seconds, isRetried) in [("4", true), ("5", false), ("30", false)] {
            var machine = RetryStateMachine(policy: .anthropic, deadline: deadline)
            machine.attemptStarted()
            let decision = machine.attemptFailed(
                Failure(status: 429, retryAfter: seconds),
                now: Self.now,
                unixTime: Self.unixTime,
                chance: 0
            )
            #expect((decision != .giveUp) == isRetried, "\(seconds) s")
        }
    }
}

@Suite struct HTTPDateTests {
    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ]) func theThreeFormsAreRead(_ text: String) {
        #expect(HTTPDate.parse(text)?.microseconds == 784_111_777_000_000)
    }

    @Test(arguments: [
        "", "soon", "Sun, 31 Feb 2026 00:00:00 GMT", "Sun, 06 Nov 1994 25:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "1 2 3 4 5 6",
        "Sun, 99999999999999999999 Nov 1994 08:49:37 GMT",
    ]) func whatIsNoDateIsRefused(_ text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}
