import RecuerdeTesting
import Testing

@testable import Recuerde

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

    /// As of a server whose clock was minutes ahead, before another took its place. No invalidation would ever reach such an entry.
    @Test(arguments: [30, 120]) func anEntryThatIsStampedTooFarAheadIsNone(seconds: Int) async throws {
        let nodes = Nodes()
        let cache = nodes.node()
        try await cache.set("k", to: 1)
        let bytes = try #require(nodes.remote.record("test:v2:k")?.bytes)
        var envelope = try #require(Envelope(decoding: bytes[...]))
        envelope.metadata.stamp = Stamp(microseconds: envelope.metadata.stamp.microseconds + Int64(seconds) * 1_000_000)
        nodes.remote.plant("test:v2:k", bytes: try #require(envelope.encoded()))
        let other = nodes.node()
        let isThere = seconds < 60
        #expect(try await other.contains("k") == isThere)
        #expect(try await other.get("k") == (isThere ? 1 : nil))
        #expect(try await other.touch("k", timeToLive: .seconds(5)) == isThere)
        #expect(try await other.explain("k").redis?.state == (isThere ? "fresh" : "unreadable"))
    }
}
