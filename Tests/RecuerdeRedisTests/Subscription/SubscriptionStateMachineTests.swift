import NIOCore
import Testing

@testable import RecuerdeRedis

private typealias Machine = SubscriptionStateMachine<Int>

private func message(_ text: String) -> SubscriptionNotice {
    .message(RedisMessage(channel: "c", payload: ByteBuffer(string: text)))
}

private func event(_ text: String) -> Machine.Outcome {
    .event(.message(RedisMessage(channel: "c", payload: ByteBuffer(string: text))))
}

@Suite struct SubscriptionStateMachines {
    private func live(confirmations: Int = 1, capacity: Int = 4) -> Machine {
        var machine = Machine(confirmations: confirmations, capacity: capacity)
        #expect(machine.opened() == true)
        for _ in 0..<confirmations { _ = machine.received(.confirmation) }
        #expect(machine.next(0) == .take(.event(.subscribed), follows: false))
        return machine
    }

    private func expectNobody(_ wake: Machine.Wake?) {
        #expect(wake == nil)
    }

    @Test func areSubscribedWhenAllIsConfirmed() {
        var machine = Machine(confirmations: 2, capacity: 4)
        #expect(machine.next(7) == .wait)
        #expect(machine.opened() == true)
        expectNobody(machine.received(.confirmation).wake)
        let wake = machine.received(.confirmation).wake
        #expect(wake?.waiter == 7)
        #expect(wake?.outcome == .event(.subscribed))
        // A confirmation too many is none of ours.
        expectNobody(machine.received(.confirmation).wake)
    }

    @Test func handOutEventsOnceAndInOrder() {
        var machine = live()
        _ = machine.received(message("a"))
        _ = machine.received(message("b"))
        #expect(machine.next(1) == .take(event("a"), follows: false))
        #expect(machine.next(2) == .take(event("b"), follows: false))
        #expect(machine.next(3) == .wait)
        let wake = machine.received(message("c")).wake
        #expect(wake?.waiter == 3)
        #expect(wake?.outcome == event("c"))
    }

    @Test func tellTheGapAroundALostConnection() {
        var machine = live(confirmations: 2)
        expectNobody(machine.closed())
        // A second loss before all is subscribed to again is the same gap.
        #expect(machine.opened() == true)
        _ = machine.received(.confirmation)
        expectNobody(machine.closed())
        #expect(machine.opened() == true)
        _ = machine.received(.confirmation)
        _ = machine.received(.confirmation)
        #expect(machine.next(1) == .take(.event(.interrupted), follows: false))
        #expect(machine.next(2) == .take(.event(.resubscribed), follows: false))
        #expect(machine.next(3) == .wait)
    }

