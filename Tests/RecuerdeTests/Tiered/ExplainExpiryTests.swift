import Recuerde
import RecuerdeTesting
import Testing

/// What `explain` says of entries that somebody has expired: that this is the rule, and whether Redis knows of it.
@Suite(.timeLimit(.minutes(1))) struct ExplainExpiryTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }

    private func node(holding value: Int? = 1) async throws -> Cache {
        let cache = nodes.node()
        await cache.connect()
        if let value { try await cache.set("k", to: value, options: .standingIn) }
        nodes.time.advance(by: .seconds(1))
        return cache
    }

    @Test func anEntryThatRedisHoldsExpired() async throws {
        let cache = try await node()
        try await cache.expire("k")
        for node in [cache, nodes.node()] {
            let explanation = try await node.explain("k")
            #expect(explanation.redis?.state == "stale" && !explanation.hasPendingWrite)
            #expect(explanation.verdict == "miss: it was expired; what Redis holds stands in if the load fails")
        }
    }

    @Test(arguments: [false, true]) func oneWhoseExpiryWaits(isClear: Bool) async throws {
        let cache = try await node()
        remote.behave(Nodes.down)
        if isClear { _ = try await cache.clear(keepingStale: true) } else { try await cache.expire("k") }
        for isBack in [false, true] {
            if isBack { remote.behave(.normal) }
            let explanation = try await cache.explain("k")
            #expect(explanation.hasPendingWrite && explanation.memory?.state == "stale")
            #expect(
                explanation.verdict
                    == "miss: it was expired, and that waits for Redis; what memory holds stands in if the load fails"
            )
        }
    }

    @Test(arguments: [false, true]) func oneThatMemoryDoesNotHold(isClear: Bool) async throws {
        let other = try await node()
        let cache = try await node(holding: nil)
        remote.behave(Nodes.down)
        if isClear { _ = try await cache.clear(keepingStale: true) } else { try await cache.expire("k") }
        // So that Redis is asked, which still holds it fresh.
        remote.behave(.normal)
        nodes.time.advance(by: .milliseconds(1))
        let explanation = try await cache.explain("k")
        #expect(explanation.memory == nil)
        #expect(explanation.verdict == "miss: it was expired, and that waits for Redis")
        withExtendedLifetime(other) {}
    }

    @Test func whatAnExpiryHasNotReachedInMemory() async throws {
        let tier = InterposedTier(remote)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let cache = Cache(configuration: configuration, remote: tier, timeSource: nodes.time)
        await cache.connect()
        // A replay has just come to its end, so that the next one is a while away.
        remote.behave(Nodes.down)
        _ = try await cache.delete("x")
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        try await cache.set("k", to: 1, options: .standingIn)
        nodes.time.advance(by: .milliseconds(1))
        // The set is carried out, and comes into memory beside the expiry that waits.
        tier.beforeWriting { [remote, nodes] in
            #expect((try? await cache.get("k")) == 1)
            remote.behave(.fail(RemoteTierError(.interrupted, "scripted")))
            _ = try? await cache.expire("k")
            remote.behave(.normal)
            nodes.time.advance(by: .microseconds(1))
        }
        try await cache.set("k", to: 2, options: .standingIn)
        let explanation = try await cache.explain("k")
        #expect(explanation.hasPendingWrite && explanation.memory?.state == "overruled")
        #expect(explanation.verdict == "miss: it was expired, and that waits for Redis")
    }

    @Test(arguments: [false, true]) func aRemovalIsStillOne(isClear: Bool) async throws {
        let cache = try await node()
        remote.behave(Nodes.down)
        if isClear { _ = try await cache.clear() } else { _ = try await cache.delete("k") }
        #expect(try await cache.explain("k").verdict == "miss: it was removed, and the removal waits for Redis")
        // One that goes before an expiry too: nothing stands in.
        if !isClear { try await cache.expire("k") }
        #expect(try await cache.explain("k").verdict.hasPrefix("miss"))
    }
}
