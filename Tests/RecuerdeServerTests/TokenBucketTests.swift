import Recuerde
import Testing

@testable import RecuerdeServer

@Suite struct TokenBucketTests {
    private let start = MonotonicInstant(nanoseconds: 5_000_000_000)

    @Test func givesItsCapacityAtOnceAndThenSaysHowLongToWait() {
        let rate = TokenBucket.Rate(perMinute: 3)
        var bucket = TokenBucket(rate, now: start)
        for _ in 0..<3 { #expect(bucket.take(1, rate: rate, now: start) == nil) }
        #expect(bucket.take(1, rate: rate, now: start) == .seconds(20))
    }

    @Test func aRefusalTakesNothing() {
        let rate = TokenBucket.Rate(perMinute: 2)
        var bucket = TokenBucket(rate, now: start)
        #expect(bucket.take(2, rate: rate, now: start) == nil)
        for _ in 0..<5 { #expect(bucket.take(1, rate: rate, now: start) == .seconds(30)) }
        #expect(bucket.take(1, rate: rate, now: start.advanced(by: .seconds(30))) == nil)
    }

    @Test func refillsEvenlyAndNeverBeyondItsCapacity() {
        let rate = TokenBucket.Rate(perMinute: 60)
        var bucket = TokenBucket(rate, now: start)
        #expect(bucket.take(60, rate: rate, now: start) == nil)
        let later = start.advanced(by: .seconds(86_400 * 365))
        #expect(bucket.take(60, rate: rate, now: later) == nil)
        #expect(bucket.take(1, rate: rate, now: later) == .seconds(1))
    }

    @Test func aFullBucketGivesWhatIsBeyondItsCapacityAndIsPaidBackFirst() {
        let rate = TokenBucket.Rate(perMinute: 10)
        var bucket = TokenBucket(rate, now: start)
        #expect(bucket.take(1_000, rate: rate, now: start) == nil)
        // 990 are owed, at one in six seconds.
        #expect(bucket.take(1, rate: rate, now: start) == .seconds(991 * 6))
        #expect(bucket.take(1_000, rate: rate, now: start) == .seconds(1_000 * 6))
        #expect(bucket.take(1, rate: rate, now: start.advanced(by: .seconds(991 * 6))) == nil)
    }

    @Test func aBucketThatIsNotFullGivesNothingBeyondWhatItHas() {
        let rate = TokenBucket.Rate(perMinute: 10)
        var bucket = TokenBucket(rate, now: start)
        #expect(bucket.take(1, rate: rate, now: start) == nil)
        #expect(bucket.take(1_000, rate: rate, now: start) == .seconds(6))
        #expect(bucket.take(Int.max, ifThereAre: 9, rate: rate, now: start) == nil)
    }

    @Test func aClockThatStepsBackNeitherGivesNorTakes() {
        let rate = TokenBucket.Rate(perMinute: 1)
        var bucket = TokenBucket(rate, now: start)
        #expect(bucket.take(1, rate: rate, now: start) == nil)
        #expect(bucket.take(1, rate: rate, now: MonotonicInstant(nanoseconds: .min)) == .seconds(60))
        #expect(bucket.take(1, rate: rate, now: .distantFuture) == nil)
    }
}
