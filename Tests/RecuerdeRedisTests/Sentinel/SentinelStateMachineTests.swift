import Testing

@testable import RecuerdeRedis

private let ms: Int64 = 1_000_000
private typealias Endpoint = RedisURL.Endpoint

private func sentinel(_ number: Int) -> Endpoint { Endpoint(host: "s\(number)", port: 26379) }
private func server(_ number: Int) -> Endpoint { Endpoint(host: "r\(number)", port: 6379) }
private let refused = RedisError(.connectFailed, phase: .connecting, message: "refused")

private func machine(_ count: Int = 3) -> SentinelStateMachine {
    SentinelStateMachine(
        sentinels: (1...count).map(sentinel),
        masterName: "mymaster",
        backoff: RedisBackoff(base: .milliseconds(50), cap: .seconds(2))
    )
}

/// A machine that has settled on server 1, found by sentinel 1.
private func settled() -> SentinelStateMachine {
    var machine = machine()
    _ = machine.demanded(now: 0)
    _ = machine.named(server(1), by: sentinel(1), now: 0, random: 1)
    _ = machine.proved(server(1))
    return machine
}

@Suite struct SentinelSearch {
    @Test func asksTheFirstSentinelAndUsesTheServerThatProvesToBeAMaster() {
        var machine = machine()
        #expect(machine.demanded(now: 0) == .ask(sentinel(1)))
        #expect(machine.named(server(1), by: sentinel(1), now: 0, random: 1) == .prove(server(1)))
        #expect(machine.master == nil)
        #expect(machine.proved(server(1)) == .settled)
        #expect(machine.master == server(1))
        #expect(machine.isMasterTrusted)
        #expect(machine.reason == nil)
    }

    @Test func runsOnceHoweverManyAskForIt() {
        var machine = machine()
        #expect(machine.demanded(now: 0) == .ask(sentinel(1)))
        for _ in 0..<1000 { #expect(machine.demanded(now: 1) == .none) }
        _ = machine.named(server(1), by: sentinel(1), now: 0, random: 1)
        #expect(machine.demanded(now: 2) == .none)
    }

    @Test func passesUnreachableSentinelsOverAndAsksTheOneThatAnsweredFirstTheNextTime() {
        var machine = machine()
        _ = machine.demanded(now: 0)
        #expect(machine.unreachable(sentinel(1), refused, now: 0, random: 1) == .ask(sentinel(2)))
        #expect(machine.unreachable(sentinel(2), refused, now: 0, random: 1) == .ask(sentinel(3)))
        _ = machine.named(server(1), by: sentinel(3), now: 0, random: 1)
        _ = machine.proved(server(1))
        #expect(machine.sentinels == [sentinel(3), sentinel(1), sentinel(2)])
        #expect(machine.demanded(now: 1000 * ms) == .ask(sentinel(3)))
    }

    @Test func refusesAServerThatIsNoMasterAndAsksTheNextSentinel() {
        var machine = machine()
        _ = machine.demanded(now: 0)
        _ = machine.named(server(2), by: sentinel(1), now: 0, random: 1)
        #expect(machine.refuted(server(2), refused, now: 0, random: 1) == .ask(sentinel(2)))
        // The same again is not tried twice in one round.
        #expect(machine.named(server(2), by: sentinel(2), now: 0, random: 1) == .ask(sentinel(3)))
        #expect(machine.named(server(1), by: sentinel(3), now: 0, random: 1) == .prove(server(1)))
        #expect(machine.proved(server(1)) == .settled)
    }

    @Test func beginsAgainAfterPausesThatGrowToASecond() {
        var machine = machine(1)
        var now: Int64 = 0
        var pauses: [Int64] = []
        var action = machine.demanded(now: now)
        for _ in 0..<8 {
            #expect(action == .ask(sentinel(1)))
            guard case .pause(let until) = machine.unreachable(sentinel(1), refused, now: now, random: 1) else {
                Issue.record("no pause")
                return
            }
            pauses.append((until - now) / ms)
            #expect(machine.pauseEnded(now: until - 1) == .pause(until: until))
            now = until
            action = machine.pauseEnded(now: now)
        }
        #expect(pauses == [100, 100, 200, 400, 800, 1000, 1000, 1000])
        #expect(machine.reason == refused)
    }

    @Test func roundsNeverBeginCloserTogetherThanATenthOfASecond() {
        var machine = settled()
        #expect(machine.demanded(now: 10 * ms) == .pause(until: 100 * ms))
        #expect(machine.pauseEnded(now: 100 * ms) == .ask(sentinel(1)))
    }

    @Test func anAnnouncementIsFollowedAtOnceFromRest() {
        var machine = settled()
        #expect(machine.announced(server(2), now: 10 * ms) == .prove(server(2)))
        #expect(machine.proved(server(2)) == .settled)
        #expect(machine.master == server(2))
        // The same from the other sentinels is no news.
        #expect(machine.announced(server(2), now: 11 * ms) == .none)
        #expect(!machine.hasAnnouncement)
    }

    @Test func anAnnouncementEndsAPauseAndComesBeforeTheNextSentinel() {
        var pausing = machine(1)
        _ = pausing.demanded(now: 0)
        guard case .pause = pausing.unreachable(sentinel(1), refused, now: 0, random: 1) else {
            Issue.record("no pause")
            return
        }
        #expect(pausing.announced(server(2), now: 1) == .none)
        #expect(pausing.hasAnnouncement)
        #expect(pausing.pauseEnded(now: 2) == .prove(server(2)))
        var asking = machine()
        _ = asking.demanded(now: 0)
        _ = asking.announced(server(2), now: 1)
        #expect(asking.unreachable(sentinel(1), refused, now: 2, random: 1) == .prove(server(2)))
        var proving = machine()
        _ = proving.demanded(now: 0)
        _ = proving.named(server(1), by: sentinel(1), now: 0, random: 1)
        _ = proving.announced(server(2), now: 1)
        #expect(proving.proved(server(1)) == .prove(server(2)))
    }

    @Test func anAnnouncedServerThatIsNoMasterYetLeavesTheSearchGoingOn() {
        var machine = settled()
        _ = machine.masterDoubted(server(1))
        _ = machine.announced(server(2), now: 0)
        #expect(machine.refuted(server(2), refused, now: 0, random: 1) == .ask(sentinel(1)))
        #expect(machine.unreachable(sentinel(1), refused, now: 0, random: 1) == .ask(sentinel(2)))
        #expect(machine.unreachable(sentinel(2), refused, now: 0, random: 1) == .ask(sentinel(3)))
        guard case .pause(let until) = machine.unreachable(sentinel(3), refused, now: 0, random: 1) else {
            Issue.record("no pause")
            return
        }
        #expect(machine.pauseEnded(now: until) == .ask(sentinel(1)))
    }

    @Test func aMasterThatWorksStaysWhateverASentinelBelieves() {
        var machine = settled()
        _ = machine.announced(server(2), now: 1000 * ms)
        for number in 1...3 {
            #expect(machine.refuted(server(number + 1), refused, now: 0, random: 1) == .ask(sentinel(number)))
            #expect(
                machine.named(server(number + 2), by: sentinel(number), now: 0, random: 1) == .prove(server(number + 2))
            )
        }
        #expect(machine.refuted(server(5), refused, now: 0, random: 1) == .settled)
        #expect(machine.master == server(1))
        #expect(machine.demanded(now: 2000 * ms) == .ask(sentinel(3)))
        #expect(machine.named(server(1), by: sentinel(3), now: 2000 * ms, random: 1) == .settled)
    }

