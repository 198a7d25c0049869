import Testing

@testable import RecuerdeRedis

private let gone = RedisError(.connectionLost, phase: .reply, message: "gone")
private let millisecond: Int64 = 1_000_000
private let second: Int64 = 1_000_000_000

/// Connections that the client itself has closed because it had no use for them.
@Suite struct ConnectionsClosedByUs {
    @Test func areNoFailuresAndTheNextDemandDialsAtOnce() {
        var life = ConnectionLifecycle(backoff: RedisBackoff(base: .milliseconds(50), cap: .seconds(2)))
        for attempt in 1...5 {
            let now = Int64(attempt) * millisecond
            #expect(life.demanded(now: now) == .dial(attempt: attempt))
            #expect(life.dialSucceeded(attempt, now: now) == true)
            life.closedByUs(attempt, now: now + 1)
            #expect(life.nextAttempt == nil)
            #expect(life.reason == nil)
            #expect(!life.isConnected)
        }
        // And a loss after them is the first one.
        #expect(life.demanded(now: 0) == .dial(attempt: 6))
        #expect(life.dialSucceeded(6, now: 0) == true)
        #expect(life.connectionLost(6, reason: gone, now: 1, random: 1) == .retry(at: 1 + 50 * millisecond))
    }

    @Test func forgiveNothingUnlessTheyHadLasted() {
        var life = ConnectionLifecycle(backoff: RedisBackoff(base: .milliseconds(50), cap: .seconds(2)))
        _ = life.demanded(now: 0)
        _ = life.dialFailed(1, reason: gone, now: 0, random: 1)
        _ = life.demandedNow()
        _ = life.dialFailed(2, reason: gone, now: 0, random: 1)
        _ = life.demandedNow()
        #expect(life.dialSucceeded(3, now: 0) == true)
        life.closedByUs(3, now: 1)
        _ = life.demanded(now: 1)
        #expect(life.dialFailed(4, reason: gone, now: 0, random: 1) == .retry(at: 200 * millisecond))
        _ = life.demandedNow()
        #expect(life.dialSucceeded(5, now: 0) == true)
        life.closedByUs(5, now: 60 * second)
        _ = life.demanded(now: 60 * second)
        #expect(life.dialFailed(6, reason: gone, now: 0, random: 1) == .retry(at: 50 * millisecond))
    }

    @Test func waitForTheirRenewalIfOneIsUnderWay() {
        var life = ConnectionLifecycle(backoff: RedisBackoff())
        _ = life.demanded(now: 0)
        _ = life.dialSucceeded(1, now: 0)
        #expect(life.renewalIsDue(1) == .dial(attempt: 2))
        life.closedByUs(1, now: 1)
        #expect(life.dialing == 2)
        #expect(life.demanded(now: 1) == .none)
        #expect(life.reason == nil)
        #expect(life.dialSucceeded(2, now: 2) == true)
    }

    @Test func ofAnOldAttemptAreIgnored() {
        var life = ConnectionLifecycle(backoff: RedisBackoff())
        _ = life.demanded(now: 0)
        life.closedByUs(1, now: 0)
        #expect(life.dialing == 1)
        _ = life.dialSucceeded(1, now: 0)
        life.closedByUs(2, now: 0)
        #expect(life.isConnected)
        life.shutDown()
        life.closedByUs(1, now: 0)
        #expect(life.isShutDown)
    }

    /// A long life makes earlier failures forgotten, also if it ends by a renewal.
    @Test func aRenewedConnectionThatHadLastedLeavesNoFailuresBehind() {
        var life = ConnectionLifecycle(backoff: RedisBackoff(base: .milliseconds(50), cap: .seconds(2)))
        _ = life.demanded(now: 0)
        for attempt in 1...4 {
            _ = life.dialFailed(attempt, reason: gone, now: 0, random: 1)
            _ = life.demandedNow()
        }
        #expect(life.dialSucceeded(5, now: 0) == true)
        #expect(life.renewalIsDue(5) == .dial(attempt: 6))
        #expect(life.renewed(6, now: 60 * second) == true)
        let end = life.connectionLost(6, reason: gone, now: 60 * second + 1, random: 1)
        #expect(end == .retry(at: 60 * second + 1 + 50 * millisecond))
    }
}
