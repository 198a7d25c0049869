import Testing

@testable import Recuerde

/// Each step of what an owner knows of its lease.
@Suite struct LeaseStateMachineTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    private func at(_ seconds: Double) -> MonotonicInstant {
        start.advanced(by: .seconds(seconds))
    }

    /// The macro would copy what cannot be copied.
    private func expect(_ holds: Bool, place: SourceLocation = #_sourceLocation) {
        #expect(holds, sourceLocation: place)
    }

    private func held() -> LeaseStateMachine {
        var machine = LeaseStateMachine(timeToLive: .seconds(6))
        expect(machine.asks(now: start))
        expect(machine.taken(now: at(0.1)) == .renew(at: at(2)))
        return machine
    }

    @Test func whatNobodyHasAskedForIsNotGivenBack() {
        var machine = LeaseStateMachine(timeToLive: .seconds(6))
        expect(!machine.isLost(now: at(100)))
        expect(!machine.released())
    }

    @Test func whatAnotherHasIsNotGivenBackAndMayBeAskedForAgain() {
        var machine = LeaseStateMachine(timeToLive: .seconds(6))
        expect(machine.asks(now: start))
        expect(!machine.asks(now: start))
        machine.refused()
        expect(machine.asks(now: at(1)))
        machine.refused()
        expect(!machine.isLost(now: at(100)) && !machine.released())
    }

    @Test func aQuestionWithoutAnAnswerMayHaveBeenGranted() {
        var machine = LeaseStateMachine(timeToLive: .seconds(6))
        _ = machine.asks(now: start)
        machine.unanswered(mayHaveSetOut: true)
        expect(machine.asks(now: at(1)))
        machine.unanswered(mayHaveSetOut: false)
        expect(machine.released())
        expect(!machine.released())
    }

    @Test func aQuestionThatNeverSetOutLeavesNothing() {
        var machine = LeaseStateMachine(timeToLive: .seconds(6))
        _ = machine.asks(now: start)
        machine.unanswered(mayHaveSetOut: false)
        expect(!machine.released())
    }

    @Test func whoIsToldThatAnotherHasItKnowsThatAnEarlierQuestionWasNotGranted() {
        var machine = LeaseStateMachine(timeToLive: .seconds(6))
        _ = machine.asks(now: start)
        machine.unanswered(mayHaveSetOut: true)
        _ = machine.asks(now: at(1))
        machine.refused()
        expect(!machine.released())
    }

    @Test func whatEndsWhileItIsAskedForIsGivenBack() {
        var machine = LeaseStateMachine(timeToLive: .seconds(6))
        _ = machine.asks(now: start)
        expect(machine.released())
        expect(machine.taken(now: at(0.1)) == .nothing)
        expect(machine.renewalDue(now: at(2)) == .nothing)
        expect(!machine.asks(now: at(3)))
    }

    @Test func itCountsFromWhenTheQuestionSetOut() {
        var machine = LeaseStateMachine(timeToLive: .seconds(6))
        _ = machine.asks(now: start)
        expect(machine.taken(now: at(5.9)) == .renew(at: at(2)))
        expect(!machine.isLost(now: at(5.9)) && machine.isLost(now: at(6)))
    }

    @Test func anAnswerThatComesAfterItsTimeIsWorthNothing() {
        var machine = LeaseStateMachine(timeToLive: .seconds(6))
        _ = machine.asks(now: start)
        expect(machine.taken(now: at(6)) == .lost)
        expect(machine.isLost(now: at(6)))
        // The store may count from later.
        expect(machine.released())
    }

    @Test func renewalCountsFromWhenItSetOut() {
        var machine = held()
        expect(machine.renewalDue(now: at(2)) == .ask(within: .seconds(4)))
        expect(machine.renewed(true, sentAt: at(2), now: at(3)) == .renew(at: at(4)))
        expect(!machine.isLost(now: at(7.9)) && machine.isLost(now: at(8)))
        expect(machine.released())
    }

    @Test func aRenewalWithoutAnAnswerIsTriedAgainToTheEnd() {
        var machine = held()
        expect(machine.renewalFailed(now: at(2)) == .renew(at: at(3)))
        expect(machine.renewalDue(now: at(5.5)) == .ask(within: .milliseconds(500)))
        expect(machine.renewalFailed(now: at(5.5)) == .renew(at: at(6)))
        expect(machine.renewalDue(now: at(6)) == .lost)
        expect(machine.renewalDue(now: at(7)) == .nothing)
        // It may come to the store later than that.
        expect(machine.isLost(now: at(7)) && machine.released())
    }

    @Test func aRenewalThatFailsAtTheEndIsALoss() {
        var machine = held()
        expect(machine.renewalFailed(now: at(6)) == .lost)
        expect(machine.renewalFailed(now: at(6)) == .nothing)
    }

    @Test func anotherOwnersLeaseIsNotGivenBack() {
        var machine = held()
        expect(machine.renewed(false, sentAt: at(2), now: at(2)) == .lost)
        expect(machine.renewed(true, sentAt: at(2), now: at(2)) == .nothing)
        expect(machine.isLost(now: at(2)) && !machine.released())
    }

    @Test func aRenewalThatIsAnsweredAfterTheEndChangesNothing() {
        var machine = held()
        expect(machine.released())
        expect(machine.renewed(true, sentAt: at(2), now: at(2)) == .nothing)
        expect(machine.renewed(false, sentAt: at(2), now: at(2)) == .nothing)
        expect(machine.renewalFailed(now: at(2)) == .nothing)
        expect(!machine.isLost(now: at(100)))
    }
}
