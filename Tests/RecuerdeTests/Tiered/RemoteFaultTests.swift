import Logging
import Recuerde
import RecuerdeTesting
import Testing

/// `docs/scenarios-cache.md`, the scenarios about a remote tier that is slow, dies under way or holds odd things.
@Suite(.timeLimit(.minutes(1))) struct RemoteFaultTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private var time: ManualTimeSource { nodes.time }

    private static let stale = {
        var options = EntryOptions.timeToLive(.seconds(1))
        options.maximumStaleness = .seconds(60)
        return options
    }()

    @Test func scenario56_aSlowStoreCostsItsDeadlineAndAStaleCopyStandsIn() async throws {
        let cache = nodes.node {
            $0.remoteDeadline = .milliseconds(100)
            $0.breakerThreshold = 100
        }
        try await cache.set("k", to: 1, options: Self.stale)
        time.advance(by: .seconds(2))
        remote.behave(.hang)
        let before = remote.counts.exchanges
        let call = Task { try await cache.result(for: "k") { _ -> Loaded<Int> in throw LoadFailure() } }
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .milliseconds(100))
        let result = try await call.value
        #expect(result.value == 1 && result.provenance.source == .stale)
        #expect(remote.counts.exchanges == before + 1)
    }

    @Test func scenario56_aLoadWaitsForASlowStoreOnceAndForItsOwnEnd() async throws {
        let cache = nodes.node {
            $0.remoteDeadline = .milliseconds(100)
            $0.breakerThreshold = 100
        }
        try await cache.set("k", to: 1, options: Self.stale)
        time.advance(by: .seconds(2))
        remote.behave(.hang)
        let before = remote.counts.exchanges
        let call = Task { try await cache.value(for: "k") { 2 } }
        await time.waitForSleepers(atLeast: 1)
        time.advance(by: .milliseconds(100))
        #expect(try await call.value == 2)
        // Nothing was left for writing it: it waits, and the reason is told.
        #expect(remote.counts.exchanges == before + 1)
        #expect(cache.statistics().journalReasons[.timedOut] == 1)
    }

    @Test func scenario65_anEntryThatIsTakenByHandUnderWayCostsNobodyTheValue() async throws {
        let fleet = Fleet()
        let tier = fleet.board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        let name = "test:v2:k"
        @Sendable func take() {
            fleet.remote.evict(name)
            fleet.remote.evictCompanion(name)
            fleet.board.change([name])
        }
        try await two.set("k", to: 1)
        tier.beforeNextAnswer { take() }
        #expect(try await one.get("k") == 1)
        #expect(try await one.get("k", as: Int.self) == nil)
        // While it is loaded, and while it is written.
        #expect(
            try await one.value(for: "k") {
                take(); return 2
            } == 2
        )
        tier.beforeNextAnswer { take() }
        try await one.set("k", to: 3)
        #expect(try await one.get("k", as: Int.self) == nil)
        #expect(try await two.value(for: "k") { 4 } == 4)
        #expect(try await one.get("k") == 4)
    }

    @Test(arguments: [ReadingOrder.memoryFirst, .remoteFirst])
    func scenario68_aValueOverTheLimitIsHandedOutAndNeitherKeptNorAnError(order: ReadingOrder) async throws {
        let record = LogRecord()
        var configuration = CacheConfiguration()
        configuration.maximumEntryBytes = 100
        configuration.readingOrder = order
        let cache = Cache(
            configuration: configuration,
            remote: remote,
            timeSource: time,
            logger: record.logger(level: .warning)
        )
        let large = String(repeating: "x", count: 101)
        #expect(try await cache.value(for: "k") { large } == large)
        #expect(try await cache.get("k", as: String.self) == nil)
        // What it takes the place of is outdated, in both tiers.
        try await cache.set("k", to: "small")
        try await cache.set("k", to: large)
        #expect(try await cache.get("k", as: String.self) == nil)
        #expect(remote.names == [])
        let statistics = cache.statistics()
        #expect(statistics.cacheSize == 0 && statistics.total.errors == 0 && statistics.journalDepth == 0)
        // One line in a while, with the sizes and without the text of the key.
        #expect(record.messages(atLeast: .warning) == ["cache_value_too_large"])
        #expect(record.lines.first?.metadata["bytes"] == "103" && record.lines.first?.metadata["limit"] == "100")
        time.advance(by: .seconds(10))
        _ = try await cache.value(for: "k") { large }
        #expect(record.lines.map { $0.metadata["suppressed"] } == ["0", "1"])
    }

    @Test(arguments: [RemoteTierError.Code.absent, .timedOut, .interrupted, .refused])
    func scenario85_aStoreThatGoesWhileALoadIsUnderWayCostsNobodyTheValue(code: RemoteTierError.Code) async throws {
        let (one, two) = (nodes.node(), nodes.node())
        await one.connect()
        let remote = remote
        let value = try await one.value(for: "k") {
            // It had planted its token, which is all that a load holds there.
            #expect(remote.hasToken("test:v2:k"))
            remote.behave(.fail(RemoteTierError(code, "scripted")))
            return 1
        }
        #expect(value == 1)
        remote.behave(Nodes.down)
        #expect(try await one.get("k") == 1)
        #expect(one.statistics().journalDepth == 1)
        nodes.comeBack()
        _ = try await one.get("x", as: Int.self)
        await nodes.settle(one)
        #expect(try await two.get("k") == 1)
    }
}
