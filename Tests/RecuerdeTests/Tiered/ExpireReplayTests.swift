import Recuerde
import RecuerdeTesting
import Testing

/// Replays into which expiries come, and expiries of a journal that something is in the way of.
@Suite(.timeLimit(.minutes(1))) struct ExpireReplayTests {
    private let nodes = Nodes()
    private let tier: InterposedTier
    /// The node whose journal is replayed.
    private let cache: Cache
    private let other: Cache
    private let entry = "test:v2:k"

    init() async throws {
        tier = InterposedTier(nodes.remote)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        cache = Cache(configuration: configuration, remote: tier, timeSource: nodes.time)
        other = nodes.node()
        await cache.connect()
        await other.connect()
        try await other.set("k", to: 1, options: .standingIn)
        nodes.time.advance(by: .seconds(1))
    }

    private func outage(_ body: () async throws -> Void) async throws {
        nodes.remote.behave(Nodes.down)
        try await body()
        nodes.comeBack()
    }

    /// Lets a replay begin, and waits until so many intents are left.
    private func replay(until depth: Int = 0, _ place: SourceLocation = #_sourceLocation) async throws {
        _ = try await cache.get("some:other:key", as: Int.self)
        await eventually(place) { cache.statistics().journalDepth == depth }
    }

    private func expectToStandIn(_ value: Int?, _ place: SourceLocation = #_sourceLocation) async throws {
        for node in [cache, other, nodes.node()] {
            #expect(try await node.get("k", as: Int.self) == nil, sourceLocation: place)
            #expect(try await node.failing("k")?.value == value, sourceLocation: place)
        }
    }

    // MARK: Expiries of others

    @Test(arguments: [false, true])
    func anExpiryBetweenTokenAndValueLeavesNothingToStandInThatWasReplaced(isExpired: Bool) async throws {
        try await outage { () async throws -> Void in
            try await cache.set("k", to: 2, options: .standingIn)
            if isExpired { try await cache.expire("k") }
        }
        tier.beforeWriting { [nodes, other] in
            nodes.time.advance(by: .milliseconds(1))
            #expect((try? await other.expire("k")) == true)
        }
        try await replay()
        #expect(nodes.remote.record(entry) == nil)
        try await expectToStandIn(nil)
    }

    @Test func aValueThatFindsALaterOneTakesNothingAway() async throws {
        try await outage { try await cache.set("k", to: 2, options: .standingIn) }
        tier.beforeWriting { [nodes, other] in
            nodes.time.advance(by: .milliseconds(1))
            try? await other.set("k", to: 3, options: .standingIn)
        }
        try await replay()
        for node in [cache, other, nodes.node()] { #expect(try await node.get("k") == 3) }
    }

    /// When another node expires the entry, or all of them.
    enum Moment: CaseIterable, Sendable {
        case expiredBefore, expiredBetween, clearedBefore, clearedBetween
    }

    /// A load's value that nobody meant takes nothing away, whatever becomes of it.
    @Test(arguments: Moment.allCases, [false, true])
    func aLoadsValueLeavesWhatStandsIn(moment: Moment, isDead: Bool) async throws {
        nodes.time.advance(by: .seconds(60))
        try await outage { () async throws -> Void in
            let options = isDead ? EntryOptions.standingIn.living(.seconds(1)).withoutStaleLife : .standingIn
            #expect(try await cache.value(for: "k", options: options) { 2 } == 2)
        }
        let expire: @Sendable () async -> Void = { [nodes, other] in
            nodes.time.advance(by: .milliseconds(1))
            switch moment {
            case .expiredBefore, .expiredBetween: _ = try? await other.expire("k")
            case .clearedBefore, .clearedBetween: _ = try? await other.clear(keepingStale: true)
            }
            nodes.time.advance(by: .milliseconds(1))
        }
        switch moment {
        case .expiredBefore, .clearedBefore: await expire()
        case .expiredBetween, .clearedBetween: tier.beforeWriting(expire)
        }
        if moment == .clearedBetween, !isDead {
            // The token is gone; whether that was a clear, the next attempt finds out.
            _ = try await cache.get("some:other:key", as: Int.self)
            await eventually { cache.statistics().journalReasons[.tokenLost] == 1 }
            nodes.time.advance(by: .seconds(3))
        }
        try await replay()
        // Where the load's value died before it was sent, nothing was sent that the expiry could have come before.
        try await expectToStandIn(1)
    }

    @Test func aLoadsValueThatItsOwnNodeHasExpiredLeavesWhatStandsInToo() async throws {
        nodes.time.advance(by: .seconds(60))
        try await outage { () async throws -> Void in
            #expect(try await cache.value(for: "k", options: .standingIn) { 2 } == 2)
            nodes.time.advance(by: .milliseconds(1))
            try await cache.expire("k")
        }
        nodes.time.advance(by: .milliseconds(1))
        _ = try await other.clear(keepingStale: true)
        try await replay()
        try await expectToStandIn(1)
    }

    // MARK: What is in the way

    @Test func anExpiryThatFindsSomethingLaterLeavesThatFresh() async throws {
        try await outage { try await cache.expire("k") }
        try await other.set("k", to: 3, options: .standingIn)
        // A copy of it is here already when the expiry is refused.
        tier.beforeWriting { [cache] in #expect((try? await cache.get("k")) == 3) }
        try await replay()
        nodes.remote.behave(Nodes.down)
        #expect(try await cache.get("k") == 3)
    }

    @Test func aRefusalThatIsNotForWantOfRoomCostsNoValue() async throws {
        try await outage { () async throws -> Void in
            try await cache.set("k", to: 2, options: .standingIn)
            try await cache.expire("k")
        }
        // As by a server that takes no writes for a while.
        tier.refuse([entry])
        try await replay(until: 1)
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await cache.failing("k")?.value == 2)
        for _ in 0..<3 {
            nodes.time.advance(by: .seconds(70))
            _ = try await cache.get("x", as: Int.self)
        }
        tier.refuse([])
        nodes.time.advance(by: .seconds(70))
        try await replay()
        try await expectToStandIn(2)
    }

    @Test func aValueThatBreaksItsConnectionDoesNotHoldBackItsExpiry() async throws {
        try await outage { () async throws -> Void in
            try await cache.set("k", to: 2, options: .standingIn)
            try await cache.expire("k")
        }
        tier.breakConnection(by: [entry], storesOnly: true)
        _ = try await cache.get("some:other:key", as: Int.self)
        await eventually { tier.breaks == 1 }
        // Once may be chance.
        await eventually { cache.statistics().journalReasons[.interrupted] == 1 }
        await eventually {
            nodes.time.advance(by: .milliseconds(600))
            _ = try? await cache.get("some:other:key", as: Int.self)
            return cache.statistics().journalDepth == 0
        }
        #expect(tier.breaks == 2)
        // What it was to replace does not stand in for it.
        try await expectToStandIn(nil)
    }

    @Test func aSecondExpiryOnAFullStoreLeavesWhatStandsIn() async throws {
        try await other.expire("k")
        nodes.remote.setFull(true)
        #expect(try await other.expire("k"))
        try await expectToStandIn(1)
        _ = try await other.clear(keepingStale: true)
        try await expectToStandIn(1)
    }
}
