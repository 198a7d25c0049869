import Recuerde
import RecuerdeTesting
import Testing

/// Expiries that Redis has not taken, and what waits before and after them.
@Suite(.timeLimit(.minutes(1))) struct ExpireOutageTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private var time: ManualTimeSource { nodes.time }
    private let entry = "test:v2:k"

    /// A node that knows the remote tier, which holds a value.
    private func node(holding value: Int? = 1) async throws -> Cache {
        let cache = nodes.node()
        await cache.connect()
        if let value { try await cache.set("k", to: value, options: .standingIn) }
        time.advance(by: .seconds(1))
        return cache
    }

    private func comeBack(_ cache: Cache, _ place: SourceLocation = #_sourceLocation) async throws {
        nodes.comeBack()
        _ = try await cache.get("some:other:key", as: Int.self)
        await nodes.settle(cache, place)
    }

    @Test func anExpiryOfAnOutageStandsAndIsCarriedOut() async throws {
        let cache = try await node()
        remote.behave(Nodes.down)
        #expect(try await cache.expire("k"))
        #expect(cache.statistics().journalDepth == 1)
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await cache.failing("k")?.value == 1)
        nodes.comeBack()
        // The remote tier still holds it fresh, and is not believed.
        #expect(try await cache.get("k", as: Int.self) == nil)
        await nodes.settle(cache)
        for node in [cache, nodes.node()] {
            #expect(try await node.get("k", as: Int.self) == nil)
            #expect(try await node.failing("k")?.value == 1)
        }
    }

    @Test func whoseAnswerWasLostIsRepeatedWithoutHarm() async throws {
        let cache = try await node()
        remote.behave(.loseAnswer(RemoteTierError(.timedOut, "scripted")))
        #expect(try await cache.expire("k"))
        try await comeBack(cache)
        #expect(try await nodes.node().get("k", as: Int.self) == nil)
        #expect(try await nodes.node().failing("k")?.value == 1)
    }

    @Test func withoutACopyHereTheOthersKeepTheirs() async throws {
        let other = try await node()
        let cache = try await node(holding: nil)
        remote.behave(Nodes.down)
        #expect(try await !cache.expire("k"))
        #expect(try await cache.failing("k") == nil)
        try await comeBack(cache)
        #expect(try await other.get("k", as: Int.self) == nil)
        #expect(try await cache.failing("k")?.value == 1)
    }

    // MARK: Pairs

    /// What is done to a key in an outage, one after the other.
    enum Step: Sendable {
        case set(Int), setWithoutStaleLife, expire, delete, load(Int)
    }

    /// What a node that starts later finds, and what stands in for its failed load.
    struct Expected: Sendable {
        var fresh: Int?
        var stale: Int?
    }

    @Test(arguments: [
        ([Step.set(2), .expire], Expected(stale: 2)),
        ([.load(2), .expire], Expected(stale: 2)),
        ([.expire, .set(2)], Expected(fresh: 2, stale: 2)),
        ([.expire, .load(2)], Expected(fresh: 2, stale: 2)),
        ([.delete, .expire], Expected()),
        ([.expire, .delete], Expected()),
        ([.expire, .expire], Expected(stale: 1)),
        ([.set(2), .expire, .expire], Expected(stale: 2)),
        ([.delete, .expire, .expire], Expected()),
        ([.set(2), .expire, .set(3)], Expected(fresh: 3, stale: 3)),
        ([.set(2), .expire, .delete], Expected()),
        ([.delete, .expire, .set(2)], Expected(fresh: 2, stale: 2)),
        ([.set(2), .set(3), .expire], Expected(stale: 3)),
        ([.setWithoutStaleLife, .expire], Expected()),
    ])
    func pairsOfIntentsComeToWhatTheyMean(steps: [Step], expected: Expected) async throws {
        let cache = try await node()
        if case .load = steps[0] { time.advance(by: .seconds(60)) }
        remote.behave(Nodes.down)
        for step in steps {
            switch step {
            case .set(let value): try await cache.set("k", to: value, options: .standingIn)
            case .setWithoutStaleLife:
                var options = EntryOptions.standingIn
                options.maximumStaleness = .zero
                try await cache.set("k", to: 2, options: options)
            case .expire: try await cache.expire("k")
            case .delete: _ = try await cache.delete("k")
            case .load(let value): #expect(try await cache.value(for: "k", options: .standingIn) { value } == value)
            }
            time.advance(by: .milliseconds(1))
        }
        #expect(cache.statistics().journalDepth == 1)
        // In the outage already.
        #expect(try await cache.get("k", as: Int.self) == expected.fresh)
        if expected.fresh == nil { #expect(try await cache.failing("k")?.value == expected.stale) }
        try await comeBack(cache)
        for node in [cache, nodes.node()] {
            #expect(try await node.get("k", as: Int.self) == expected.fresh)
            if expected.fresh == nil { #expect(try await node.failing("k")?.value == expected.stale) }
        }
    }

    @Test func anExpiryGoesBehindAWriteThatStillWaits() async throws {
        let cache = try await node()
        remote.behave(.fail(RemoteTierError(.interrupted, "scripted")))
        try await cache.set("k", to: 2, options: .standingIn)
        // The remote tier answers again, and the set waits yet.
        remote.behave(.normal)
        try await cache.expire("k")
        #expect(try await cache.get("k", as: Int.self) == nil)
        try await comeBack(cache)
        for node in [cache, nodes.node()] {
            #expect(try await node.get("k", as: Int.self) == nil)
            #expect(try await node.failing("k")?.value == 2)
        }
    }

    @Test func whoAsksToBeToldIsTold() async throws {
        let cache = nodes.node { $0.rethrowsRemoteErrors = true }
        await cache.connect()
        try await cache.set("k", to: 1, options: .standingIn)
        remote.behave(Nodes.down)
        await #expect(throws: CacheError.self) { try await cache.expire("k") }
        #expect(cache.statistics().journalDepth == 1)
        await #expect(throws: CacheError.self) { try await cache.expire("k") }
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        #expect(try await nodes.node().get("k", as: Int.self) == nil)
    }

    // MARK: Several nodes

    /// What another node did while this one was cut off.
    enum Other: CaseIterable, Sendable {
        case setBefore, setAfter, deleteBefore, deleteAfter, clearBefore, clearAfter, expireAfter
    }

    @Test(arguments: Other.allCases)
    func whatOthersDidMeanwhileHasItsPlaceInTheOrder(other: Other) async throws {
        let fleet = Fleet()
        let tier = fleet.board.node(1)
        let (cutOff, connected) = (fleet.node(on: tier), fleet.node(2))
        await cutOff.connect()
        await connected.connect()
        try await connected.set("k", to: 1, options: .standingIn)
        func pass() { fleet.time.advance(by: .seconds(1)) }
        pass()
        tier.cutOff()
        // A value that Redis never gets to see fresh: set, something happens elsewhere, and it is expired.
        try await cutOff.set("k", to: 2, options: .standingIn)
        pass()
        switch other {
        case .setBefore: try await connected.set("k", to: 3, options: .standingIn)
        case .deleteBefore: _ = try await connected.delete("k")
        case .clearBefore: _ = try await connected.clear()
        default: break
        }
        pass()
        try await cutOff.expire("k")
        pass()
        switch other {
        case .setAfter: try await connected.set("k", to: 3, options: .standingIn)
        case .deleteAfter: _ = try await connected.delete("k")
        case .clearAfter: _ = try await connected.clear()
        case .expireAfter: try await connected.expire("k")
        default: break
        }
        tier.cutOff(nil)
        fleet.time.advance(by: .seconds(3))
        try await fleet.settle(cutOff)
        let stale: Int? =
            switch other {
            case .setBefore: 3
            case .setAfter: nil
            case .deleteBefore, .deleteAfter, .clearBefore, .clearAfter: nil
            // The value was not there to be expired, and what it was to replace must not stand in.
            case .expireAfter: nil
            }
        for node in [cutOff, connected, fleet.node(3)] {
            #expect(try await node.get("k", as: Int.self) == (other == .setAfter ? 3 : nil))
            if other != .setAfter { #expect(try await node.failing("k")?.value == stale) }
        }
    }

    @Test(arguments: [false, true])
    func whatWasExpiredElsewhereDoesNotStandInForWhatReplacedItHere(isRemoval: Bool) async throws {
        let fleet = Fleet()
        let tier = fleet.board.node(1)
        let (cutOff, connected) = (fleet.node(on: tier), fleet.node(2))
        await cutOff.connect()
        try await connected.set("k", to: 1, options: .standingIn)
        fleet.time.advance(by: .seconds(1))
        tier.cutOff()
        if isRemoval {
            _ = try await cutOff.delete("k")
        } else {
            try await cutOff.set("k", to: 2, options: .standingIn)
        }
        fleet.time.advance(by: .seconds(1))
        try await connected.expire("k")
        #expect(try await connected.failing("k")?.value == 1)
        tier.cutOff(nil)
        fleet.time.advance(by: .seconds(3))
        try await fleet.settle(cutOff)
        for node in [cutOff, connected, fleet.node(3)] {
            #expect(try await node.get("k", as: Int.self) == nil)
            #expect(try await node.failing("k") == nil)
        }
    }

    // MARK: A full store

    @Test func aFullStoreHasNoRoomForTheMarkAndLetsGoOfTheEntry() async throws {
        let cache = try await node()
        remote.setFull(true)
        #expect(try await cache.expire("k"))
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await nodes.node().get("k", as: Int.self) == nil)
        #expect(remote.record(entry) == nil)
    }

    @Test func aValueThatIsRefusedDoesNotHoldBackItsExpiry() async throws {
        let cache = try await node()
        remote.behave(Nodes.down)
        try await cache.set("k", to: 2, options: .standingIn)
        try await cache.expire("k")
        remote.behave(.normal)
        // A token stands already, so that there is room for that.
        let door = Door()
        let loading = nodes.node()
        async let loaded = loading.value(for: "k", options: .standingIn.refreshing) {
            await door.pass()
            return 3
        }
        await door.someoneWaits()
        remote.setFull(true)
        try await comeBack(cache)
        #expect(remote.record(entry) == nil)
        #expect(try await cache.failing("k") == nil)
        door.open()
        #expect(try await loaded == 3)
    }

    @Test func aFullStoreDoesNotHoldBackAnExpiry() async throws {
        let cache = try await node()
        remote.behave(Nodes.down)
        try await cache.set("k", to: 2, options: .standingIn)
        try await cache.expire("k")
        remote.setFull(true)
        try await comeBack(cache)
        #expect(remote.record(entry) == nil)
        for node in [cache, nodes.node()] {
            #expect(try await node.get("k", as: Int.self) == nil)
            #expect(try await node.failing("k") == nil)
        }
    }
}
