import RecuerdeTesting
import Synchronization
import Testing

@testable import Recuerde

/// What waits in the journal with tags whose records are not there.
@Suite(.timeLimit(.minutes(1))) struct TagJournalTests {
    private let fleet = Fleet()
    private var remote: ScriptedRemoteTier { fleet.remote }

    @Test(arguments: TagInvalidation.allCases)
    func whatWasSetAfterAnInvalidationOfTheSameOutageStands(invalidation: TagInvalidation) async throws {
        let one = fleet.node(1)
        _ = try await one.int("k")
        remote.behave(Nodes.down)
        try await one.set("before", to: 1, options: .tagged("x"))
        fleet.time.advance(by: .seconds(1))
        // Nobody has ever made a record for this tag.
        try await one.invalidate(tags: ["x"], by: invalidation)
        fleet.time.advance(by: .seconds(1))
        try await one.set("after", to: 2, options: .tagged("y", "x"))
        fleet.time.advance(by: .seconds(1))
        fleet.comeBack()
        try await fleet.settle(one)
        for node in [one, fleet.node(2)] {
            #expect(try await node.int("before") == nil)
            #expect(try await node.int("after") == 2)
        }
    }

    @Test func aSetThatIsStampedAheadOfTheClockIsVoidAfterAnInvalidation() async throws {
        let one = fleet.node(1)
        try await one.set("k", to: 0, options: .tagged("x"))
        remote.hold()
        let first = Task { try await one.set("k", to: 1, options: .tagged("x")) }
        await eventually { remote.waiting == 1 }
        // While the first may still be carried out, this one is stamped after it.
        let second = Task { try await one.set("k", to: 2, options: .tagged("x")) }
        await eventually { remote.waiting == 2 }
        remote.behave(Nodes.down)
        remote.release()
        try await first.value
        try await second.value
        let isOver = Atomic(false)
        let invalidation = Task {
            defer { isOver.store(true, ordering: .releasing) }
            try await one.invalidate(tags: ["x"], by: .remove)
        }
        await eventually {
            fleet.time.advance(by: .milliseconds(10))
            return isOver.load(ordering: .acquiring)
        }
        try await invalidation.value
        #expect(try await one.int("k") == nil)
        fleet.comeBack()
        try await fleet.settle(one)
        for node in [one, fleet.node(2)] { #expect(try await node.int("k") == nil) }
    }

    @Test func whatTagsHaveTakenLeavesNoOlderVersionInMemory() async throws {
        let one = fleet.node(1) { $0.readingOrder = .remoteFirst }
        try await one.set("k", to: 1, options: .tagged("x"))
        try await fleet.node(2).set("k", to: 2, options: .tagged("y"))
        try await fleet.node(2).invalidate(tags: ["y"], by: .remove)
        #expect(try await one.int("k") == nil)
        remote.behave(Nodes.down)
        #expect(try await one.int("k") == nil)
    }

    @Test func aRecordThatIsMissingStillMakesEverythingVoidWhereNoValueWaits() async throws {
        let one = fleet.node(1)
        let two = fleet.node(2)
        _ = try await one.int("k")
        try await two.set("k", to: 1, options: .tagged("x"))
        remote.behave(Nodes.down)
        try await one.invalidate(tags: ["x"])
        try await one.set("other", to: 2, options: .tagged("y"))
        fleet.time.advance(by: .seconds(1))
        fleet.comeBack()
        // Set after the invalidation, and nobody knows whether it was invalidated as well.
        remote.evict(Fleet.record("x"))
        try await fleet.settle(one)
        #expect(try await fleet.node(3).int("k") == nil)
        #expect(try await fleet.node(3).int("other") == 2)
    }
}
