import Recuerde
import RecuerdeTesting
import Testing

/// `docs/scenarios-cache.md`, the scenarios about several nodes and a remote tier that is away, from all or from one.
@Suite(.timeLimit(.minutes(1))) struct SeveralNodesOutageTests {
    private let fleet = Fleet()
    private var remote: ScriptedRemoteTier { fleet.remote }
    private var board: NoticeBoard { fleet.board }

    @Test func scenario58_aWriteThatFailsTellsNobody() async throws {
        let tier = board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        try await one.set("k", to: 1)
        #expect(try await two.get("k") == 1)
        tier.cutOff()
        let before = remote.counts.exchanges
        try await one.set("k", to: 2)
        #expect(try await one.get("k") == 2)
        #expect(try await two.get("k") == 1)
        #expect(remote.counts.exchanges == before && two.statistics().invalidations == 0)
        tier.cutOff(nil)
        fleet.time.advance(by: .seconds(3))
        try await fleet.settle(one)
        #expect(try await two.get("k") == 2)
        #expect(two.statistics().invalidations == 1)
    }

    /// A clear is noted before it is carried out, and what it is to take stands there meanwhile.
    @Test func whatAClearOfAnotherMakesVoidDoesNotBringBackWhatItHadReplaced() async throws {
        let tier = board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        await one.connect()
        try await two.set("k", to: "old")
        tier.cutOff()
        fleet.time.advance(by: .seconds(1))
        try await one.set("k", to: "new")
        fleet.time.advance(by: .seconds(1))
        let now = Stamp(microseconds: fleet.time.unixTime().microseconds)
        _ = try await remote.marks("{test:v2}:m", noting: now, timeout: .seconds(1))
        tier.cutOff(nil)
        fleet.time.advance(by: .seconds(3))
        try await fleet.settle(one)
        for node in [one, two] { #expect(try await node.get("k", as: String.self) == nil) }
    }

    /// Its clock was put back by as long as it was stopped, so that what it removed counted as older than what had stood there.
    @Test func aRemovalByANodeThatWasStoppedBeforeTheOutageIsNotForgotten() async throws {
        let tier = board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        await one.connect()
        let time = fleet.time
        tier.beforeNextAnswer { time.advance(by: .seconds(4)) }
        _ = await one.health()
        try await two.set("k", to: "old")
        tier.cutOff()
        time.advance(by: .seconds(1))
        _ = try await one.delete("k")
        tier.cutOff(nil)
        time.advance(by: .seconds(3))
        try await fleet.settle(one)
        for node in [one, two] { #expect(try await node.get("k", as: String.self) == nil) }
    }

    @Test func scenario59_aRemovalOfAnOutageIsToldToTheOthersOnceItIsCarriedOut() async throws {
        let tier = board.node(1)
        let (one, two, three) = (fleet.node(on: tier), fleet.node(2), fleet.node(3))
        try await one.set("k", to: 1)
        for node in [two, three] { #expect(try await node.get("k") == 1) }
        tier.cutOff()
        #expect(try await one.delete("k"))
        #expect(try await one.get("k", as: Int.self) == nil)
        tier.cutOff(nil)
        fleet.time.advance(by: .seconds(3))
        try await fleet.settle(one)
        let before = remote.counts.reads
        for node in [one, two, three] {
            #expect(node.statistics().cacheSize == 0)
            #expect(try await node.get("k", as: Int.self) == nil)
        }
        #expect(remote.counts.reads == before + 3)
    }

    @Test func scenario76_aClearOfAnOutageIsSeenByAllOnceItIsCarriedOut() async throws {
        let tier = board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        for number in 0..<5 { try await one.set(CacheKey("k\(number)"), to: number) }
        for number in 0..<5 { #expect(try await two.get(CacheKey("k\(number)")) == number) }
        tier.cutOff()
        _ = try await one.clear()
        fleet.time.advance(by: .milliseconds(1))
        try await two.set("later", to: 1)
        tier.cutOff(nil)
        fleet.time.advance(by: .seconds(3))
        try await fleet.settle(one)
        for node in [one, two, fleet.node(3)] {
            for number in 0..<5 { #expect(try await node.get(CacheKey("k\(number)"), as: Int.self) == nil) }
            // Written after the clear, on a node that knew nothing of it.
            #expect(try await node.get("later") == 1)
        }
    }

    /// Three nodes that each have written a value of their own while nothing reached the store.
    private func diverged(_ change: (inout CacheConfiguration) -> Void = { _ in }) async throws -> [Cache] {
        let nodes = (1...3).map { fleet.node($0, change) }
        for node in nodes { await node.connect() }
        try await nodes[0].set("k", to: 0)
        for node in nodes { #expect(try await node.get("k") == 0) }
        remote.behave(Nodes.down)
        for number in 1...3 { board.cut(number) }
        for (index, node) in nodes.enumerated() {
            fleet.time.advance(by: .milliseconds(10))
            try await node.set("k", to: index + 1)
        }
        for (index, node) in nodes.enumerated() { #expect(try await node.get("k") == index + 1) }
        return nodes
    }

    @Test func scenario80_linesThatAreBackBeforeTheStoreTellNothingYet() async throws {
        let nodes = try await diverged()
        for number in 1...3 { board.join(number) }
        for _ in 0..<3 {
            fleet.time.advance(by: .seconds(3))
            for number in 1...3 { board.prove(number) }
            for (index, node) in nodes.enumerated() { #expect(try await node.get("k") == index + 1) }
        }
        fleet.comeBack()
        try await fleet.settle(nodes[0], nodes[1], nodes[2])
        for node in nodes { #expect(try await node.get("k") == 3) }
    }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
    func scenario79_theOrderInWhichNodesComeBackDoesNotMatter(order: [Int]) async throws {
        let nodes = try await diverged()
        fleet.comeBack()
        for number in 1...3 { board.join(number) }
        for index in order { try await fleet.settle(nodes[index]) }
        for node in nodes { #expect(try await node.get("k") == 3) }
    }

    @Test func scenario81_aJournalWithoutRoomClearsInsteadOfLeavingNodesApart() async throws {
        // Recovery cannot be switched off, since convergence is promised. Without room it loses values and never the meaning.
        let nodes = try await diverged { $0.journalMaximumIntents = 0 }
        fleet.comeBack()
        for number in 1...3 { board.join(number) }
        try await fleet.settle(nodes[0], nodes[1], nodes[2])
        for node in nodes { #expect(try await node.get("k", as: Int.self) == nil) }
        #expect(remote.names == [])
    }

    @Test func scenario82_oneKeyIsOneIntentHoweverOftenItIsWritten() async throws {
        let one = fleet.node(1) { $0.journalMaximumIntents = 20 }
        await one.connect()
        remote.behave(Nodes.down)
        for number in 0..<30 { try await one.set("k", to: number) }
        #expect(one.statistics().journalDepth == 1 && one.statistics().journalOverflows == 0)
        fleet.comeBack()
        try await fleet.settle(one)
        #expect(try await fleet.node(2).get("k") == 29)
    }

    @Test func scenario82_tooManyKeysBecomeOneClearAndWhatCameAfterIt() async throws {
        let (one, two) = (fleet.node(1) { $0.journalMaximumIntents = 20 }, fleet.node(2))
        try await two.set("old", to: 1)
        for number in 0..<30 { try await two.set(CacheKey("k\(number)"), to: -1) }
        await one.connect()
        remote.behave(Nodes.down)
        for number in 0..<30 { try await one.set(CacheKey("k\(number)"), to: number) }
        // The twenty-first made a clear of them all, and nine came after it.
        let statistics = one.statistics()
        #expect(statistics.journalDepth == 10 && statistics.journalOverflows == 1)
        #expect(statistics.journalReasons[.overflow] == 1 && statistics.journalReasons[.unavailable] == 9)
        fleet.comeBack()
        try await fleet.settle(one)
        #expect(try await two.get("old", as: Int.self) == nil)
        for number in 0..<21 { #expect(try await two.get(CacheKey("k\(number)"), as: Int.self) == nil) }
        for number in 21..<30 { #expect(try await two.get(CacheKey("k\(number)")) == number) }
    }

    @Test func scenario86_withoutAStoreAtTheStartMemoryAnswersAlone() async throws {
        remote.behave(Nodes.down)
        let (one, two) = (fleet.node(1), fleet.node(2))
        for number in 1...2 { board.cut(number) }
        await one.connect()
        try await one.set("k", to: 1)
        #expect(try await one.get("k") == 1)
        #expect(try await one.value(for: "l") { 2 } == 2)
        #expect(one.statistics().backend == "memory")
        remote.behave(.normal)
        for number in 1...2 { board.join(number) }
        fleet.time.advance(by: .seconds(3))
        try await fleet.settle(one)
        // From then on as if it had been there from the beginning.
        #expect(try await two.get("k") == 1)
        #expect(try await one.get("k") == 1)
        let before = remote.counts.reads
        for node in [one, two] { #expect(try await node.get("k") == 1) }
        #expect(remote.counts.reads == before)
        try await two.set("k", to: 3)
        #expect(try await one.get("k") == 3)
    }
}
