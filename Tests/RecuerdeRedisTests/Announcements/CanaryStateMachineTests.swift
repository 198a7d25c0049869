import Recuerde
import Testing

@testable import RecuerdeRedis

/// A machine by reference, for what `#expect` cannot mutate.
private final class Canaries {
    private var machine = CanaryStateMachine()

    var isOpen: Bool { machine.isOpen }
    func subscribed(now: MonotonicInstant) -> UInt64 { machine.subscribed(now: now) }
    func tick(now: MonotonicInstant, pace: Duration) -> CanaryStateMachine.Tick { machine.tick(now: now, pace: pace) }
    func published(_ number: UInt64) { machine.published(number) }
    func returned(_ number: UInt64, now: MonotonicInstant) -> CanaryStateMachine.Return {
        machine.returned(number, now: now)
    }
    func interrupted() -> Bool { machine.interrupted() }
}

@Suite struct TheCanariesOfASubscription {
    private let pace = Duration.seconds(1)
    private let machine = Canaries()

    /// So many milliseconds after the beginning.
    private func at(_ milliseconds: Int) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(milliseconds) * 1_000_000)
    }

    @Test func openTheLineWhenTheFirstComesBackAndNotBefore() {
        let number = machine.subscribed(now: at(0))
        machine.published(number)
        #expect(!machine.isOpen)
        #expect(machine.returned(number + 1, now: at(1)) == .nothing)
        #expect(!machine.isOpen)
        #expect(machine.returned(number, now: at(2)) == .opens)
        #expect(machine.isOpen)
        // One that comes twice says nothing new.
        #expect(machine.returned(number, now: at(3)) == .nothing)
    }

    @Test func proveWhatHappenedUntilTheyWereSent() {
        #expect(machine.returned(machine.subscribed(now: at(0)), now: at(1)) == .opens)
        #expect(machine.tick(now: at(1_000), pace: pace) == .publish(2))
        #expect(machine.tick(now: at(2_000), pace: pace) == .publish(3))
        #expect(machine.returned(2, now: at(2_100)) == .proves(before: .milliseconds(1_100)))
        #expect(machine.returned(3, now: at(2_300)) == .proves(before: .milliseconds(300)))
        // A clock that went back proves no future.
        #expect(machine.tick(now: at(3_000), pace: pace) == .publish(4))
        #expect(machine.returned(4, now: at(2_900)) == .proves(before: .zero))
    }

    @Test func thatWereOvertakenProveNothing() {
        #expect(machine.returned(machine.subscribed(now: at(0)), now: at(1)) == .opens)
        _ = machine.tick(now: at(1_000), pace: pace)
        _ = machine.tick(now: at(2_000), pace: pace)
        #expect(machine.returned(3, now: at(2_100)) == .proves(before: .milliseconds(100)))
        #expect(machine.returned(2, now: at(2_200)) == .nothing)
    }

    @Test func areNotSentWithoutASubscription() {
        #expect(machine.tick(now: at(0), pace: pace) == .nothing)
        let number = machine.subscribed(now: at(1))
        #expect(!machine.interrupted())
        #expect(machine.tick(now: at(2), pace: pace) == .nothing)
        // One of the subscription that is gone does not open the next one.
        _ = machine.subscribed(now: at(3))
        #expect(machine.returned(number, now: at(4)) == .nothing)
        #expect(!machine.isOpen)
    }

    @Test func closeTheLineWithTheSubscription() {
        let number = machine.subscribed(now: at(0))
        #expect(machine.returned(number, now: at(1)) == .opens)
        #expect(machine.tick(now: at(1_000), pace: pace) == .publish(number + 1))
        #expect(machine.interrupted())
        #expect(!machine.isOpen)
        #expect(!machine.interrupted())
        #expect(machine.returned(number + 1, now: at(1_001)) == .nothing)
        #expect(machine.returned(machine.subscribed(now: at(2_000)), now: at(2_001)) == .opens)
    }

    @Test(arguments: [true, false])
    func thatAreOutAndStayAwayAskForAnotherSubscription(wasOpen: Bool) {
        let first = machine.subscribed(now: at(0))
        machine.published(first)
        if wasOpen { #expect(machine.returned(first, now: at(1)) == .opens) }
        for second in 1...4 {
            #expect(machine.tick(now: at(second * 1_000), pace: pace) == .publish(UInt64(second) + 1))
            machine.published(UInt64(second) + 1)
        }
        // Five paces after the first that is out and not back.
        let end = wasOpen ? 6_000 : 5_000
        #expect(machine.tick(now: at(end - 1), pace: pace) == .publish(6))
        #expect(machine.tick(now: at(end), pace: pace) == .renew)
    }

    @Test func thatWereNeverPublishedSayNothingOfTheSubscription() {
        #expect(machine.returned(machine.subscribed(now: at(0)), now: at(1)) == .opens)
        for second in 1...100 {
            #expect(machine.tick(now: at(second * 1_000), pace: pace) == .publish(UInt64(second) + 1))
        }
        // The one that is out keeps its place among those that are not.
        machine.published(101)
        for second in 101...104 { #expect(machine.tick(now: at(second * 1_000), pace: pace) != .renew) }
        #expect(machine.tick(now: at(105_000), pace: pace) == .renew)
    }

    @Test func thatAreManyOnTheirWayAreNotAllRemembered() {
        #expect(machine.returned(machine.subscribed(now: at(0)), now: at(1)) == .opens)
        for second in 1...50 { _ = machine.tick(now: at(second * 1_000), pace: pace) }
        #expect(machine.returned(20, now: at(50_000)) == .nothing)
        #expect(machine.returned(51, now: at(50_000)) == .proves(before: .zero))
    }

    /// Whatever comes in whatever order: the line is open only between a return and a break, and no proof reaches past its canary.
    @Test(arguments: UInt64(0)..<50) func keepTheirWordInAnyOrderOfEvents(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var sentAt: [UInt64: Int] = [:]
        var isSubscribed = false
        var time = 0
        for _ in 0..<400 {
            time += Int.random(in: 0..<700, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                sentAt = [machine.subscribed(now: at(time)): time]
                isSubscribed = true
                #expect(!machine.isOpen)
            case 1:
                let wasOpen = machine.isOpen
                #expect(machine.interrupted() == wasOpen)
                isSubscribed = false
                sentAt = [:]
            case 2, 3:
                switch machine.tick(now: at(time), pace: pace) {
                case .publish(let number):
                    #expect(isSubscribed)
                    sentAt[number] = time
                case .nothing: #expect(!isSubscribed)
                case .renew: #expect(isSubscribed)
                }
            case 4:
                if let number = sentAt.keys.randomElement(using: &random) { machine.published(number) }
            default:
                let number = UInt64.random(in: 0..<300, using: &random)
                switch machine.returned(sentAt.keys.randomElement(using: &random) ?? number, now: at(time)) {
                case .nothing: break
                case .opens: #expect(isSubscribed && machine.isOpen)
                case .proves(let before):
                    #expect(machine.isOpen)
                    #expect(sentAt.values.contains(time - Int((before / .milliseconds(1)).rounded())))
                }
            }
        }
    }
}
