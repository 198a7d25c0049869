import RecuerdeTesting
import Testing

@testable import Recuerde

/// How long records of tags live, and as of when they are made.
@Suite(.timeLimit(.minutes(1))) struct TagRecordTests {
    private let fleet = Fleet()
    private var time: ManualTimeSource { fleet.time }
    private var remote: ScriptedRemoteTier { fleet.remote }

    @Test(arguments: [ReadingOrder.memoryFirst, .remoteFirst], TagInvalidation.allCases)
    func aRecordOutlivesTheLoadsThatWereUnderWayWhenItWasRaised(
        order: ReadingOrder,
        invalidation: TagInvalidation
    ) async throws {
        let (one, two) = (fleet.node(1) { $0.readingOrder = order }, fleet.node(2) { $0.readingOrder = order })
        // Entries of short life: the record does not live much longer.
        try await two.set("short", to: 1, options: .tagged("x", timeToLive: .seconds(10)))
        time.advance(by: .seconds(60))
        let door = Door()
        let slow = Task {
            try await one.result(for: "k", options: .tagged(timeToLive: .seconds(1_000))) { _ in
                await door.pass()
                return Loaded(1, tags: ["x"])
            }
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        try await two.invalidate(tags: ["x"], by: invalidation)
        time.advance(by: .seconds(50))
        door.open()
        #expect(try await slow.value.value == 1)
        for node in [fleet.node(3) { $0.readingOrder = order }, one, two] { #expect(try await node.int("k") == nil) }
        // It goes by itself all the same.
        time.advance(by: .seconds(2_000))
        #expect(remote.names.isEmpty)
    }

    @Test func soDoesOneThatAnInvalidationOfAnOutageHasRaised() async throws {
        let tier = fleet.board.node(2)
        let (one, two) = (fleet.node(1), fleet.node(on: tier))
        try await two.set("short", to: 1, options: .tagged("x", timeToLive: .seconds(10)))
        time.advance(by: .seconds(60))
        let door = Door()
        let slow = Task {
            try await one.result(for: "k") { _ in
                await door.pass()
                return Loaded(1, tags: ["x"])
            }
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        tier.cutOff()
        try await two.invalidate(tags: ["x"])
        tier.cutOff(nil)
        time.advance(by: .seconds(3))
        try await fleet.settle(two)
        time.advance(by: .seconds(40))
        door.open()
        #expect(try await slow.value.value == 1)
        for node in [fleet.node(3), one, two] { #expect(try await node.int("k") == nil) }
    }

    @Test func aTouchDoesNotBringBackWhatWasInvalidatedUnderWay() async throws {
        let tier = fleet.board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        try await one.set("k", to: 1, options: .tagged("x", timeToLive: .seconds(10)))
        #expect(try await one.int("k") == 1)
        // Once the entry has been read: the notice is late, and the record is let go of.
        tier.beforeNextAnswer {
            fleet.board.setDelivery(.held, to: 1)
            try? await two.invalidate(tags: ["x"], by: .remove)
            remote.evict(Fleet.record("x"))
            time.advance(by: .milliseconds(1))
        }
        #expect(try await !one.touch("k", timeToLive: .seconds(100_000)))
        fleet.board.deliver(to: 1)
        for node in [fleet.node(3), one, two] { #expect(try await node.int("k") == nil) }
    }

    @Test func whatIsSetAfterAnInvalidationOfAnOutageIsValidWhereThereWasNoRecord() async throws {
        for setsFirst in [false, true] {
            let one = fleet.node(1)
            let tag = "new\(setsFirst)"
            remote.behave(Nodes.down)
            if setsFirst { try await one.set("before", to: 1, options: .tagged(tag)) }
            time.advance(by: .seconds(1))
            try await one.invalidate(tags: [tag])
            time.advance(by: .seconds(1))
            try await one.set("k", to: 2, options: .tagged(tag))
            time.advance(by: .seconds(1))
            fleet.comeBack()
            try await fleet.settle(one)
            for node in [one, fleet.node(2)] {
                #expect(try await node.int("k") == 2)
                #expect(try await node.int("before") == nil)
            }
            _ = try await one.clear()
        }
    }

    @Test func withoutAValueToKeepAMissingRecordMakesAllVoid() async throws {
        let tier = fleet.board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        try await two.set("k", to: 1, options: .tagged("x"))
        time.advance(by: .seconds(1))
        tier.cutOff()
        try await one.invalidate(tags: ["x"])
        time.advance(by: .seconds(1))
        try await two.set("k", to: 2, options: .tagged("x"))
        time.advance(by: .seconds(1))
        // Another invalidation, of which nothing is left.
        try await two.invalidate(tags: ["x"])
        remote.evict(Fleet.record("x"))
        tier.cutOff(nil)
        time.advance(by: .seconds(3))
        try await fleet.settle(one)
        #expect(try await fleet.node(3).int("k") == nil)
    }

    @Test func valuesOfAJournalWithOneTagAreAllBelieved() async throws {
        let one = fleet.node(1)
        remote.behave(Nodes.down)
        let door = Door()
        let slow = Task {
            try await one.value(for: "early", options: .tagged("new")) {
                await door.pass()
                return 1
            }
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        try await one.set("late", to: 2, options: .tagged("new"))
        time.advance(by: .seconds(1))
        // Noted later, and stamped earlier.
        door.open()
        #expect(try await slow.value == 1)
        fleet.comeBack()
        try await fleet.settle(one)
        for node in [one, fleet.node(2)] {
            #expect(try await node.int("early") == 1)
            #expect(try await node.int("late") == 2)
        }
    }

    @Test func anExpiredValueOfAJournalStandsInWhereThereWasNoRecord() async throws {
        let one = fleet.node(1)
        remote.behave(Nodes.down)
        try await one.set("k", to: 1, options: .tagged("new", staleness: .seconds(1_000)))
        time.advance(by: .seconds(1))
        _ = try await one.expire("k")
        fleet.comeBack()
        try await fleet.settle(one)
        for node in [one, fleet.node(2)] {
            #expect(try await node.int("k") == nil)
            #expect(try await node.loadingInVain("k").value == 1)
        }
    }

    @Test func aFullJournalLetsGoOfLoadsBeforeAnInvalidation() async throws {
        let one = fleet.node(1) { $0.journalMaximumIntents = 3 }
        remote.behave(Nodes.down)
        for number in 0..<3 { #expect(try await one.value(for: CacheKey("k\(number)")) { number } == number) }
        #expect(one.statistics().journalDepth == 3)
        try await one.invalidate(tags: ["x"])
        #expect(one.statistics().journalOverflows == 0)
        #expect(one.statistics().journalDepth == 1)
        for number in 0..<3 { #expect(try await one.int(CacheKey("k\(number)")) == number) }
        fleet.comeBack()
        try await fleet.settle(one)
        #expect(one.statistics().journalOverflows == 0)
    }

    @Test func aRemovalByTagIsNotTakenForTheExpiryOfAClear() {
        let stamp = Stamp(microseconds: 100)
        for keepsStale in [true, false] {
            for removes in [true, false] {
                var journal = RecoveryJournal(maximumIntents: 10, maximumBytes: 1_000)
                journal.noteClear(stamp, keepingStale: keepsStale)
                let mark = TagMark(tag: "x", text: "x")
                journal.noteTag(mark, "x", stamp: stamp, removes: removes, reason: .unavailable) { stamp.next }
                #expect(journal.tags.count == (keepsStale && removes ? 1 : 0))
            }
        }
    }

    @Test func thousandsOfTagsGoInParts() async throws {
        let one = fleet.node(1)
        try await one.set("k", to: 1, options: .tagged("t2499"))
        let tags = (0..<2_500).map { "t\($0)" }
        try await fleet.expectExchanges(3) { try await one.invalidate(tags: tags) }
        #expect(one.statistics().journalDepth == 0)
        #expect(try await fleet.node(2).int("k") == nil)
        remote.behave(Nodes.down)
        try await one.invalidate(tags: tags)
        #expect(one.statistics().journalDepth == 2_500)
    }

    @Test func aKeyThatIsNamedTwiceIsRemovedOnce() async throws {
        var dependencies = CacheDependencies()
        dependencies.declare("verb", keys: ["index", "index"])
        dependencies.declare("verb") { _ in .init(keys: ["index"]) }
        let one = fleet.node(1) { [dependencies] in $0.dependencies = dependencies }
        try await one.set("index", to: 1)
        try await fleet.expectExchanges(2) { try await one.recordChanged("verb", id: "1") }
    }

    @Test func aStepThatNeverSetOutTakesNoTrustAway() async throws {
        let one = fleet.node(1)
        try await one.set("k", to: 1, options: .tagged("x"))
        let mark = try #require(one.tags.present("x"))
        let witness = mark.witness
        #expect(witness != 0)
        remote.behave(Nodes.down)
        try await one.set("l", to: 1, options: .tagged("x", timeToLive: .seconds(1_000_000)))
        #expect(mark.witness == witness)
        remote.behave(.loseAnswer(RemoteTierError(.timedOut, "scripted to lose the answer")))
        time.advance(by: .seconds(3))
        try await one.set("l", to: 2, options: .tagged("x", timeToLive: .seconds(1_000_000)))
        #expect(mark.witness == 0)
    }

    @Test func whileRedisIsAwayTheBoundCountsFromTheLinesOfTagsToo() {
        let one = fleet.node(1) { $0.stalenessBoundWhenDetached = .seconds(10) }
        guard let lines = one.lines, let ofTag = lines.open(now: time.now()), let ofEntry = lines.open(now: time.now())
        else {
            Issue.record("there are no lines")
            return
        }
        let mark = TagMark(tag: "x", text: "x")
        mark.learn(expired: .zero, removed: .zero, witness: ofTag.number, since: mark.notices, one.clock)
        let now = time.now()
        var entry = MemoryMetadata(
            stamp: Stamp(microseconds: 5),
            createdAt: now,
            logicalExpiry: now.advanced(by: .seconds(1_000)),
            physicalExpiry: now.advanced(by: .seconds(1_000)),
            marks: TagSet([mark]),
            weight: 1,
            witness: ofEntry.number
        )
        lines.close(ofTag)
        time.advance(by: .seconds(9))
        lines.prove(ofEntry, at: time.now())
        #expect(one.mayServeDetached(entry, now: time.now()))
        time.advance(by: .seconds(2))
        #expect(!one.mayServeDetached(entry, now: time.now()))
        entry.marks = nil
        #expect(one.mayServeDetached(entry, now: time.now()))
    }
}
