import Testing

@testable import RecuerdeRedis

@Suite struct KeepAlives {
    private var machine = KeepAliveStateMachine(interval: 100, answerLimit: 10)

    @Test func askOnlyAConnectionThatHasBeenSilentForTheInterval() {
        var machine = machine
        #expect(machine.opened(now: 0) == 100)
        #expect(machine.looked(now: 100, lastByte: 40, isOwed: false, isPaused: false) == .look(at: 140))
        #expect(machine.looked(now: 139, lastByte: 40, isOwed: false, isPaused: false) == .look(at: 140))
        #expect(machine.looked(now: 140, lastByte: 40, isOwed: false, isPaused: false) == .ping(lookAt: 150))
    }

    @Test func keepAConnectionThatAnswers() {
        var machine = machine
        _ = machine.opened(now: 0)
        #expect(machine.looked(now: 100, lastByte: 0, isOwed: false, isPaused: false) == .ping(lookAt: 110))
        #expect(machine.looked(now: 110, lastByte: 103, isOwed: false, isPaused: false) == .look(at: 203))
        #expect(machine.looked(now: 203, lastByte: 103, isOwed: false, isPaused: false) == .ping(lookAt: 213))
    }

    @Test func replaceAConnectionThatDoesNotAnswer() {
        var machine = machine
        _ = machine.opened(now: 0)
        #expect(machine.looked(now: 100, lastByte: 0, isOwed: false, isPaused: false) == .ping(lookAt: 110))
        #expect(machine.looked(now: 110, lastByte: 0, isOwed: false, isPaused: false) == .replace)
    }

    @Test func leaveTheDecisionToThoseWhoWaitAndHaveTime() {
        var machine = machine
        _ = machine.opened(now: 0)
        #expect(machine.looked(now: 100, lastByte: 0, isOwed: true, isPaused: false) == .look(at: 110))
        #expect(machine.looked(now: 110, lastByte: 0, isOwed: false, isPaused: false) == .ping(lookAt: 120))
        #expect(machine.looked(now: 120, lastByte: 0, isOwed: true, isPaused: false) == .look(at: 130))
        #expect(machine.looked(now: 130, lastByte: 0, isOwed: false, isPaused: false) == .replace)
    }

    @Test func concludeNothingFromSilenceWhileNothingIsRead() {
        var machine = machine
        _ = machine.opened(now: 0)
        #expect(machine.looked(now: 100, lastByte: 0, isOwed: false, isPaused: false) == .ping(lookAt: 110))
        #expect(machine.looked(now: 110, lastByte: 0, isOwed: false, isPaused: true) == .look(at: 210))
        #expect(machine.looked(now: 210, lastByte: 0, isOwed: false, isPaused: false) == .ping(lookAt: 220))
    }

    @Test func beginAnewWithEachConnection() {
        var machine = machine
        _ = machine.opened(now: 0)
        _ = machine.looked(now: 100, lastByte: 0, isOwed: false, isPaused: false)
        #expect(machine.opened(now: 105) == 205)
        #expect(machine.looked(now: 205, lastByte: 105, isOwed: false, isPaused: false) == .ping(lookAt: 215))
    }

    @Test func spreadTheAgeOverItsLastFifth() {
        #expect(ConnectionAge.limit(maximum: 1000, random: 0) == 800)
        #expect(ConnectionAge.limit(maximum: 1000, random: 0.5) == 900)
        #expect(ConnectionAge.limit(maximum: 1000, random: 1) == 1000)
        #expect(ConnectionAge.limit(maximum: 1000, random: .nan) == 900)
        #expect(ConnectionAge.limit(maximum: 0, random: 0) == 1)
    }
}

private let lost = RedisError(.connectionLost, phase: .reply, message: "lost")

@Suite struct Renewals {
    private func connected() -> ConnectionLifecycle {
        var life = ConnectionLifecycle(backoff: RedisBackoff())
        _ = life.demanded(now: 0)
        _ = life.dialSucceeded(1, now: 0)
        return life
    }

    @Test func keepTheOldConnectionUntilTheNewOneTakesOver() {
        var life = connected()
        #expect(life.renewalIsDue(7) == .none)
        #expect(life.renewalIsDue(1) == .dial(attempt: 2))
        #expect(life.renewalIsDue(1) == .none)
        #expect(life.isConnected && life.current == 1 && life.isRenewal(2))
        #expect(life.renewed(2, now: 5) == true)
        #expect(life.isConnected && life.current == 2 && !life.isRenewal(2))
        #expect(life.connectionLost(1, reason: lost, now: 6, random: 0) == .ignore)
    }

    @Test func thatFailLeaveTheOldConnection() {
        var life = connected()
        _ = life.renewalIsDue(1)
        #expect(life.renewalFailed(2) == true)
        #expect(life.renewalFailed(2) == false)
        #expect(life.isConnected && life.current == 1)
        #expect(life.renewed(2, now: 5) == false)
        #expect(life.renewalIsDue(1) == .dial(attempt: 3))
    }

    @Test func becomeTheAttemptToWaitForWhenTheOldConnectionIsLost() {
        var life = connected()
        _ = life.renewalIsDue(1)
        #expect(life.connectionLost(1, reason: lost, now: 5, random: 0) == .awaitRenewal)
        #expect(life.dialing == 2)
        #expect(!life.isRenewal(2))
        #expect(life.dialSucceeded(2, now: 6) == true)
        #expect(life.current == 2)
    }
}
