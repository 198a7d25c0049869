import Recuerde
import RecuerdeTesting
import Testing

/// Clears, and entries whose stamps do not lie where the store's clock is. Each was found by the model checker.
@Suite struct ClearStampTests {
    /// The store's clock is behind this machine's, as long as they have not been compared.
    private let skewed = Nodes(clockOffset: .seconds(-40))

    private func comeBack(_ nodes: Nodes, _ cache: Cache) async throws {
        nodes.comeBack()
        _ = try await cache.get("x", as: String.self)
        await nodes.settle(cache)
    }

    @Test(arguments: [true, false])
    func aClearVoidsASetThatIsStampedAheadOfTheClock(connects: Bool) async throws {
        let nodes = Nodes()
        let cache = nodes.node { $0.breakerThreshold = 1 }
        if connects { await cache.connect() }
        nodes.remote.behave(Nodes.down)
        // The first may still be carried out until its deadline, so the second is stamped after that.
        try await cache.set("k", to: "first")
        try await cache.set("k", to: "second")
        _ = try await cache.clear()
        try await comeBack(nodes, cache)
        #expect(try await cache.get("k", as: String.self) == nil)
        #expect(nodes.remote.names == [])
    }

    @Test func theFirstClearOfANodeWhoseClockRunsAheadVoidsNothingLater() async throws {
        let cache = skewed.node()
        _ = try await cache.clear()
        skewed.time.advance(by: .seconds(1))
        skewed.remote.behave(Nodes.down)
        try await cache.set("k", to: "kept")
        try await comeBack(skewed, cache)
        #expect(try await skewed.node().get("k") == "kept")
    }

    @Test func aClearOfAnOutageVoidsNothingLater() async throws {
        let cache = skewed.node()
        skewed.remote.behave(Nodes.down)
        _ = try await cache.clear()
        try await comeBack(skewed, cache)
        skewed.time.advance(by: .seconds(1))
        skewed.remote.behave(Nodes.down)
        try await cache.set("k", to: "kept")
        try await comeBack(skewed, cache)
        #expect(try await skewed.node().get("k") == "kept")
    }

    @Test func aClearTakesWhatAClockThatRanAheadHadStamped() async throws {
        let cache = skewed.node()
        skewed.remote.behave(Nodes.down)
        try await cache.set("k", to: "old")
        try await comeBack(skewed, cache)
        #expect(skewed.remote.names == ["test:v2:k"])
        skewed.time.advance(by: .seconds(1))
        _ = try await cache.clear()
        #expect(skewed.remote.names == [])
        #expect(try await cache.get("k", as: String.self) == nil)
    }
}
