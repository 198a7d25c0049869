import Recuerde
import RecuerdeTesting
import Testing

/// Clears that keep stale values, and writes that the remote tier has not taken.
@Suite(.timeLimit(.minutes(1))) struct SoftClearWritesTests {
    private let nodes = Nodes()
    private let tier: InterposedTier
    private let cache: Cache

    init() async throws {
        tier = InterposedTier(nodes.remote)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        cache = Cache(configuration: configuration, remote: tier, timeSource: nodes.time)
        await cache.connect()
        try await cache.set("k", to: 1, options: .standingIn)
        nodes.time.advance(by: .seconds(1))
    }

    /// Each may still be carried out until its deadline, so the next is stamped after that.
    private func setInVain(_ values: ClosedRange<Int>) async throws {
        nodes.remote.behave(.fail(RemoteTierError(.interrupted, "scripted")))
        for value in values { try await cache.set("k", to: value, options: .standingIn) }
    }

    @Test(arguments: [1, 2, 3, 9]) func takesTheFreshnessOfWhatIsStampedAheadOfTheClock(count: Int) async throws {
        try await setInVain(2...(1 + count))
        _ = try await cache.clear(keepingStale: true)
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await cache.contains("k") == false)
        #expect(try await cache.failing("k")?.value == 1 + count)
        // What is set from then on is fresh.
        try await cache.set("k", to: 20, options: .standingIn)
        #expect(try await cache.get("k") == 20)
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        for node in [cache, nodes.node()] { #expect(try await node.get("k") == 20) }
    }

    @Test(arguments: [false, true]) func soDoTheTagsOfSuchAValue(removes: Bool) async throws {
        nodes.remote.behave(.fail(RemoteTierError(.interrupted, "scripted")))
        var options = EntryOptions.standingIn
        options.tags = ["t"]
        for value in 2...5 { try await cache.set("k", to: value, options: options) }
        async let invalidated: Void = cache.invalidate(tags: ["t"], by: removes ? .remove : .expire)
        await eventually { nodes.time.sleepers > 0 }
        nodes.time.advance(by: .milliseconds(300))
        try await invalidated
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await cache.failing("k")?.value == (removes ? nil : 5))
    }

    @Test func isCarriedOutOnceTheTimeOfItsStampHasCome() async throws {
        try await setInVain(2...5)
        nodes.remote.behave(.normal)
        async let cleared = cache.clear(keepingStale: true)
        await eventually { nodes.time.sleepers > 0 }
        // Set by another while the clear waits: it is no part of it, or it is stamped no later.
        nodes.time.advance(by: .milliseconds(300))
        #expect(try await cleared >= 1)
        nodes.time.advance(by: .microseconds(1))
        try await nodes.node().set("k", to: 9, options: .standingIn)
        #expect(try await cache.get("k") == 9)
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        for node in [cache, nodes.node()] { #expect(try await node.get("k") == 9) }
    }

    @Test(arguments: [false, true]) func leavesTheCopyOfWhatWasSetAfterIt(isSoft: Bool) async throws {
        nodes.remote.behave(Nodes.down)
        _ = try await cache.clear(keepingStale: isSoft)
        try await cache.set("k", to: 2, options: .standingIn)
        nodes.comeBack()
        // The clear is carried out, and the value waits on.
        tier.refuse(["test:v2:k"])
        _ = try await cache.get("x", as: Int.self)
        await eventually { cache.statistics().journalReasons[.refused] == 1 }
        #expect(cache.statistics().journalDepth == 1)
        #expect(try await cache.get("k") == 2)
        tier.refuse([])
        nodes.time.advance(by: .seconds(3))
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        for node in [cache, nodes.node()] { #expect(try await node.get("k") == 2) }
    }
}
