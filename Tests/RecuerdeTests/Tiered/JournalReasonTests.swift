import Recuerde
import RecuerdeTesting
import Testing

/// Why what waits for the remote tier does so, as statistics and health tell it.
@Suite(.timeLimit(.minutes(1))) struct JournalReasonTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }

    /// The reasons that are not at zero.
    private func reasons(_ cache: Cache) -> [JournalReason: Int] {
        let statistics = cache.statistics()
        #expect(statistics.journalReasons.values.reduce(0, +) == statistics.journalDepth)
        #expect(statistics.journalReasons.count == JournalReason.allCases.count)
        return statistics.journalReasons.filter { $0.value > 0 }
    }

    @Test(
        arguments: [
            (RemoteTierError.Code.unavailable, JournalReason.unavailable), (.absent, .unavailable),
            (.timedOut, .timedOut),
            (.refused, .refused), (.overloaded, .overloaded), (.interrupted, .interrupted),
            (.authenticationFailed, .authenticationFailed),
        ] as [(RemoteTierError.Code, JournalReason)]
    )
    func everyFailureIsAReason(code: RemoteTierError.Code, reason: JournalReason) async throws {
        let cache = nodes.node()
        #expect(reasons(cache).isEmpty)
        await cache.connect()
        remote.behave(.fail(RemoteTierError(code, "scripted")))
        try await cache.set("set", to: 1)
        _ = try await cache.delete("deleted")
        #expect(try await cache.value(for: "loaded") { 1 } == 1)
        #expect(reasons(cache) == [reason: 3])
        // What has been made of intents is a clear, which waits for the same.
        _ = try await cache.clear()
        #expect(reasons(cache) == [reason: 1])
        #expect(await cache.health().statistics.journalReasons[reason] == 1)
        nodes.comeBack()
        nodes.time.advance(by: .seconds(70))
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(reasons(cache).isEmpty)
    }

    @Test func whatIsNotEvenTriedWaitsForTheReasonOfTheOutage() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.behave(.fail(RemoteTierError(.authenticationFailed, "scripted")))
        for number in 0..<5 { try await cache.set(CacheKey("k\(number)"), to: number) }
        #expect(remote.counts.exchanges < 5)
        #expect(reasons(cache) == [.authenticationFailed: 5])
    }

    @Test func aReplayThatComesToNothingTellsItsOwnReason() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.behave(Nodes.down)
        for number in 0..<3 { try await cache.set(CacheKey("k\(number)"), to: number) }
        #expect(reasons(cache) == [.unavailable: 3])
        // It is back, and full.
        remote.behave(.fail(RemoteTierError(.refused, "OOM")))
        nodes.time.advance(by: .seconds(3))
        _ = try await cache.get("x", as: Int.self)
        for _ in 0..<1_000 where reasons(cache) != [.refused: 3] { await Task.yield() }
        #expect(reasons(cache) == [.refused: 3])
    }

    @Test func aLostTokenAndARefusalOfOneKeyAreToldApart() async throws {
        let tier = InterposedTier(remote)
        let cache = Cache(configuration: Self.configuration, remote: tier, timeSource: nodes.time)
        await cache.connect()
        remote.behave(Nodes.down)
        for key in ["token", "poison", "good"] as [CacheKey] { try await cache.set(key, to: 1) }
        nodes.comeBack()
        tier.refuse(["test:v2:poison"])
        tier.beforeWriting { [remote] in remote.evictCompanion("test:v2:token") }
        _ = try await cache.get("x", as: Int.self)
        for _ in 0..<1_000 where cache.statistics().journalDepth != 2 { await Task.yield() }
        #expect(reasons(cache) == [.tokenLost: 1, .refused: 1])
        tier.refuse([])
        nodes.time.advance(by: .seconds(5))
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(try await nodes.node().get(["token", "poison", "good"], as: Int.self).count == 3)
    }

    @Test func aClearThatIsBeingCarriedOutIsUnderWay() async throws {
        let cache = nodes.node()
        await cache.connect()
        remote.hold()
        let clear = Task { try await cache.clear() }
        await eventually { remote.waiting >= 1 }
        #expect(reasons(cache) == [.underWay: 1])
        remote.release()
        _ = try await clear.value
        #expect(reasons(cache).isEmpty)
    }

    @Test func reasonsAreWordsFitForALabel() {
        let words = JournalReason.allCases.map(\.description)
        #expect(Set(words).count == words.count)
        #expect(words.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" } })
    }

    private static var configuration: CacheConfiguration {
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        return configuration
    }
}
