import Recuerde
import RecuerdeTesting
import Testing

/// `docs/scenarios-cache.md`, the scenarios about several nodes while the remote tier is there.
@Suite(.timeLimit(.minutes(1))) struct SeveralNodesTests {
    private let fleet = Fleet()
    private var remote: ScriptedRemoteTier { fleet.remote }
    private var board: NoticeBoard { fleet.board }

    @Test func scenario69_whoHearsNothingKeepsTheOldUntilItExpires() async throws {
        let one = fleet.node(1)
        let others = [2, 3].map { fleet.node($0) { $0.readingOrder = .memoryUnchecked } }
        try await one.set("k", to: 1, options: .timeToLive(.seconds(10)))
        for node in others { #expect(try await node.get("k") == 1) }
        fleet.time.advance(by: .seconds(5))
        try await one.set("k", to: 2, options: .timeToLive(.seconds(10)))
        for node in others { #expect(try await node.get("k") == 1) }
        fleet.time.advance(by: .seconds(5))
        for node in others { #expect(try await node.get("k") == 2) }
        _ = try await one.delete("k")
        for node in others { #expect(try await node.get("k") == 2) }
        fleet.time.advance(by: .seconds(5))
        for node in others { #expect(try await node.get("k", as: Int.self) == nil) }
    }

    @Test func scenario70_aReceiverAnswersANoticeWithNothing() async throws {
        let nodes = (1...3).map { fleet.node($0) }
        try await nodes[0].set("k", to: 1)
        for node in nodes { #expect(try await node.get("k") == 1) }
        let before = remote.counts.exchanges
        for value in 2..<10 { try await nodes[0].set("k", to: value) }
        // As many exchanges as writes, and each of the others has been told once, since it has not read again.
        #expect(remote.counts.exchanges == before + 8)
        #expect(nodes.map { $0.statistics().invalidations } == [0, 1, 1])
        #expect(try await nodes[0].get("k") == 9)
        #expect(remote.counts.exchanges == before + 8)
    }

    @Test func scenario72_whatALoadMakesAfterItsCallerHasGoneIsSeenByOthers() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 40, options: .timeToLive(.seconds(1)))
        #expect(try await two.get("k") == 40)
        fleet.time.advance(by: .seconds(1))
        let door = Door()
        let caller = Task {
            try await one.value(for: "k") {
                await door.pass()
                return 30
            }
        }
        await door.someoneWaits()
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(try await two.get("k", as: Int.self) == nil)
        door.open()
        await eventually { (try? await two.get("k")) == 30 }
    }

    @Test func scenario72_whatALoadMakesBehindASoftLimitIsSeenByOthers() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        var options = EntryOptions.standingIn.living(.seconds(1))
        try await one.set("k", to: 40, options: options)
        #expect(try await two.get("k") == 40)
        fleet.time.advance(by: .seconds(1))
        options.softTimeout = .zero
        let door = Door()
        let stale = try await one.result(for: "k", options: options) { _ in
            await door.pass()
            return Loaded(30)
        }
        #expect(stale.value == 40 && stale.provenance.staleReason == .loadSlow)
        await door.someoneWaits()
        #expect(try await two.get("k", as: Int.self) == nil)
        door.open()
        await eventually { (try? await two.get("k")) == 30 }
        #expect(try await one.get("k") == 30)
    }

    @Test func scenario73_aCopyThatAnotherOverwroteStandsInForNothing() async throws {
        let tier = board.node(2)
        let (one, two) = (fleet.node(1), fleet.node(on: tier))
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumStaleness = .seconds(3_600)
        try await one.set("k", to: 1, options: options)
        #expect(try await two.get("k") == 1)
        try await one.set("k", to: 2, options: options)
        // What is outdated is no fallback, fresh or stale: the set was acknowledged, and the notice has come.
        tier.cutOff()
        await #expect(throws: LoadFailure.self) { try await two.value(for: "k") { () -> Int in throw LoadFailure() } }
        #expect(try await two.get("k", as: Int.self) == nil)
        tier.cutOff(nil)
        fleet.time.advance(by: .seconds(20))
        board.prove(2)
        // The newest does stand in, once its time is over.
        let result = try await two.result(for: "k") { _ -> Loaded<Int> in throw LoadFailure() }
        #expect(result.value == 2 && result.provenance.source == .stale)
    }

    @Test func scenario74_whoReadsMemoryUncheckedHearsNothingAndIsHeardAllTheSame() async throws {
        let (one, deaf) = (fleet.node(1), fleet.node(2) { $0.readingOrder = .memoryUnchecked })
        try await one.set("k", to: 1)
        #expect(try await deaf.get("k") == 1)
        try await one.set("k", to: 2)
        #expect(try await deaf.get("k") == 1)
        #expect(deaf.statistics().invalidations == 0 && deaf.statistics().invalidationLines == 0)
        // It is the remote tier that tells, so no write can keep its silence.
        try await deaf.set("k", to: 3)
        #expect(try await one.get("k") == 3)
    }

    @Test func scenario75_aWriteWaitsForItsExchangeAndForNobodyWhoIsTold() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 1)
        #expect(try await two.get("k") == 1)
        board.setDelivery(.held, to: 2)
        let before = remote.counts.exchanges
        try await one.set("k", to: 2)
        #expect(remote.counts.exchanges == before + 1)
        #expect(try await two.get("k") == 1)
        board.deliver(to: 2)
        #expect(try await two.get("k") == 2)
    }

    @Test func scenario76_aClearIsSeenByAllAndByWhoeverStartsLater() async throws {
        let nodes = (1...3).map { fleet.node($0) }
        for number in 0..<10 { try await nodes[0].set(CacheKey("k\(number)"), to: number) }
        for node in nodes {
            for number in 0..<10 { #expect(try await node.get(CacheKey("k\(number)")) == number) }
        }
        #expect(try await nodes[0].clear() == 10)
        for node in nodes + [fleet.node(4)] {
            for number in 0..<10 { #expect(try await node.get(CacheKey("k\(number)"), as: Int.self) == nil) }
        }
        // What is written after it is valid, everywhere.
        try await nodes[1].set("k0", to: 100)
        for node in nodes + [fleet.node(5)] { #expect(try await node.get("k0") == 100) }
    }

    @Test(arguments: WireFormat.allCases)
    func scenario77_cachesOfDifferentPrefixesDoNotTouchEachOther(format: WireFormat) async throws {
        func node(_ number: Int, prefix: String) -> Cache {
            fleet.node(number) {
                $0.prefix = prefix
                $0.format = format
            }
        }
        let (one, two) = (node(1, prefix: "a"), node(2, prefix: "b"))
        for (cache, text) in [(one, "a"), (two, "b")] {
            for key in ["k", "l", "m"] as [CacheKey] { try await cache.set(key, to: text) }
            #expect(try await cache.get("k") == text)
        }
        let door = Door()
        async let slow = two.value(for: "slow") {
            await door.pass()
            return "b"
        }
        await door.someoneWaits()
        let before = remote.counts.reads
        try await one.set("k", to: "other")
        _ = try await one.delete("l")
        #expect(try await one.clear() == 2)
        // Not even a copy in memory went, and no token.
        #expect(try await two.get("k") == "b")
        #expect(remote.counts.reads == before && two.statistics().invalidations == 0)
        door.open()
        #expect(try await slow == "b")
        // Nor do the intents of an outage reach over.
        remote.behave(Nodes.down)
        _ = try await one.delete("k")
        _ = try await one.clear()
        fleet.comeBack()
        try await fleet.settle(one)
        for key in ["k", "l", "m", "slow"] as [CacheKey] { #expect(try await two.get(key) == "b") }
        #expect(remote.names.count == 4 && remote.names.allSatisfy { $0.hasPrefix("b:") })
    }

    @Test func scenario78_withoutARemoteTierNobodyIsTold() async throws {
        let nodes = Nodes()
        let (one, two) = (nodes.memoryOnly(), nodes.memoryOnly())
        try await one.set("k", to: 1)
        try await two.set("k", to: 2)
        _ = try await one.delete("k")
        _ = try await one.clear()
        #expect(try await two.get("k") == 2)
        #expect(two.statistics().invalidationLines == 0)
    }
}
