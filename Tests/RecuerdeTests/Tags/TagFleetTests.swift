import RecuerdeTesting
import Testing

@testable import Recuerde

/// Tags on several nodes, that ask memory first or Redis first, while the remote tier is there.
@Suite(.timeLimit(.minutes(1))) struct TagFleetTests {
    private let fleet = Fleet()
    private var remote: ScriptedRemoteTier { fleet.remote }
    private var board: NoticeBoard { fleet.board }

    @Test(arguments: TagInvalidation.allCases, [ReadingOrder.memoryFirst, .remoteFirst])
    func scenario76_anInvalidationIsSeenByAllAndByWhoeverStartsLater(
        invalidation: TagInvalidation,
        order: ReadingOrder
    ) async throws {
        let nodes = (1...3).map { fleet.node($0) { $0.readingOrder = order } }
        let options = EntryOptions.tagged("x", "own", staleness: .seconds(100))
        for number in 0..<10 { try await nodes[0].set(CacheKey("k\(number)"), to: number, options: options) }
        try await nodes[1].set("other", to: 7, options: .tagged("y"))
        for node in nodes {
            for number in 0..<10 { #expect(try await node.int(CacheKey("k\(number)")) == number) }
            #expect(try await node.int("other") == 7)
        }
        try await nodes[1].invalidate(tags: ["x"], by: invalidation)
        for node in nodes + [fleet.node(4) { $0.readingOrder = order }] {
            for number in 0..<10 { #expect(try await node.int(CacheKey("k\(number)")) == nil) }
            #expect(try await node.int("other") == 7)
            if invalidation == .expire {
                #expect(try await node.loadingInVain("k0").value == 0)
            } else {
                await #expect(throws: LoadFailure.self) { try await node.loadingInVain("k0") }
            }
        }
        // What is written after it is valid, everywhere.
        try await nodes[2].set("k0", to: 100, options: options)
        for node in nodes + [fleet.node(5) { $0.readingOrder = order }] { #expect(try await node.int("k0") == 100) }
    }

    @Test func scenario77_cachesOfDifferentPrefixesDoNotTouchEachOthersTags() async throws {
        let (one, other) = (fleet.node(1), fleet.node(2) { $0.prefix = "test2" })
        for cache in [one, other] { try await cache.set("k", to: 1, options: .tagged("x")) }
        try await one.invalidate(tags: ["x"], by: .remove)
        #expect(try await one.int("k") == nil)
        #expect(try await other.int("k") == 1)
        #expect(remote.record(Fleet.record("x"))?.bytes != remote.record(Fleet.record("x", prefix: "test2"))?.bytes)
        // A clear takes entries, and leaves the records for what is yet to be stored.
        try await one.set("k", to: 2, options: .tagged("x"))
        #expect(try await one.clear() == 1)
        #expect(remote.record(Fleet.record("x")) != nil)
        #expect(try await other.int("k") == 1)
    }

    @Test(arguments: [0, 1, 4, 16])
    func tagsCostOneExchangeAtMostAndNoneOnceTheyAreKnown(count: Int) async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        var options = EntryOptions()
        options.tags = (0..<count).map { "t\($0)" }
        // The first exchange of a node tells it the time, or sees to the records of its tags.
        try await fleet.expectExchanges(2) { try await one.set("k", to: 1, options: options) }
        // The records stand, and are known to.
        try await fleet.expectExchanges(1) { try await one.set("k", to: 2, options: options) }
        try await fleet.expectExchanges(0) { _ = try await one.int("k") }
        try await fleet.expect(2, on: two, exchanges: (count == 0 ? 1 : 2))
        #expect(two.statistics().memory.hits == 0)
        for _ in 0..<10 { try await fleet.expect(2, on: two, exchanges: 0) }
        #expect(two.statistics().memory.hits == 10)
        guard count > 0 else { return }
        // A change of a record that concerns no entry: one exchange for the tags, and none for the entry.
        _ = try await remote.tags([step("t0", .keep(missing: nil), life: .seconds(100_000))], timeout: .seconds(1))
        board.change([Fleet.record("t0")])
        try await fleet.expect(2, on: two, exchanges: 1)
        try await fleet.expect(2, on: two, exchanges: 0)
        // One of a tag that is invalidated.
        try await one.invalidate(tags: ["t0"])
        try await fleet.expect(nil, on: two, exchanges: 2)
    }

    @Test func severalEntriesAskForTheirTagsTogether() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        for number in 0..<20 {
            try await one.set(CacheKey("k\(number)"), to: number, options: .tagged("t\(number % 5)"))
        }
        let keys = (0..<20).map { CacheKey("k\($0)") }
        try await fleet.expectExchanges(2) { try await expectAll(20, keys, two) }
        try await fleet.expectExchanges(0) { try await expectAll(20, keys, two) }
        try await one.invalidate(tags: ["t0", "t1"])
        #expect(try await two.get(keys, as: Int.self).count == 12)
    }

    @Test func ownStepsOnARecordAreNotTakenForOthers() async throws {
        let tier = board.node(1)
        let one = fleet.node(on: tier)
        board.letOwnComeLate(to: 1)
        try await one.set("k", to: 1, options: .tagged("x"))
        board.deliverOwn(to: 1)
        try await fleet.expect(1, on: one, exchanges: 0)
        try await one.invalidate(tags: ["x"])
        board.deliverOwn(to: 1)
        try await one.set("k", to: 2, options: .tagged("x"))
        board.deliverOwn(to: 1)
        try await fleet.expect(2, on: one, exchanges: 0)
        tier.cutOff()
        #expect(try await one.int("k") == 2)
    }

    @Test func whoHasHeardOfAChangeAndCannotAskServesNothingOfTheTag() async throws {
        let tier = board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        try await one.set("k", to: 1, options: .tagged("x", staleness: .seconds(100)))
        try await one.set("l", to: 1)
        try await two.invalidate(tags: ["x"], by: .remove)
        tier.cutOff()
        #expect(try await one.int("k") == nil)
        #expect(try await one.int("l") == 1)
        await #expect(throws: LoadFailure.self) { try await one.loadingInVain("k") }
        // What is set here since then is known to be later.
        fleet.time.advance(by: .seconds(1))
        try await one.set("k", to: 2, options: .tagged("x"))
        #expect(try await one.int("k") == 2)
    }

    @Test func floorsOnlyRiseInWhateverOrderTheyAreHeardOf() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 1, options: .tagged("x"))
        #expect(try await two.int("k") == 1)
        let before = try #require(remote.record("test:v2:k")).stamp
        board.setDelivery(.held, to: 2)
        try await one.invalidate(tags: ["x"])
        fleet.time.advance(by: .seconds(1))
        // The notice is still under way.
        #expect(try await two.int("k") == 1)
        try await one.set("k", to: 2, options: .tagged("x"))
        // An invalidation of before, that comes behind.
        _ = try await remote.tags(
            [step("x", .raise(to: before, removes: true), life: .seconds(60))],
            timeout: .seconds(1)
        )
        board.deliver(to: 2)
        #expect(try await two.int("k") == 2)
        #expect(try await one.int("k") == 2)
        #expect(try await fleet.node(3).int("k") == 2)
        // What was void stays so: here one that comes back by hand, as from a restored backup.
        let mark = try #require(two.tags.present("x"))
        let floor = mark.floors.expired
        mark.learn(expired: before, removed: before, witness: 0, since: mark.notices, two.clock)
        #expect(mark.floors.expired == floor)
    }

    @Test func aRecordThatRedisHasLetGoOfMakesVoidWhatWasBefore() async throws {
        for order in [ReadingOrder.memoryFirst, .remoteFirst] {
            let (one, two) = (fleet.node(1) { $0.readingOrder = order }, fleet.node(2) { $0.readingOrder = order })
            try await one.set("k", to: 1, options: .tagged("x"))
            #expect(try await two.int("k") == 1)
            try await two.invalidate(tags: ["x"])
            remote.evict(Fleet.record("x"))
            board.change([Fleet.record("x")], toAll: true)
            for node in [one, two, fleet.node(3)] { #expect(try await node.int("k") == nil) }
            fleet.time.advance(by: .seconds(1))
            #expect(try await one.value(for: "k", options: .tagged("x")) { 2 } == 2)
            for node in [one, two, fleet.node(4)] { #expect(try await node.int("k") == 2) }
            // The same of one that was never invalidated: nobody knows that.
            remote.evict(Fleet.record("x"))
            board.change([Fleet.record("x")], toAll: true)
            for node in [one, two] { #expect(try await node.int("k") == nil) }
            // And after a loss of all data.
            try await one.set("k", to: 3, options: .tagged("x"))
            board.flush()
            try await one.set("k", to: 4, options: .tagged("x"))
            if order == .remoteFirst {
                // Nobody has told it that the record is gone: the first read finds out.
                #expect(try await one.int("k") == nil)
                fleet.time.advance(by: .seconds(1))
                try await one.set("k", to: 4, options: .tagged("x"))
            }
            for node in [one, two] { #expect(try await node.int("k") == 4) }
            _ = try await one.clear()
        }
    }

    @Test func aRecordThatGoesWhileALoadIsUnderWayKeepsWhatItBringsFromBeingBelieved() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        let door = Door()
        let slow = Task {
            try await one.value(for: "k", options: .tagged("x")) {
                await door.pass()
                return 1
            }
        }
        await door.someoneWaits()
        fleet.time.advance(by: .seconds(1))
        try await two.invalidate(tags: ["x"])
        remote.evict(Fleet.record("x"))
        board.change([Fleet.record("x")], toAll: true)
        door.open()
        #expect(try await slow.value == 1)
        #expect(try await one.int("k") == nil)
        #expect(try await two.int("k") == nil)
        #expect(try await fleet.node(3).int("k") == nil)
    }

    @Test func aLoadOfAnotherNodeIsNotBelievedEither() async throws {
        for order in [ReadingOrder.memoryFirst, .remoteFirst] {
            let (one, two) = (fleet.node(1) { $0.readingOrder = order }, fleet.node(2) { $0.readingOrder = order })
            let door = Door()
            let slow = Task {
                try await one.value(for: "k", options: .tagged("x")) {
                    await door.pass()
                    return 1
                }
            }
            await door.someoneWaits()
            fleet.time.advance(by: .seconds(1))
            try await two.invalidate(tags: ["x"])
            if order == .memoryFirst {
                // The notice has come, so nobody joins what began before it.
                #expect(try await one.value(for: "k", options: .tagged("x")) { 2 } == 2)
                _ = try await one.delete("k")
            }
            door.open()
            #expect(try await slow.value == 1)
            for node in [one, two, fleet.node(3)] { #expect(try await node.int("k") == nil) }
        }
    }

    @Test func whileALineIsGoneTagsAreServedWithinTheBoundAndLookedAfter() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 1, options: .tagged("x"))
        try await one.set("l", to: 1, options: .tagged("y"))
        board.cut(1)
        board.join(1)
        try await two.invalidate(tags: ["x"])
        // Nobody has told this node.
        #expect(try await one.int("k") == 1)
        #expect(try await one.int("l") == 1)
        #expect(one.statistics().unverifiedServed == 2)
        await eventually { (try? await one.int("k")) == .some(nil) }
        #expect(try await one.int("l") == 1)

        try await one.set("k", to: 2, options: .tagged("x"))
        board.cut(1)
        try await two.invalidate(tags: ["x"])
        fleet.time.advance(by: .seconds(6))
        #expect(try await one.int("k") == nil)
    }

    @Test func aBoundOfZeroMeansThatNothingIsServedAfterAGap() async throws {
        let (one, two) = (fleet.node(1) { $0.stalenessBound = .zero }, fleet.node(2))
        try await one.set("k", to: 1, options: .tagged("x"))
        board.cut(1)
        board.join(1)
        try await two.invalidate(tags: ["x"])
        #expect(try await one.int("k") == nil)
    }

    @Test func aRecordLivesAsLongAsWhatItConcerns() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        let start = fleet.time.now()
        try await one.set("short", to: 1, options: .tagged("x", timeToLive: .seconds(100)))
        try await two.set(
            "long",
            to: 1,
            options: .tagged("x", timeToLive: .seconds(10_000), staleness: .seconds(5_000))
        )
        try await one.set("short", to: 2, options: .tagged("x", timeToLive: .seconds(100)))
        try await one.invalidate(tags: ["x"])
        let expiry = try #require(remote.record(Fleet.record("x"))).expiry
        #expect(expiry >= start.advanced(by: .seconds(15_000)))
        try await two.set("long", to: 2, options: .tagged("x", timeToLive: .seconds(10_000)))
        fleet.time.advance(by: .seconds(9_999))
        #expect(try await two.int("long") == 2)
        try await one.invalidate(tags: ["x"])
        #expect(try await two.int("long") == nil)
        fleet.time.advance(by: .seconds(100_000))
        #expect(remote.names.isEmpty)
    }

    private func expectAll(_ count: Int, _ keys: [CacheKey], _ node: Cache) async throws {
        #expect(try await node.get(keys, as: Int.self).count == count)
    }

    private func step(_ tag: String, _ operation: RemoteTagStep.Operation, life: Duration) -> RemoteTagStep {
        RemoteTagStep(name: Fleet.record(tag), operation: operation, life: life)
    }
}