    @Test func pauseReadingAtTheCapacityAndResumeAtHalfOfIt() {
        var machine = live(capacity: 4)
        for text in ["a", "b", "c"] { #expect(machine.received(message(text)).pauses == false) }
        #expect(machine.received(message("d")).pauses == true)
        #expect(machine.isPaused)
        // What had been read already is kept, and said only once.
        #expect(machine.received(message("e")).pauses == false)
        #expect(machine.next(1) == .take(event("a"), follows: false))
        #expect(machine.next(2) == .take(event("b"), follows: false))
        #expect(machine.follow() == .init(reads: false, subscribes: false))
        #expect(machine.next(3) == .take(event("c"), follows: true))
        #expect(machine.follow() == .init(reads: true, subscribes: false))
        #expect(!machine.isPaused)
        #expect(machine.next(4) == .take(event("d"), follows: false))
    }

    @Test func subscribeAgainOnlyWhenTheConsumerHasCaughtUp() {
        var machine = live(capacity: 2)
        _ = machine.received(message("a"))
        #expect(machine.received(message("b")).pauses == true)
        _ = machine.closed()
        #expect(machine.opened() == false)
        #expect(machine.next(1) == .take(event("a"), follows: false))
        #expect(machine.next(2) == .take(event("b"), follows: true))
        #expect(machine.follow() == .init(reads: true, subscribes: true))
        #expect(machine.follow() == .init(reads: true, subscribes: false))
        #expect(machine.next(3) == .take(.event(.interrupted), follows: false))
        #expect(machine.next(4) == .wait)
        #expect(machine.received(.confirmation).wake?.outcome == .event(.resubscribed))
    }

    @Test func endOnceWithTheirErrorAfterWhatWasKept() {
        let error = RedisError(.server, serverCode: "NOPERM", phase: .reply, message: "no")
        var machine = live()
        _ = machine.received(message("a"))
        expectNobody(machine.finish(error, dropsRest: false))
        expectNobody(machine.finish(nil, dropsRest: false))
        #expect(machine.opened() == false)
        expectNobody(machine.received(message("late")).wake)
        expectNobody(machine.closed())
        #expect(machine.next(1) == .take(event("a"), follows: false))
        #expect(machine.next(2) == .take(.end(error), follows: false))
        #expect(machine.next(3) == .take(.end(nil), follows: false))
    }

    @Test func letAWaitingConsumerGoAtTheEnd() {
        var machine = live()
        #expect(machine.next(5) == .wait)
        // A second consumer at the same time is not made to wait for ever.
        #expect(machine.next(6) == .take(.end(nil), follows: false))
        let wake = machine.finish(nil, dropsRest: true)
        #expect(wake?.waiter == 5)
        #expect(wake?.outcome == .end(nil))
        #expect(machine.next(7) == .take(.end(nil), follows: false))
    }

    @Test func resumeEveryConsumerOnceAndStayBoundedWhateverHappens() {
        for seed in 0..<200 {
            var random = SeededRandom(seed: UInt64(seed))
            var machine = Machine(confirmations: 2, capacity: 3)
            var waiting: Set<Int> = []
            var isPaused = false
            func leave(_ wake: Machine.Wake?) {
                if let wake { #expect(waiting.remove(wake.waiter) != nil) }
            }
            for step in 0..<300 {
                switch Int.random(in: 0..<20, using: &random) {
                case 0..<6:
                    // A paused connection brings nothing more than one read had in it: here, nothing.
                    guard !isPaused else { continue }
                    let action = machine.received(message("\(step)"))
                    if action.pauses { isPaused = true }
                    leave(action.wake)
                case 6..<9:
                    guard !isPaused else { continue }
                    let action = machine.received(.confirmation)
                    if action.pauses { isPaused = true }
                    leave(action.wake)
                case 9..<16:
                    switch machine.next(step) {
                    case .wait: waiting.insert(step)
                    case .take(_, let follows):
                        if follows { isPaused = !machine.follow().reads }
                    }
                case 16:
                    leave(machine.closed())
                    isPaused = false
                case 17:
                    _ = machine.opened()
                    isPaused = false
                case 18 where step > 250:
                    leave(machine.finish(nil, dropsRest: false))
                default:
                    isPaused = !machine.follow().reads
                }
                #expect(waiting.count <= 1)
            }
            leave(machine.finish(nil, dropsRest: true))
            #expect(waiting.isEmpty)
        }
    }

    @Test func readTheMessagesOfBothProtocols() {
        func bulk(_ text: String) -> RESPValue { .bulk(ByteBuffer(string: text)) }
        #expect(
            SubscriptionNotice([bulk("message"), bulk("c"), bulk("x")])
                == .message(.init(channel: "c", payload: .init(string: "x")))
        )
        #expect(
            SubscriptionNotice([bulk("pmessage"), bulk("c*"), bulk("c1"), bulk("x")])
                == .message(.init(channel: "c1", pattern: "c*", payload: .init(string: "x")))
        )
        #expect(SubscriptionNotice([bulk("subscribe"), bulk("c"), .integer(1)]) == .confirmation)
        #expect(SubscriptionNotice([bulk("psubscribe"), bulk("c"), .integer(1)]) == .confirmation)
        #expect(SubscriptionNotice([bulk("pong"), bulk("")]) == .other)
        for odd in [[], [.null], [bulk("message")], [bulk("message"), .null, .null], [bulk("what"), bulk("c")]]
            as [[RESPValue]]
        {
            #expect(SubscriptionNotice(odd) == nil)
        }
    }
}
