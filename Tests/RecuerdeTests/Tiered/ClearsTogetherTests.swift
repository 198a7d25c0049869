import Recuerde
import RecuerdeTesting
import Testing

/// A clear that keeps stale values and one that keeps nothing, at the same time: nothing stands in after both.
@Suite(.timeLimit(.minutes(1))) struct ClearsTogetherTests {
    private let nodes = Nodes()

    private func node() async -> (InterposedTier, Cache) {
        let tier = InterposedTier(nodes.remote)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let cache = Cache(configuration: configuration, remote: tier, timeSource: nodes.time)
        await cache.connect()
        return (tier, cache)
    }

    /// How the clear ends that comes in between.
    enum Inner: CaseIterable, Sendable {
        case done, failed
    }

    @Test(arguments: InterposedTier.Stage.allCases, [false, true])
    func nothingStandsInAfterBoth(stage: InterposedTier.Stage, isSoftFirst: Bool) async throws {
        for isSameNode in [false, true] {
            for inner in Inner.allCases {
                let (tier, one) = await node()
                let two = isSameNode ? one : await node().1
                try await one.set(["k": 1, "l": 2], options: .standingIn)
                for node in [one, two] { #expect(try await node.get("k") == 1) }
                nodes.time.advance(by: .seconds(1))
                tier.before(stage) { [nodes] in
                    if inner == .failed { nodes.remote.behave(.fail(RemoteTierError(.interrupted, "scripted"))) }
                    _ = try? await two.clear(keepingStale: !isSoftFirst)
                    nodes.remote.behave(.normal)
                    nodes.time.advance(by: .microseconds(1))
                }
                _ = try await one.clear(keepingStale: isSoftFirst)
                if inner == .failed {
                    nodes.comeBack()
                    _ = try await two.get("x", as: Int.self)
                    await nodes.settle(two)
                }
                for node in [one, two, nodes.node()] {
                    #expect(try await node.get("k", as: Int.self) == nil)
                    #expect(try await node.failing("k") == nil)
                }
                #expect(nodes.remote.names == [])
                // Nor from memory, if that is of the node which keeps nothing; nobody tells the other of what is done elsewhere.
                nodes.remote.behave(Nodes.down)
                #expect(try await (isSoftFirst ? two : one).failing("l") == nil)
                nodes.comeBack()
                for node in [one, two] { _ = try await node.get("x", as: Int.self) }
            }
        }
    }

    @Test(arguments: [false, true]) func norInMemoryAlone(isSoftFirst: Bool) async throws {
        let cache = nodes.memoryOnly()
        try await cache.set("k", to: 1, options: .standingIn)
        async let one = cache.clear(keepingStale: isSoftFirst)
        async let two = cache.clear(keepingStale: !isSoftFirst)
        _ = try await (one, two)
        #expect(try await cache.failing("k") == nil)
    }

    /// Made within the deadline of a write that was given up, both are stamped ahead of the clock.
    @Test(arguments: [false, true]) func norOfTwoInTheSameMoment(isSoftFirst: Bool) async throws {
        let (_, cache) = await node()
        try await cache.set("k", to: 1, options: .standingIn)
        nodes.time.advance(by: .seconds(1))
        nodes.remote.behave(.fail(RemoteTierError(.interrupted, "scripted")))
        for value in 2...4 { try await cache.set("k", to: value, options: .standingIn) }
        for keepsStale in [isSoftFirst, !isSoftFirst] { _ = try await cache.clear(keepingStale: keepsStale) }
        #expect(try await cache.failing("k") == nil)
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        for node in [cache, nodes.node()] { #expect(try await node.failing("k") == nil) }
        #expect(nodes.remote.names == [])
    }
}