    @Test func aMasterThatIsDoubtedHasToProveItself() {
        var machine = settled()
        #expect(machine.masterDoubted(server(1)) == true)
        #expect(machine.masterDoubted(server(1)) == false)
        #expect(machine.masterDoubted(server(9)) == false)
        #expect(machine.demanded(now: 1000 * ms) == .ask(sentinel(1)))
        #expect(machine.named(server(1), by: sentinel(1), now: 1000 * ms, random: 1) == .prove(server(1)))
        #expect(machine.proved(server(1)) == .settled)
        #expect(machine.isMasterTrusted)
        _ = machine.masterDoubted(server(1))
        machine.masterConnected(server(1))
        #expect(machine.isMasterTrusted)
    }

    @Test func aRightThatOneSentinelDeniesIsNoLastingReasonWhileOthersAreAway() {
        var machine = machine()
        let denied = RedisError(.connectFailed, serverCode: "NOPERM", phase: .reply, message: "a right is missing")
        _ = machine.demanded(now: 0)
        _ = machine.unreachable(sentinel(1), refused, now: 0, random: 1)
        _ = machine.unreachable(sentinel(2), refused, now: 0, random: 1)
        _ = machine.unreachable(sentinel(3), denied, now: 0, random: 1)
        #expect(machine.reason == denied)
        #expect(machine.lastingReason == nil)
        _ = machine.pauseEnded(now: 1000 * ms)
        for number in 1...3 { _ = machine.unreachable(sentinel(number), denied, now: 0, random: 1) }
        #expect(machine.lastingReason == denied)
    }

