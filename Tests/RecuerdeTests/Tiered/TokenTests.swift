import Recuerde
import RecuerdeTesting
import Testing

/// Values that come too late, on nodes that know nothing of each other but by the remote tier.
@Suite struct TokenTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private var time: ManualTimeSource { nodes.time }

    /// What happens elsewhere while a load is under way.
    enum Event: CaseIterable, Sendable {
        case clear, removal, removalWithoutItsTombstone, lossOfData, set
    }

    @Test(arguments: Event.allCases)
    func aLoadIsNotStoredAfterWhatCameMeanwhile(event: Event) async throws {
        let loading = nodes.node()
        let other = nodes.node()
        if event == .removal { try await other.set("k", to: "present", options: .timeToLive(.milliseconds(1))) }
        time.advance(by: .seconds(1))
        let door = Door()
        async let loaded = loading.value(for: "k") {
            await door.pass()
            return "old"
        }
        await door.someoneWaits()
        #expect(remote.hasToken("test:v2:k"))
        time.advance(by: .seconds(1))
        switch event {
        case .clear: _ = try await other.clear()
        case .removal: _ = try await other.delete("k")
        case .removalWithoutItsTombstone:
            _ = try await other.delete("k")
            remote.evictCompanion("test:v2:k")
        case .lossOfData: remote.loseData()
        case .set: try await other.set("k", to: "new")
        }
        #expect(!remote.hasToken("test:v2:k"))
        door.open()
        // Who waits gets it all the same.
        #expect(try await loaded == "old")
        let expected: String? = event == .set ? "new" : nil
        #expect(try await other.get("k", as: String.self) == expected)
        #expect(try await loading.get("k", as: String.self) == expected)
        remote.behave(Nodes.down)
        #expect(try await loading.get("k", as: String.self) == expected)
    }

    @Test func aLoadThatBeganAfterAClearIsStored() async throws {
        let one = nodes.node()
        let two = nodes.node()
        try await one.set("k", to: "old")
        time.advance(by: .seconds(1))
        _ = try await one.clear()
        #expect(try await two.value(for: "k") { "new" } == "new")
        #expect(try await one.get("k") == "new")
    }

    @Test func nodesThatLoadAtTheSameTimeShareTheToken() async throws {
        let one = nodes.node()
        let two = nodes.node()
        let door = Door()
        async let first = one.value(for: "k") {
            await door.pass()
            return "first"
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        #expect(try await two.value(for: "k") { "second" } == "second")
        door.open()
        #expect(try await first == "first")
        // It had begun earlier.
        #expect(try await one.get("k") == "second")
        #expect(remote.hasToken("test:v2:k"))
        var refresh = EntryOptions()
        refresh.readPolicy = .refresh
        #expect(try await one.value(for: "k", options: refresh) { "third" } == "third")
        #expect(try await two.get("k") == "third")
    }

    @Test func aTokenOutlivesItsLoadAndNoMore() async throws {
        let cache = nodes.node()
        var options = EntryOptions()
        options.loadTimeout = .seconds(300)
        #expect(try await cache.value(for: "k", options: options) { 1 } == 1)
        time.advance(by: .seconds(301))
        #expect(remote.hasToken("test:v2:k"))
        time.advance(by: .seconds(60))
        #expect(!remote.hasToken("test:v2:k"))
    }

    @Test func withoutATokenALoadGoesByTheJournal() async throws {
        let cache = nodes.node { $0.breakerThreshold = 100 }
        remote.behave(.fail(RemoteTierError(.refused, "scripted")))
        #expect(try await cache.value(for: "k") { 1 } == 1)
        #expect(cache.statistics().journalDepth == 1)
        nodes.comeBack()
        #expect(try await cache.get("k") == 1)
        await nodes.settle(cache)
        #expect(try await nodes.node().get("k") == 1)
    }

    @Test func underPlainNothingIsPlanted() async throws {
        let cache = nodes.node { $0.format = .plain }
        await cache.connect()
        let before = remote.counts.exchanges
        #expect(try await cache.value(for: "k") { 1 } == 1)
        // The read and the write.
        #expect(remote.counts.exchanges == before + 2)
        #expect(!remote.hasToken("test:k"))
    }

    // MARK: What waits in the journal

    @Test func aSetOfAnOutageDoesNotComeAfterAClear() async throws {
        let cutOff = nodes.node()
        let connected = nodes.node()
        await cutOff.connect()
        await connected.connect()
        remote.behave(Nodes.down)
        try await cutOff.set("k", to: "during")
        #expect(try await cutOff.value(for: "l") { "loaded during" } == "loaded during")
        remote.behave(.normal)
        time.advance(by: .seconds(1))
        try await connected.set("m", to: "connected")
        _ = try await connected.clear()
        nodes.comeBack()
        _ = try await cutOff.get("x", as: String.self)
        await nodes.settle(cutOff)
        #expect(remote.names == [])
        remote.behave(Nodes.down)
        #expect(try await cutOff.get("k", as: String.self) == nil)
        #expect(try await cutOff.get("l", as: String.self) == nil)
    }

    @Test func aClearBetweenTheReadingOfTheMarksAndTheWriteIsHeeded() async throws {
        let remote = InterposedTier(nodes.remote)
        let cutOff = Cache(configuration: Self.configuration, remote: remote, timeSource: time)
        let connected = nodes.node()
        await cutOff.connect()
        nodes.remote.behave(Nodes.down)
        try await cutOff.set("k", to: "during")
        nodes.comeBack()
        remote.beforeWriting { [time] in
            time.advance(by: .seconds(1))
            _ = try? await connected.clear()
        }
        for _ in 0..<3 {
            _ = try await cutOff.get("x", as: String.self)
            for _ in 0..<200 { await Task.yield() }
            #expect(try await connected.get("k", as: String.self) == nil)
            time.advance(by: .seconds(5))
        }
        // What is refused is tried again later and later.
        for _ in 0..<1_000 where cutOff.statistics().journalDepth > 0 {
            time.advance(by: .seconds(60))
            _ = try await cutOff.get("x", as: String.self)
            for _ in 0..<200 { await Task.yield() }
        }
        await nodes.settle(cutOff)
        #expect(nodes.remote.names == [])
        #expect(try await cutOff.get("k", as: String.self) == nil)
    }

    @Test func aTokenThatIsLostBetweenPlantingAndWritingCostsNoValue() async throws {
        let remote = InterposedTier(nodes.remote)
        let cache = Cache(configuration: Self.configuration, remote: remote, timeSource: time)
        await cache.connect()
        nodes.remote.behave(Nodes.down)
        try await cache.set("k", to: "during")
        nodes.comeBack()
        remote.beforeWriting { [nodes] in nodes.remote.evictCompanion("test:v2:k") }
        _ = try await cache.get("x", as: String.self)
        for _ in 0..<200 { await Task.yield() }
        #expect(cache.statistics().journalDepth == 1)
        time.advance(by: .seconds(5))
        _ = try await cache.get("x", as: String.self)
        await nodes.settle(cache)
        #expect(try await nodes.node().get("k") == "during")
    }

    @Test(arguments: [RemoteTierError.Code.timedOut, .unavailable])
    func whatAStoreMayHaveForgottenIsNotBroughtBack(code: RemoteTierError.Code) async throws {
        let cutOff = nodes.node { $0.breakerThreshold = 1 }
        let connected = nodes.node()
        await cutOff.connect()
        await connected.connect()
        time.advance(by: .seconds(1))
        // A partition: others reach the store all the while.
        remote.behave(.fail(RemoteTierError(code, "scripted")))
        try await cutOff.set("k", to: "during")
        remote.behave(.normal)
        time.advance(by: .milliseconds(100))
        _ = try await connected.delete("k")
        time.advance(by: .milliseconds(100))
        remote.loseData()
        nodes.comeBack()
        _ = try await cutOff.get("x", as: String.self)
        await nodes.settle(cutOff)
        #expect(remote.names == [])
        remote.behave(Nodes.down)
        #expect(try await cutOff.get("k", as: String.self) == nil)
    }

    @Test func whatWasSetWhileNobodyWasThereOutlivesARestartWithoutData() async throws {
        let one = nodes.node()
        let two = nodes.node()
        await one.connect()
        await two.connect()
        time.advance(by: .seconds(1))
        remote.behave(.fail(RemoteTierError(.absent, "scripted")))
        try await one.set("k", to: "one")
        #expect(try await one.value(for: "l") { "paid for" } == "paid for")
        time.advance(by: .seconds(1))
        try await two.set("k", to: "two")
        remote.loseData()
        nodes.comeBack()
        for node in [one, two] {
            _ = try await node.get("x", as: String.self)
            await nodes.settle(node)
        }
        for node in [one, two] {
            #expect(try await node.get("k") == "two")
            #expect(try await node.get("l") == "paid for")
        }
    }

    @Test(arguments: [Event.clear, .removalWithoutItsTombstone, .lossOfData])
    func aTouchBringsNothingBackThatWentMeanwhile(event: Event) async throws {
        let remote = InterposedTier(nodes.remote)
        let cache = Cache(configuration: Self.configuration, remote: remote, timeSource: time)
        let other = nodes.node()
        try await cache.set("k", to: "old")
        time.advance(by: .seconds(1))
        remote.beforeWriting { [time, nodes] in
            time.advance(by: .milliseconds(1))
            switch event {
            case .clear: _ = try? await other.clear()
            case .removalWithoutItsTombstone:
                _ = try? await other.delete("k")
                nodes.remote.evictCompanion("test:v2:k")
            default: nodes.remote.loseData()
            }
        }
        #expect(try await !cache.touch("k", timeToLive: .seconds(9)))
        #expect(nodes.remote.names.filter { $0.hasPrefix("test:v2:") } == [])
        #expect(try await other.get("k", as: String.self) == nil)
        #expect(try await cache.get("k", as: String.self) == nil)
    }

    @Test func everyLoadSetsTheClockByTheStore() async throws {
        let nodes = Nodes(clockOffset: .seconds(40))
        let cache = nodes.node()
        await cache.connect()
        // The store's clock and the machine's are set anew, hours after the clocks were compared.
        nodes.time.advance(by: .seconds(7_200))
        nodes.time.setUnixTime(nodes.time.unixTime().advanced(by: .seconds(-20)))
        #expect(try await cache.value(for: "k") { 1 } == 1)
        let record = try #require(nodes.remote.record("test:v2:k"))
        let envelope = try #require(Envelope(decoding: record.bytes[...]))
        let present = nodes.time.unixTime().advanced(by: .seconds(40))
        #expect(envelope.metadata.createdAt == present)
    }

    @Test func marksAreMadeAgainAfterAnOutageAndNotByEveryRound() async throws {
        let cache = nodes.node()
        await cache.connect()
        let name = "{test:v2}:m"
        let first = try #require(remote.marks[name]).epoch
        remote.behave(Nodes.down)
        _ = try await cache.get("k", as: Int.self)
        remote.loseData()
        nodes.comeBack()
        let running = Task { try await cache.run() }
        for _ in 0..<3 {
            await time.waitForSleepers(atLeast: 1)
            time.advance(by: .milliseconds(500))
        }
        await time.waitForSleepers(atLeast: 1)
        let second = try #require(remote.marks[name]).epoch
        #expect(second > first)
        remote.loseData()
        for _ in 0..<3 {
            time.advance(by: .milliseconds(500))
            await time.waitForSleepers(atLeast: 1)
        }
        #expect(remote.marks[name] == nil)
        running.cancel()
        _ = await running.result
    }

    private static var configuration: CacheConfiguration {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        return configuration
    }
}
