import Recuerde
import RecuerdeTesting
import Testing

/// `docs/scenarios-cache.md`: values that a caller has expired.
@Suite(.timeLimit(.minutes(1))) struct ExpireTests {
    private let nodes = Nodes()
    private var remote: ScriptedRemoteTier { nodes.remote }
    private var time: ManualTimeSource { nodes.time }
    private let entry = "test:v2:k"

    private func caches() -> [Cache] { [nodes.memoryOnly(), nodes.node()] }

    @Test func scenario40_anExpiredValueIsAMissAndStandsInForAFailedLoad() async throws {
        for cache in caches() {
            try await cache.set("k", to: 1, options: .standingIn)
            #expect(try await cache.expire("k"))
            #expect(try await cache.get("k", as: Int.self) == nil)
            #expect(try await !cache.contains("k"))
            #expect(try await cache.get(["k"], as: Int.self) == [:])
            #expect(try await cache.explain("k").verdict.hasPrefix("miss"))
            let stale = try await cache.failing("k")
            #expect(stale?.value == 1 && stale?.provenance.source == .stale)
            #expect(stale?.provenance.staleReason == .loadFailed)
            #expect(try await cache.value(for: "k", options: .standingIn) { 2 } == 2)
            #expect(try await cache.get("k") == 2)
            #expect(cache.statistics().expires == 1)
        }
    }

    @Test func itStandsInUntilItsPhysicalExpiry() async throws {
        for cache in caches() {
            var options = EntryOptions.timeToLive(.seconds(10))
            options.maximumStaleness = .seconds(5)
            try await cache.set("k", to: 1, options: options)
            time.advance(by: .seconds(4))
            try await cache.expire("k")
            time.advance(by: .seconds(11) - .nanoseconds(1_000))
            #expect(try await cache.failing("k")?.value == 1)
            time.advance(by: .microseconds(1))
            #expect(try await cache.failing("k") == nil)
        }
    }

    @Test func theEntryKeepsItsStampItsTimeAndItsBytes() async throws {
        let cache = nodes.node()
        try await cache.set("k", to: 1, options: .standingIn)
        let before = try #require(remote.record(entry))
        time.advance(by: .seconds(1))
        try await cache.expire("k")
        let after = try #require(remote.record(entry))
        #expect(after.stamp == before.stamp && after.expiry == before.expiry)
        #expect(after.bytes.indices.filter { after.bytes[$0] != before.bytes[$0] } == [4])
        #expect(after.bytes[4] == 0x80)
    }

    @Test func whatMayNotStandInIsRemoved() async throws {
        for cache in caches() {
            var options = EntryOptions.timeToLive(.seconds(10))
            options.maximumStaleness = .zero
            try await cache.set("k", to: 1, options: options)
            #expect(try await cache.expire("k"))
            #expect(try await cache.failing("k") == nil)
            #expect(cache.statistics().cacheSize == 0)
            #expect(remote.names.isEmpty)
        }
    }

    @Test func underPlainItIsARemoval() async throws {
        let cache = nodes.node { $0.format = .plain }
        try await cache.set("k", to: 1, options: .standingIn)
        #expect(try await cache.expire("k"))
        #expect(remote.names.isEmpty)
        #expect(try await cache.failing("k") == nil)
        #expect(try await !cache.expire("k"))
    }

    @Test func whatIsNotThereIsNotExpired() async throws {
        for cache in caches() {
            #expect(try await !cache.expire("k"))
            try await cache.set("k", to: 1, options: .standingIn)
            // As good as a second time.
            #expect(try await cache.expire("k"))
            #expect(try await cache.expire("k"))
            #expect(try await cache.failing("k")?.value == 1)
            try await cache.set("k", to: 2, options: .standingIn)
            #expect(try await cache.get("k") == 2)
        }
    }

    @Test func noRemovalAndNoHardClearLeavesAnythingToStandIn() async throws {
        for cache in caches() {
            try await cache.set("k", to: 1, options: .standingIn)
            try await cache.expire("k")
            #expect(try await cache.delete("k"))
            #expect(try await cache.failing("k") == nil)
            try await cache.expire("k")
            #expect(try await cache.failing("k") == nil)
            try await cache.set("k", to: 1, options: .standingIn)
            try await cache.expire("k")
            #expect(try await cache.clear() == 1)
            #expect(try await cache.failing("k") == nil)
            #expect(remote.names.isEmpty)
        }
    }

    @Test func aSourceThatWasLeftAloneIsAskedAgain() async throws {
        for cache in caches() {
            try await cache.set("k", to: 1, options: .standingIn)
            try await cache.expire("k")
            let long = EntryOptions.standingIn.pausing(.seconds(60))
            #expect(try await cache.failing("k", long)?.value == 1)
            #expect(
                try await cache.result(for: "k", options: long) { _ in Loaded(2) }.provenance.staleReason == .throttled
            )
            try await cache.expire("k")
            #expect(try await cache.value(for: "k", options: long) { 2 } == 2)
        }
    }

    /// One that was asked before the value was expired, and fails after it, says nothing about the source since then.
    @Test(arguments: [false, true]) func norDoesALoadFromBeforeItLeaveTheSourceAlone(isClear: Bool) async throws {
        for cache in caches() {
            let long = EntryOptions.standingIn.living(.seconds(1)).pausing(.seconds(60))
            try await cache.set("k", to: 1, options: long)
            time.advance(by: .seconds(2))
            let door = Door()
            async let failed = cache.value(for: "k", options: long) { () -> Int in
                await door.pass()
                throw LoadFailure()
            }
            await door.someoneWaits()
            if isClear { _ = try await cache.clear(keepingStale: true) } else { try await cache.expire("k") }
            door.open()
            #expect(try await failed == 1)
            #expect(try await cache.value(for: "k", options: long) { 2 } == 2)
        }
    }

    // MARK: Loads

    @Test(arguments: [false, true]) func aLoadFromBeforeItIsHandedOutAndNotKept(fails: Bool) async throws {
        for cache in caches() {
            try await cache.set("k", to: 1, options: .standingIn.living(.seconds(1)))
            time.advance(by: .seconds(2))
            let door = Door()
            async let loaded = cache.value(for: "k", options: .standingIn) {
                await door.pass()
                if fails { throw LoadFailure() }
                return 2
            }
            await door.someoneWaits()
            try await cache.expire("k")
            // Who comes now does not join it.
            #expect(try await cache.failing("k")?.value == 1)
            door.open()
            // The value stands in for a load that began before it was expired, too.
            #expect(try await loaded == (fails ? 1 : 2))
            #expect(try await cache.get("k", as: Int.self) == nil)
            #expect(try await cache.failing("k")?.value == 1)
        }
    }

    @Test(arguments: [false, true]) func aLoadOfAnotherNodeIsNotKeptEither(isThere: Bool) async throws {
        let one = nodes.node()
        let two = nodes.node()
        if isThere {
            try await one.set("k", to: 1, options: .standingIn.living(.seconds(1)))
            time.advance(by: .seconds(2))
        }
        let door = Door()
        async let loaded = two.value(for: "k", options: .standingIn) {
            await door.pass()
            return 2
        }
        await door.someoneWaits()
        time.advance(by: .seconds(1))
        #expect(try await one.expire("k") == isThere)
        door.open()
        #expect(try await loaded == 2)
        #expect(try await one.get("k", as: Int.self) == nil)
        #expect(try await two.get("k", as: Int.self) == nil)
        #expect(try await two.failing("k")?.value == (isThere ? 1 : nil))
    }

    @Test func whatIsAskedForWithAStaleValueAtHandIsServed() async throws {
        for cache in caches() {
            try await cache.set("k", to: 1, options: .standingIn)
            try await cache.expire("k")
            var options = EntryOptions.standingIn
            options.acceptsStale = true
            #expect(try await cache.result(for: "k", as: Int.self, options: options)?.value == 1)
            options.softTimeout = .zero
            let door = Door()
            let result = try await cache.result(for: "k", options: options) { _ in
                await door.pass()
                return Loaded(2)
            }
            #expect(result.value == 1 && result.provenance.staleReason == .loadSlow)
            door.open()
            await eventually { (try? await cache.get("k", as: Int.self)) == 2 }
        }
    }

    // MARK: Several nodes

    @Test func scenario71_whoHadACopyAndWhoHadNoneHaveTheFallback() async throws {
        let fleet = Fleet()
        let (one, a, b, c) = (fleet.node(1), fleet.node(2), fleet.node(3), fleet.node(4))
        try await one.set("k", to: 1, options: .standingIn)
        for node in [a, b] { #expect(try await node.get("k") == 1) }
        #expect(c.statistics().cacheSize == 0)
        #expect(try await one.expire("k"))
        for node in [one, a, b, c] {
            #expect(try await node.get("k", as: Int.self) == nil)
            #expect(try await node.failing("k")?.value == 1)
            // From memory too, should Redis go.
            #expect(node.statistics().cacheSize == 1)
        }
        fleet.remote.behave(Nodes.down)
        for node in [one, a, b, c] {
            #expect(try await node.get("k", as: Int.self) == nil)
            #expect(try await node.failing("k")?.value == 1)
        }
        fleet.comeBack()
        let late = fleet.node(5)
        #expect(try await late.get("k", as: Int.self) == nil)
        #expect(try await late.failing("k")?.value == 1)
        #expect(try await a.value(for: "k", options: .standingIn) { 2 } == 2)
        for node in [one, b, c, late] { #expect(try await node.get("k") == 2) }
    }

    @Test func anotherNodesDeleteLeavesNothingToStandIn() async throws {
        let fleet = Fleet()
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 1, options: .standingIn)
        try await one.expire("k")
        #expect(try await two.failing("k")?.value == 1)
        #expect(try await two.delete("k"))
        #expect(try await one.failing("k") == nil)
        #expect(try await two.failing("k") == nil)
    }

    @Test func aCopyThatNobodyVouchesForIsFoundOutToBeExpired() async throws {
        let fleet = Fleet()
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 1, options: .standingIn)
        #expect(try await two.get("k") == 1)
        fleet.board.cut(2)
        try await one.expire("k")
        fleet.board.join(2)
        // Within the bound, while it is looked after.
        #expect(try await two.get("k") == 1)
        await eventually { (try? two.onlyIfPresent("k", as: Int.self)) == .some(nil) }
        #expect(try await two.get("k", as: Int.self) == nil)
        #expect(two.statistics().cacheSize == 1)
        #expect(try await two.failing("k")?.value == 1)
    }

    @Test func whoHearsNothingSeesItAtTheNextReadAndKeepsItSo() async throws {
        let (one, two) = (nodes.node(), nodes.node())
        try await one.set("k", to: 1, options: .standingIn)
        #expect(try await two.get("k") == 1)
        time.advance(by: .seconds(1))
        try await one.expire("k")
        #expect(try await two.get("k", as: Int.self) == nil)
        remote.behave(Nodes.down)
        #expect(try await two.get("k", as: Int.self) == nil)
        #expect(try await two.failing("k")?.value == 1)
    }

    /// Two answers with one stamp, the earlier of which is dealt with last.
    @Test func anAnswerFromBeforeItThatComesLateMakesNothingFreshAgain() async throws {
        let (tier, cache) = await interposed()
        let other = nodes.node()
        var options = EntryOptions.standingIn
        options.tags = ["t"]
        try await other.set("k", to: 1, options: options)
        time.advance(by: .seconds(1))
        // The entry has been read, and the record of its tag is; meanwhile it is expired, and read again.
        tier.afterReading("{test:v2:t}:g") {
            _ = try? await other.expire("k")
            #expect((try? await cache.get("k", as: Int.self)) == .some(nil))
        }
        _ = try await cache.get("k", as: Int.self)
        remote.behave(Nodes.down)
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await cache.failing("k")?.value == 1)
    }

    // MARK: Races with writes

    /// A cache on a tier in which something comes in between before a write is carried out.
    private func interposed() async -> (tier: InterposedTier, cache: Cache) {
        let tier = InterposedTier(remote)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let cache = Cache(configuration: configuration, remote: tier, timeSource: time)
        await cache.connect()
        return (tier, cache)
    }

    @Test func aSetThatIsCarriedOutAfterTheExpiryIsFresh() async throws {
        let (tier, cache) = await interposed()
        try await cache.set("k", to: 1, options: .standingIn)
        time.advance(by: .milliseconds(1))
        tier.beforeWriting { [time] in
            time.advance(by: .milliseconds(1))
            _ = try? await cache.expire("k")
            time.advance(by: .milliseconds(1))
        }
        try await cache.set("k", to: 2, options: .standingIn)
        #expect(try await cache.get("k") == 2)
        #expect(try await nodes.node().get("k") == 2)
    }

    @Test func whatIsReadWhileItIsUnderWayIsExpiredToo() async throws {
        let (tier, cache) = await interposed()
        // Not in this memory, so that it is read fresh.
        try await nodes.node().set("k", to: 1, options: .standingIn)
        time.advance(by: .milliseconds(1))
        tier.beforeWriting { #expect((try? await cache.get("k")) == 1) }
        try await cache.expire("k")
        remote.behave(Nodes.down)
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await cache.failing("k")?.value == 1)
    }

    @Test(arguments: [false, true]) func whatASetBringsIntoMemoryBesideAnExpiryThatWaitsIsNotFresh(
        isReplayed: Bool
    ) async throws {
        let (tier, cache) = await interposed()
        // A replay has just come to its end, so that the next one is a while away.
        remote.behave(Nodes.down)
        _ = try await cache.delete("x")
        nodes.comeBack()
        _ = try await cache.get("x", as: Int.self)
        await nodes.settle(cache)
        try await cache.set("k", to: 1, options: .standingIn)
        time.advance(by: .milliseconds(1))
        tier.beforeWriting { [remote, time] in
            // It takes the place of what is on its way.
            #expect((try? await cache.get("k")) == 1)
            remote.behave(.fail(RemoteTierError(.interrupted, "scripted")))
            _ = try? await cache.expire("k")
            remote.behave(.normal)
            time.advance(by: .microseconds(1))
        }
        try await cache.set("k", to: 2, options: .standingIn)
        #expect(cache.statistics().journalDepth == 1)
        if isReplayed {
            nodes.comeBack()
            _ = try await cache.get("x", as: Int.self)
            await nodes.settle(cache)
            remote.behave(Nodes.down)
        }
        #expect(try await cache.get("k", as: Int.self) == nil)
        // What the expiry has not reached yet is neither fresh nor known to be stale.
        if isReplayed { #expect(try await cache.failing("k")?.value == 2) }
    }

    @Test func aSetThatIsAnsweredAfterTheExpiryIsExpired() async throws {
        let fleet = Fleet()
        let tier = fleet.board.node(1)
        let cache = fleet.node(on: tier)
        try await cache.set("k", to: 1, options: .standingIn)
        // The set has been carried out, and its answer is under way.
        tier.beforeNextAnswer {
            fleet.time.advance(by: .milliseconds(1))
            _ = try? await cache.expire("k")
        }
        try await cache.set("k", to: 2, options: .standingIn)
        for node in [cache, fleet.node(2)] {
            #expect(try await node.get("k", as: Int.self) == nil)
            #expect(try await node.failing("k")?.value == 2)
        }
    }

    @Test func aSetThatComesWhileAnExpiryIsUnderWayIsFresh() async throws {
        let fleet = Fleet()
        let tier = fleet.board.node(1)
        let cache = fleet.node(on: tier)
        try await cache.set("k", to: 1, options: .standingIn)
        tier.beforeNextAnswer {
            fleet.time.advance(by: .milliseconds(1))
            try? await cache.set("k", to: 2, options: .standingIn)
        }
        try await cache.expire("k")
        for node in [cache, fleet.node(2)] { #expect(try await node.get("k") == 2) }
    }

    @Test func aReadFromBeforeItMakesNothingFreshAgain() async throws {
        let fleet = Fleet()
        let tier = fleet.board.node(1)
        let (cache, other) = (fleet.node(on: tier), fleet.node(2))
        try await other.set("k", to: 1, options: .standingIn)
        tier.beforeNextAnswer { _ = try? await cache.expire("k") }
        _ = try await cache.get("k", as: Int.self)
        #expect(try await cache.get("k", as: Int.self) == nil)
        try await other.set("k", to: 2, options: .standingIn)
        tier.beforeNextAnswer { _ = try? await other.expire("k") }
        _ = try await cache.get("k", as: Int.self)
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await cache.failing("k")?.value == 2)
    }
}

extension EntryOptions {
    /// Fresh for a minute, and long after that good enough to stand in; a source that failed has no pause.
    static var standingIn: EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(60))
        options.maximumStaleness = .seconds(3_600)
        options.failureThrottle = .zero
        return options
    }

    var refreshing: EntryOptions {
        var options = self
        options.readPolicy = .refresh
        return options
    }

    func living(_ time: Duration) -> EntryOptions {
        var options = self
        options.timeToLive = time
        return options
    }

    func pausing(_ time: Duration) -> EntryOptions {
        var options = self
        options.failureThrottle = time
        return options
    }
}

extension Cache {
    /// What stands in for a load that fails; nil where nothing does.
    func failing(_ key: CacheKey, _ options: EntryOptions = .standingIn) async throws -> CacheResult<Int>? {
        do {
            return try await result(for: key, options: options) { _ -> Loaded<Int> in throw LoadFailure() }
        } catch is LoadFailure {
            return nil
        }
    }
}
