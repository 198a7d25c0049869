import Testing

@testable import RecuerdeRedis

/// Connections that are asked at a fixed pace, for the sake of the answer.
@Suite struct PacedKeepAlives {
    private func machine(interval: Int64? = 1000, pace: Int64 = 100, limit: Int64 = 50) -> KeepAliveStateMachine {
        KeepAliveStateMachine(interval: interval, pace: pace, answerLimit: limit)
    }

    @Test func askAtThePaceHoweverBusyTheConnectionIs() {
        var machine = machine()
        #expect(machine.opened(now: 0) == 100)
        #expect(machine.looked(now: 100, lastByte: 99, isOwed: true, isPaused: false) == .ping(lookAt: 150))
        machine.answered()
        #expect(machine.looked(now: 150, lastByte: 149, isOwed: true, isPaused: false) == .look(at: 200))
        #expect(machine.looked(now: 200, lastByte: 199, isOwed: true, isPaused: false) == .ping(lookAt: 250))
    }

    @Test func replaceAConnectionThatSaysNothingWithinTheTimeForAnAnswer() {
        var machine = machine()
        _ = machine.opened(now: 0)
        #expect(machine.looked(now: 100, lastByte: 0, isOwed: false, isPaused: false) == .ping(lookAt: 150))
        #expect(machine.looked(now: 150, lastByte: 99, isOwed: false, isPaused: false) == .replace)
    }

    @Test func leaveTheDecisionToThoseWhoWaitAndHaveTime() {
        var machine = machine()
        _ = machine.opened(now: 0)
        _ = machine.looked(now: 100, lastByte: 0, isOwed: false, isPaused: false)
        #expect(machine.looked(now: 150, lastByte: 0, isOwed: true, isPaused: false) == .look(at: 200))
        #expect(machine.looked(now: 200, lastByte: 0, isOwed: false, isPaused: false) == .replace)
    }

    @Test func askAgainWhereOtherBytesCameAndNoAnswer() {
        var machine = machine()
        _ = machine.opened(now: 0)
        #expect(machine.looked(now: 100, lastByte: 0, isOwed: false, isPaused: false) == .ping(lookAt: 150))
        #expect(machine.looked(now: 150, lastByte: 120, isOwed: false, isPaused: false) == .look(at: 200))
        #expect(machine.looked(now: 200, lastByte: 120, isOwed: false, isPaused: false) == .ping(lookAt: 250))
    }

    @Test func haveOneQuestionOutWhereThePaceIsShorterThanTheTimeForAnAnswer() {
        var machine = machine(pace: 20)
        #expect(machine.opened(now: 0) == 20)
        #expect(machine.looked(now: 20, lastByte: 0, isOwed: false, isPaused: false) == .ping(lookAt: 40))
        #expect(machine.looked(now: 40, lastByte: 30, isOwed: false, isPaused: false) == .look(at: 70))
        #expect(machine.looked(now: 70, lastByte: 30, isOwed: false, isPaused: false) == .ping(lookAt: 90))
        machine.answered()
        #expect(machine.looked(now: 90, lastByte: 80, isOwed: false, isPaused: false) == .ping(lookAt: 110))
    }

    @Test func areAskedAtThePaceAlsoWhereSilenceIsNoReason() {
        var machine = machine(interval: nil)
        #expect(machine.opened(now: 0) == 100)
        #expect(machine.looked(now: 60, lastByte: 0, isOwed: false, isPaused: false) == .look(at: 100))
        #expect(machine.looked(now: 100, lastByte: 0, isOwed: false, isPaused: false) == .ping(lookAt: 150))
        #expect(machine.looked(now: 150, lastByte: 0, isOwed: false, isPaused: false) == .replace)
    }

    @Test func areAskedForTheirSilenceWhereThatComesBeforeThePace() {
        var machine = machine(interval: 30)
        #expect(machine.opened(now: 0) == 30)
        #expect(machine.looked(now: 30, lastByte: 10, isOwed: false, isPaused: false) == .look(at: 40))
        #expect(machine.looked(now: 40, lastByte: 10, isOwed: true, isPaused: false) == .look(at: 90))
        #expect(machine.looked(now: 90, lastByte: 10, isOwed: false, isPaused: false) == .ping(lookAt: 140))
        machine.answered()
        #expect(machine.looked(now: 140, lastByte: 139, isOwed: true, isPaused: false) == .look(at: 169))
    }

    @Test func followAFasterPaceFromTheNextLookOn() {
        var machine = machine()
        _ = machine.opened(now: 0)
        machine.follow(20, now: 10)
        #expect(machine.looked(now: 30, lastByte: 29, isOwed: false, isPaused: false) == .ping(lookAt: 50))
        machine.answered()
        #expect(machine.looked(now: 50, lastByte: 49, isOwed: false, isPaused: false) == .ping(lookAt: 70))
        // A slower one too; and none where there is no pace.
        machine.answered()
        machine.follow(100, now: 70)
        #expect(machine.looked(now: 70, lastByte: 70, isOwed: false, isPaused: false) == .ping(lookAt: 120))
        machine.stopPace()
        machine.answered()
        machine.follow(5, now: 120)
        #expect(machine.looked(now: 130, lastByte: 120, isOwed: false, isPaused: false) == .look(at: 1120))
    }
}
