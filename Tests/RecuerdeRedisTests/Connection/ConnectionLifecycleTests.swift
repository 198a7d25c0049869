import Testing

@testable import RecuerdeRedis

private let refused = RedisError(.connectFailed, phase: .connecting, message: "refused")
private let closed = RedisError(.connectFailed, phase: .handshake, message: "closed")
private let second: Int64 = 1_000_000_000

@Suite struct ConnectionLifecycles {
    @Test func dialOnceHoweverOftenTheyAreAsked() {
        var life = ConnectionLifecycle(backoff: RedisBackoff())
        #expect(life.demanded(now: 0) == .dial(attempt: 1))
        #expect(life.demanded(now: 0) == .none)
        #expect(life.demandedNow() == .none)
        #expect(life.dialSucceeded(1, now: 0) == true)
        #expect(life.isConnected)
        #expect(life.demanded(now: 0) == .none)
        #expect(life.demandedNow() == .none)
    }

    @Test func waitLongerAfterEachFailureUpToTheCap() {
        var life = ConnectionLifecycle(backoff: RedisBackoff(base: .milliseconds(50), cap: .seconds(2)))
        _ = life.demanded(now: 0)
        var waits: [Int64] = []
        for attempt in 1...10 {
            guard case .retry(let at) = life.dialFailed(attempt, reason: closed, now: 0, random: 1) else {
                Issue.record("no retry")
                return
            }
            waits.append(at / 1_000_000)
            #expect(life.nextAttempt?.at == at)
            #expect(life.demanded(now: 0) == .none)
            #expect(life.retryIsDue(now: at - 1, isNeeded: true) == .none)
            #expect(life.retryIsDue(now: at, isNeeded: true) == .dial(attempt: attempt + 1))
        }
        #expect(waits == [50, 100, 200, 400, 800, 1600, 2000, 2000, 2000, 2000])
    }

    @Test func spreadTheirWaitsOverTheWholeRange() {
        let backoff = RedisBackoff(base: .milliseconds(50), cap: .seconds(2))
        #expect(backoff.delay(failures: 20, random: 0) == 0)
        #expect(backoff.delay(failures: 20, random: 0.5) == second)
        #expect(backoff.delay(failures: 20, random: 1) == 2 * second)
        #expect(backoff.delay(failures: .max, random: .nan) == second)
        #expect(RedisBackoff(base: .zero, cap: .zero).delay(failures: 3, random: 1) <= 1)
        #expect(RedisBackoff(base: .seconds(Int64.max), cap: .seconds(Int64.max)).delay(failures: 90, random: 1) > 0)
    }

    @Test func growTheirWaitWhenAServerAcceptsAndClosesAndForgetAfterALongLife() {
        var life = ConnectionLifecycle(backoff: RedisBackoff(base: .milliseconds(50), cap: .seconds(2)))
        _ = life.demanded(now: 0)
        var now: Int64 = 0
        var waits: [Int64] = []
        for attempt in 1...4 {
            #expect(life.dialSucceeded(attempt, now: now) == true)
            guard case .retry(let at) = life.connectionLost(attempt, reason: refused, now: now + 1, random: 1) else {
                Issue.record("no retry")
                return
            }
            waits.append((at - now) / 1_000_000)
            now = at
            _ = life.retryIsDue(now: now, isNeeded: true)
        }
        #expect(waits == [50, 100, 200, 400])
        #expect(life.dialSucceeded(5, now: now) == true)
        let end = life.connectionLost(5, reason: refused, now: now + 3 * second, random: 1)
        #expect(end == .retry(at: now + 3 * second + 50_000_000))
    }

    /// Scenario 13: what a server says while it loads passes soon.
    @Test func waitInStepsOfTenToTwoHundredMillisecondsWhileAServerLoads() {
        let loading = RedisError(.connectFailed, serverCode: "LOADING", phase: .handshake, message: "LOADING")
        for random in [0.0, 0.5, 1] {
            var life = ConnectionLifecycle(backoff: RedisBackoff())
            _ = life.demanded(now: 0)
            for attempt in 1...20 {
                guard case .retry(let at) = life.dialFailed(attempt, reason: loading, now: 0, random: random) else {
                    Issue.record("no retry")
                    return
                }
                #expect((10_000_000...200_000_000).contains(at))
                #expect(life.retryIsDue(now: at, isNeeded: true) == .dial(attempt: attempt + 1))
            }
        }
    }

    @Test func ignoreWhatBelongsToAnOldAttempt() {
        var life = ConnectionLifecycle(backoff: RedisBackoff())
        _ = life.demanded(now: 0)
        _ = life.dialFailed(1, reason: refused, now: 0, random: 0)
        #expect(life.demandedNow() == .dial(attempt: 2))
        #expect(life.dialSucceeded(1, now: 0) == false)
        #expect(life.dialFailed(1, reason: refused, now: 0, random: 0) == .ignore)
        #expect(life.connectionLost(1, reason: refused, now: 0, random: 0) == .ignore)
        #expect(life.dialing == 2)
        #expect(life.dialSucceeded(2, now: 0) == true)
        #expect(life.retryIsDue(now: .max, isNeeded: true) == .none)
    }

    @Test func sleepWhenNobodyNeedsThem() {
        var life = ConnectionLifecycle(backoff: RedisBackoff())
        _ = life.demanded(now: 0)
        _ = life.dialFailed(1, reason: refused, now: 0, random: 1)
        #expect(life.retryIsDue(now: second, isNeeded: false) == .none)
        #expect(life.nextAttempt == nil)
        #expect(life.demanded(now: 0) == .dial(attempt: 2))
    }

    @Test func stayShutDown() {
        var life = ConnectionLifecycle(backoff: RedisBackoff())
        _ = life.demanded(now: 0)
        life.shutDown()
        #expect(life.dialSucceeded(1, now: 0) == false)
        #expect(life.demanded(now: 0) == .none)
        #expect(life.demandedNow() == .none)
        #expect(life.retryIsDue(now: .max, isNeeded: true) == .none)
        #expect(life.isShutDown)
    }

    /// One attempt at a time, in any order of events.
    @Test func neverHaveTwoAttemptsAtOnce() {
        var random = SeededRandom(seed: 3)
        var life = ConnectionLifecycle(backoff: RedisBackoff())
        var open: Set<Int> = []
        var now: Int64 = 0
        for _ in 0..<50_000 {
            now += Int64.random(in: 0...second, using: &random)
            let attempt =
                Int.random(in: 0...1, using: &random) == 0 ? open.first ?? 0 : Int.random(in: 0...500, using: &random)
            var action = ConnectionLifecycle.DemandAction.none
            switch Int.random(in: 0..<6, using: &random) {
            case 0: action = life.demanded(now: now)
            case 1: action = life.demandedNow()
            case 2: action = life.retryIsDue(now: now, isNeeded: Bool.random(using: &random))
            case 3: if life.dialSucceeded(attempt, now: now) { #expect(open.contains(attempt)) }
            case 4:
                if life.dialFailed(attempt, reason: refused, now: now, random: 0.5) != .ignore {
                    #expect(open.remove(attempt) != nil)
                }
            default:
                if life.connectionLost(attempt, reason: refused, now: now, random: 0.5) != .ignore {
                    #expect(open.remove(attempt) != nil)
                }
            }
            if case .dial(let new) = action { #expect(open.insert(new).inserted) }
            #expect(open.count <= 1)
            #expect(life.current == open.first)
        }
    }
}
