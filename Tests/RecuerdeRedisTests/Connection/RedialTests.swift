import Testing

@testable import RecuerdeRedis

private let millisecond: Int64 = 1_000_000
private let second: Int64 = 1_000_000_000

/// A server that is dialed by one client, in numbers: how often, and how soon it is used once it is there.
private struct DialSimulation {
    var life = ConnectionLifecycle(backoff: RedisBackoff())
    var random: SeededRandom
    /// When attempts began.
    var dials: [Int64] = []
    private(set) var connectedAt: Int64?

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// Runs from a time to another in steps of a millisecond.
    ///
    /// - Parameters:
    ///   - asks: how often a caller asks, or nil if nobody does after the first time.
    ///   - answer: what the server does at that time; nil lets the client in.
    mutating func run(from: Int64, to: Int64, asks: Int64?, answer: (Int64) -> RedisError?) {
        var now = from
        perform(life.demanded(now: now), now)
        while now < to, connectedAt == nil {
            if let attempt = life.dialing {
                if let error = answer(now) {
                    _ = life.dialFailed(attempt, reason: error, now: now, random: .random(in: 0..<1, using: &random))
                } else if life.dialSucceeded(attempt, now: now) {
                    connectedAt = now
                }
            }
            now += millisecond
            if let asks, (now - from) % asks < millisecond { perform(life.demanded(now: now), now) }
            if let next = life.nextAttempt, next.at <= now { perform(life.retryIsDue(now: now, isNeeded: true), now) }
        }
    }

    private mutating func perform(_ action: ConnectionLifecycle.DemandAction, _ now: Int64) {
        if case .dial = action { dials.append(now) }
    }
}

@Suite struct Redialing {
    private static let refused = RedisError(.connectFailed, phase: .connecting, message: "ECONNREFUSED")
    private static let closed = RedisError(.connectFailed, phase: .handshake, message: "the server closed it")
    private static let full = RedisError(
        .connectFailed,
        serverCode: "ERR",
        phase: .handshake,
        message: "max number of clients reached"
    )
    private static let wrongPassword = RedisError(
        .authenticationFailed,
        serverCode: "WRONGPASS",
        phase: .handshake,
        message: "invalid"
    )

    @Test func happensOnceASecondOnAverageWhileNobodyAsks() {
        var dials = 0
        for seed in 0..<100 as Range<UInt64> {
            var simulation = DialSimulation(seed: seed)
            simulation.run(from: 0, to: 62 * second, asks: nil) { _ in Self.refused }
            dials += simulation.dials.count { $0 >= 2 * second }
        }
        #expect(dials <= 100 * 60 * 11 / 10)
        #expect(dials >= 100 * 60 * 9 / 10)
    }

    /// With callers that ask, a server that was away for however long is used within half a second.
    @Test(arguments: [0, 100, 500, 2000, 2300, 10_000, 60_000] as [Int64])
    func findsAServerThatAppearsWithinHalfASecond(afterMilliseconds away: Int64) {
        for seed in 0..<100 as Range<UInt64> {
            var simulation = DialSimulation(seed: seed)
            let appears = away * millisecond
            simulation.run(from: 0, to: appears + 10 * second, asks: 10 * millisecond) {
                $0 < appears ? Self.refused : nil
            }
            let delay = (simulation.connectedAt ?? .max) - appears
            #expect(delay <= second / 2, "seed \(seed): \(delay / millisecond) ms")
            // And the asking does not make it dial in a tight loop.
            #expect(Int64(simulation.dials.count) <= 8 + 5 * (away / 1000 + 1))
        }
    }

    @Test(arguments: [full, wrongPassword]) func isRareWhenTheServerRefuses(refusal: RedisError) {
        for seed in 0..<100 as Range<UInt64> {
            var simulation = DialSimulation(seed: seed)
            simulation.run(from: 0, to: 10 * second, asks: 10 * millisecond) { _ in refusal }
            #expect(simulation.dials.count <= 10)
            let gaps = zip(simulation.dials, simulation.dials.dropFirst()).map { $1 - $0 }
            #expect(gaps.allSatisfy { $0 >= second })
            // Jitter: a fleet of clients does not come back in step.
            #expect(Set(gaps.map { $0 / (10 * millisecond) }).count > 2)
        }
    }

    @Test func growsRareWhenTheServerAcceptsAndCloses() {
        for seed in 0..<100 as Range<UInt64> {
            var simulation = DialSimulation(seed: seed)
            simulation.run(from: 0, to: 30 * second, asks: 10 * millisecond) { _ in Self.closed }
            #expect(simulation.dials.count <= 60)
            #expect(simulation.dials.count { $0 < second } >= 2)
        }
    }

    @Test func isSoonForAConnectionThatHadLasted() {
        var life = ConnectionLifecycle(backoff: RedisBackoff())
        _ = life.demanded(now: 0)
        var now: Int64 = 0
        // Killed once a second, a hundred times: the wait does not grow.
        for attempt in 1...100 {
            #expect(life.dialSucceeded(attempt, now: now) == true)
            now += second
            guard case .retry(let at) = life.connectionLost(attempt, reason: Self.closed, now: now, random: 1) else {
                Issue.record("no retry")
                return
            }
            #expect(at - now <= 50 * millisecond)
            now = at
            #expect(life.retryIsDue(now: now, isNeeded: true) == .dial(attempt: attempt + 1))
        }
    }
}
