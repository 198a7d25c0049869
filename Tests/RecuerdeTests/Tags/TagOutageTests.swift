import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// Tags while the remote tier is away, and when it is back.
@Suite(.timeLimit(.minutes(1))) struct TagOutageTests {
    private let fleet = Fleet()
    private var remote: ScriptedRemoteTier { fleet.remote }

    @Test(arguments: TagInvalidation.allCases, [ReadingOrder.memoryFirst, .remoteFirst])
    func anInvalidationOfAnOutageHoldsHereAtOnceAndThereLater(
        invalidation: TagInvalidation,
        order: ReadingOrder
    ) async throws {
        let tier = fleet.board.node(1)
        let one = fleet.node(on: tier) { $0.readingOrder = order }
        let two = fleet.node(2) { $0.readingOrder = order }
        let options = EntryOptions.tagged("x", staleness: .seconds(1_000))
        try await one.set("k", to: 1, options: options)
        try await one.set("l", to: 1, options: options)
        #expect(try await two.int("k") == 1)
        tier.cutOff()
        fleet.time.advance(by: .seconds(1))
        try await one.invalidate(tags: ["x"], by: invalidation)
        #expect(one.statistics().journalDepth == 1)
        #expect(try await one.int("k") == nil)
        if invalidation == .expire {
            #expect(try await one.loadingInVain("k").value == 1)
        } else {
            await #expect(throws: LoadFailure.self) { try await one.loadingInVain("k") }
        }
        // What is set since then is valid, and what was set by others before it is not, whoever reads it.
        try await one.set("l", to: 2, options: options)
        #expect(try await one.int("l") == 2)
        tier.cutOff(nil)
        fleet.time.advance(by: .seconds(3))
        #expect(try await one.int("k") == nil)
        try await fleet.settle(one)
        for node in [one, two, fleet.node(3) { $0.readingOrder = order }] {
            #expect(try await node.int("k") == nil)
            #expect(try await node.int("l") == 2)
            if invalidation == .remove { await #expect(throws: LoadFailure.self) { try await node.loadingInVain("k") } }
        }
    }

    @Test func aNodeThatHasNeverSeenRedisInvalidatesAllTheSame() async throws {
        try await fleet.node(2).set("k", to: 1, options: .tagged("x"))
        fleet.time.advance(by: .seconds(1))
        let tier = fleet.board.node(1)
        tier.cutOff()
        let one = fleet.node(on: tier)
        try await one.set("own", to: 1, options: .tagged("x"))
        #expect(try await one.int("own") == 1)
        fleet.time.advance(by: .seconds(1))
        try await one.invalidate(tags: ["x"])
        #expect(try await one.int("own") == nil)
        fleet.time.advance(by: .seconds(1))
        try await one.set("later", to: 2, options: .tagged("x"))
        tier.cutOff(nil)
        fleet.time.advance(by: .seconds(3))
        try await fleet.settle(one)
        for node in [one, fleet.node(3)] {
            #expect(try await node.int("k") == nil)
            #expect(try await node.int("own") == nil)
            #expect(try await node.int("later") == 2)
        }
    }

    @Test func whatWaitsInTheJournalIsVoidTooAndOtherValuesAreBelieved() async throws {
        let one = fleet.node(1)
        try await one.set("seen", to: 0, options: .tagged("x"))
        remote.behave(Nodes.down)
        try await one.set("before", to: 1, options: .tagged("x"))
        // Nobody has ever made a record for this one.
        try await one.set("new", to: 1, options: .tagged("fresh"))
        fleet.time.advance(by: .seconds(1))
        try await one.invalidate(tags: ["x"])
        try await one.set("after", to: 2, options: .tagged("x"))
        fleet.comeBack()
        try await fleet.settle(one)
        for node in [one, fleet.node(2)] {
            #expect(try await node.int("before") == nil)
            #expect(try await node.int("seen") == nil)
            #expect(try await node.int("after") == 2)
            #expect(try await node.int("new") == 1)
        }
    }

    @Test func theNewestOfEachTagWaitsAndTooManyBecomeOneClear() async throws {
        let one = fleet.node(1) { $0.journalMaximumIntents = 3 }
        for number in 0..<5 {
            try await one.set(CacheKey("k\(number)"), to: number, options: .tagged("t\(number)"))
        }
        try await one.set("untagged", to: 7)
        remote.behave(Nodes.down)
        for _ in 0..<10 { try await one.invalidate(tags: ["t0"]) }
        #expect(one.statistics().journalDepth == 1)
        #expect(one.statistics().journalReasons[.unavailable] == 1)
        for number in 1..<4 { try await one.invalidate(tags: ["t\(number)"]) }
        #expect(one.statistics().journalDepth == 1 && one.statistics().journalOverflows == 1)
        #expect(one.statistics().journalReasons[.overflow] == 1)
        #expect(try await one.int("k0") == nil)
        #expect(try await one.int("k3") == nil)
        #expect(try await one.int("untagged") == 7)
        fleet.comeBack()
        try await fleet.settle(one)
        for number in 0..<4 { #expect(try await fleet.node(2).int(CacheKey("k\(number)")) == nil) }
        try await one.set("k0", to: 10, options: .tagged("t0"))
        #expect(try await fleet.node(3).int("k0") == 10)
    }

    @Test func anInvalidationWhoseAnswerIsLostIsCarriedOutOnceMore() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 1, options: .tagged("x"))
        remote.behave(.loseAnswer(RemoteTierError(.timedOut, "scripted to lose the answer")))
        try await one.invalidate(tags: ["x"])
        #expect(one.statistics().journalDepth == 1)
        remote.behave(.normal)
        fleet.time.advance(by: .seconds(1))
        try await fleet.settle(one)
        #expect(try await one.int("k") == nil)
        #expect(try await two.int("k") == nil)
        try await two.set("k", to: 2, options: .tagged("x"))
        #expect(try await one.int("k") == 2)
    }

    @Test func whoAsksToBeToldIsTold() async throws {
        let one = fleet.node(1) { $0.rethrowsRemoteErrors = true }
        remote.behave(Nodes.down)
        let error = await #expect(throws: CacheError.self) { try await one.invalidate(tags: ["x"]) }
        #expect(error?.code == .remoteFailed)
        #expect(one.statistics().journalDepth == 1)
    }

    @Test func aFullServerLosesTheRecordAndNotTheMeaning() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 1, options: .tagged("x"))
        #expect(try await two.int("k") == 1)
        remote.setFull(true)
        try await one.invalidate(tags: ["x"])
        #expect(remote.record(Fleet.record("x")) == nil)
        #expect(try await one.int("k") == nil)
        #expect(try await two.int("k") == nil)
        remote.setFull(false)
        fleet.time.advance(by: .seconds(1))
        try await one.set("k", to: 2, options: .tagged("x"))
        #expect(try await two.int("k") == 2)
    }

    @Test func aValueThatWasGivenUpAndIsWrittenLateIsVoidAsWell() async throws {
        let one = fleet.node(1)
        try await one.set("other", to: 1, options: .tagged("x"))
        remote.behave(.loseAnswer(RemoteTierError(.timedOut, "scripted to lose the answer")))
        try await one.set("k", to: 1, options: .tagged("x"))
        remote.behave(.normal)
        // It may yet be carried out, until its deadline; the invalidation comes after that.
        let invalidation = Task { try await one.invalidate(tags: ["x"]) }
        await fleet.time.waitForSleepers(atLeast: 1)
        fleet.time.advance(by: .seconds(1))
        try await invalidation.value
        try await fleet.settle(one)
        #expect(try await one.int("k") == nil)
        #expect(try await fleet.node(2).int("k") == nil)
    }

    @Test func whoIsCancelledWhileItWaitsInvalidatesNothingThatComesLater() async throws {
        let one = fleet.node(1)
        try await one.set("other", to: 1, options: .tagged("x"))
        remote.behave(.loseAnswer(RemoteTierError(.timedOut, "scripted to lose the answer")))
        try await one.set("k", to: 1, options: .tagged("x"))
        remote.behave(.normal)
        let isOver = Flag()
        let invalidation = Task {
            defer { isOver.set() }
            try await one.invalidate(tags: ["x"])
        }
        await fleet.time.waitForSleepers(atLeast: 1)
        invalidation.cancel()
        // It goes on all the same: until the value that was given up can be written no more, nothing may be told there.
        for _ in 0..<1_000 { await Task.yield() }
        #expect(!isOver.isSet)
        fleet.time.advance(by: .seconds(1))
        try? await invalidation.value
        try await fleet.settle(one)
        #expect(try await one.int("k") == nil)
        #expect(try await fleet.node(2).int("k") == nil)
        try await fleet.node(2).set("k", to: 2, options: .tagged("x"))
        #expect(try await one.int("k") == 2)
        #expect(try await fleet.node(3).int("k") == 2)
    }
}

/// Whether something has happened.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