    @Test func aNameThatNoSentinelKnowsIsALastingReasonOnceAllHaveSpoken() {
        var machine = machine()
        _ = machine.demanded(now: 0)
        _ = machine.unreachable(sentinel(1), refused, now: 0, random: 1)
        _ = machine.unknown(by: sentinel(2), now: 0, random: 1)
        #expect(machine.lastingReason == nil)
        _ = machine.unreachable(sentinel(3), refused, now: 0, random: 1)
        #expect(machine.lastingReason?.message.contains("knows no master named 'mymaster'") == true)
        // A server that does not answer weighs more: it may come.
        _ = machine.pauseEnded(now: 1000 * ms)
        _ = machine.unknown(by: sentinel(1), now: 0, random: 1)
        _ = machine.named(server(1), by: sentinel(2), now: 0, random: 1)
        _ = machine.refuted(server(1), refused, now: 0, random: 1)
        _ = machine.unknown(by: sentinel(3), now: 0, random: 1)
        #expect(machine.lastingReason == nil)
        #expect(machine.reason == refused)
    }

    @Test(arguments: [
        RedisError(.authenticationFailed, phase: .handshake, message: "wrong"),
        RedisError(.tls, phase: .tls, message: "unknown"),
        RedisError(.connectFailed, serverCode: "NOPERM", phase: .handshake, message: "a right is missing"),
    ]) func wrongCredentialsCertificatesAndRightsAreALastingReason(wrong: RedisError) {
        var machine = machine(1)
        _ = machine.demanded(now: 0)
        _ = machine.unreachable(sentinel(1), wrong, now: 0, random: 1)
        #expect(machine.lastingReason == wrong)
        // Those of the server that is named as well.
        _ = machine.pauseEnded(now: 1000 * ms)
        #expect(machine.lastingReason == nil)
        _ = machine.named(server(1), by: sentinel(1), now: 1000 * ms, random: 1)
        _ = machine.refuted(server(1), wrong, now: 1000 * ms, random: 1)
        #expect(machine.lastingReason == wrong)
    }

    @Test func sentinelsThatAreLearnedAreAskedTooAndAreBounded() {
        var machine = machine(1)
        #expect(machine.learned([sentinel(2), sentinel(1), sentinel(2)]) == [sentinel(2)])
        _ = machine.learned((3...1000).map(sentinel))
        #expect(machine.sentinels.count == SentinelStateMachine.maximumSentinels)
        _ = machine.demanded(now: 0)
        #expect(machine.unreachable(sentinel(1), refused, now: 0, random: 1) == .ask(sentinel(2)))
    }

    @Test func answersThatComeLateOrTwiceAreIgnored() {
        var machine = settled()
        #expect(machine.proved(server(1)) == .none)
        #expect(machine.refuted(server(1), refused, now: 0, random: 1) == .none)
        #expect(machine.named(server(2), by: sentinel(1), now: 0, random: 1) == .none)
        #expect(machine.unknown(by: sentinel(1), now: 0, random: 1) == .none)
        #expect(machine.unreachable(sentinel(1), refused, now: 0, random: 1) == .none)
        #expect(machine.pauseEnded(now: 0) == .none)
        #expect(machine.master == server(1))
    }

    @Test func nothingHappensAfterTheShutdown() {
        var machine = settled()
        machine.shutDown()
        #expect(machine.demanded(now: 5000 * ms) == .none)
        #expect(machine.announced(server(2), now: 5000 * ms) == .none)
        #expect(machine.pauseEnded(now: 5000 * ms) == .none)
    }

    @Test func whateverHappensInWhateverOrderItNeitherTrapsNorStopsForGood() {
        var random = SeededRandom(seed: 50)
        for _ in 0..<300 {
            var machine = machine(Int.random(in: 1...4, using: &random))
            var now: Int64 = 0
            var action = SentinelStateMachine.Action.settled
            for _ in 0..<200 {
                now += Int64.random(in: 0...(50 * ms), using: &random)
                let share = Double.random(in: 0..<1, using: &random)
                let endpoint = server(Int.random(in: 1...3, using: &random))
                var next = SentinelStateMachine.Action.none
                switch (action, Int.random(in: 0..<4, using: &random)) {
                case (.ask(let asked), 0): next = machine.unreachable(asked, refused, now: now, random: share)
                case (.ask(let asked), 1): next = machine.unknown(by: asked, now: now, random: share)
                case (.ask(let asked), _): next = machine.named(endpoint, by: asked, now: now, random: share)
                case (.prove(let proved), 0...1): next = machine.refuted(proved, refused, now: now, random: share)
                case (.prove(let proved), _): next = machine.proved(proved)
                case (.pause(let until), _): next = machine.pauseEnded(now: max(now, until))
                case (.settled, 0): next = machine.announced(endpoint, now: now)
                default: next = machine.demanded(now: now)
                }
                if action == .settled, next == .none { next = .settled }
                #expect(next != .none)
                action = next
                if Int.random(in: 0..<10, using: &random) == 0, action != .settled {
                    #expect(machine.announced(endpoint, now: now) == .none)
                }
                if Int.random(in: 0..<10, using: &random) == 0 { _ = machine.masterDoubted(endpoint) }
            }
        }
    }
}
