import Testing

@testable import RecuerdeRedis

private let second: Int64 = 1_000_000_000

@Suite struct RetryBudgets {
    private static func policy(reserve: Int, share: Double = 0.2) -> RedisRetryPolicy {
        var policy = RedisRetryPolicy()
        policy.reserve = reserve
        policy.share = share
        return policy
    }

    /// How many repetitions are had at once.
    private static func drain(_ budget: inout RetryBudget, commands: UInt32, now: Int64) -> Int {
        var count = 0
        while count < 100_000, budget.take(commands: commands, now: now) { count += 1 }
        return count
    }

    @Test func beginsWithItsReserve() {
        var budget = RetryBudget(policy: Self.policy(reserve: 10), now: 0)
        #expect(Self.drain(&budget, commands: 0, now: 0) == 10)
    }

    @Test func allowsAFifthOfTheCommandsOfTheLastTenSeconds() {
        var budget = RetryBudget(policy: Self.policy(reserve: 0), now: 0)
        #expect(Self.drain(&budget, commands: 1000, now: 5 * second) == 200)
        #expect(Self.drain(&budget, commands: 1200, now: 5 * second) == 0)
    }

    @Test func aPipelineTakesATokenForEachOfItsCommands() {
        var budget = RetryBudget(policy: Self.policy(reserve: 10), now: 0)
        var taken = budget.take(6, commands: 0, now: 0)
        #expect(taken == true)
        taken = budget.take(6, commands: 6, now: 0)
        #expect(taken == false)
        budget.giveBack(6)
        #expect(Self.drain(&budget, commands: 6, now: 0) == 10)
    }

    @Test func aPipelineLongerThanTheBucketIsRepeatedFromAFullOneAndOnCredit() {
        var budget = RetryBudget(policy: Self.policy(reserve: 10), now: 0)
        var taken = budget.take(1000, commands: 0, now: 0)
        #expect(taken == true)
        taken = budget.take(1, commands: 1000, now: 5 * second)
        #expect(taken == false)
    }

    @Test func repetitionsEarnNoOthers() {
        var budget = RetryBudget(policy: Self.policy(reserve: 0, share: 1), now: 0)
        #expect(Self.drain(&budget, commands: 100, now: 0) == 100)
        // All 100 repetitions have been counted as commands by now.
        #expect(Self.drain(&budget, commands: 200, now: 0) == 0)
        #expect(Self.drain(&budget, commands: 201, now: 0) == 1)
    }

    @Test func aFailingServerNeverGetsMoreThanAFifthMoreAndTheReserve() {
        var budget = RetryBudget(policy: Self.policy(reserve: 100), now: 0)
        var sent: UInt32 = 0
        var repeated = 0
        // A thousand commands a second for a minute, of which each fails and wants to be repeated at once.
        for tick in 0..<60_000 {
            sent &+= 1
            if budget.take(commands: sent, now: Int64(tick) * second / 1000) {
                sent &+= 1
                repeated += 1
            }
        }
        #expect(repeated > 60_000 / 6)
        #expect(repeated <= 60_000 / 5 + 100 + 60 * 20 + 1)
    }

    @Test func whatLiesFurtherBackIsForgotten() {
        var budget = RetryBudget(policy: Self.policy(reserve: 0), now: 0)
        // A million in a thousand seconds are ten thousand in ten.
        #expect(Self.drain(&budget, commands: 1_000_000, now: 1000 * second) == 2000)
    }

    @Test func theReserveComesBackInFiveSeconds() {
        var budget = RetryBudget(policy: Self.policy(reserve: 10), now: 0)
        #expect(Self.drain(&budget, commands: 0, now: 0) == 10)
        #expect(Self.drain(&budget, commands: 10, now: second) == 2)
        #expect(Self.drain(&budget, commands: 12, now: 100 * second) == 10)
    }

    @Test func theCounterMayWrapAroundAndTheClockMayStand() {
        var budget = RetryBudget(policy: Self.policy(reserve: 0), commands: .max - 49, now: second)
        #expect(Self.drain(&budget, commands: 50, now: second) == 20)
        #expect(Self.drain(&budget, commands: 70, now: 0) == 0)
    }

    @Test func nonsenseInThePolicyIsTakenForNothing() {
        for share in [Double.nan, .infinity, -1] {
            var budget = RetryBudget(policy: Self.policy(reserve: -5, share: share), now: 0)
            #expect(Self.drain(&budget, commands: 100, now: second) == 0)
        }
    }
}
