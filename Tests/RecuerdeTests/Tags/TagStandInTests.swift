import RecuerdeTesting
import Testing

@testable import Recuerde

/// What a tag has removed stands in for nothing, on no path; what it has expired does. With expiries of keys, and with leases.
@Suite(.timeLimit(.minutes(1))) struct TagStandInTests {
    private let fleet = Fleet()
    private var time: ManualTimeSource { fleet.time }

    private func options(_ change: (inout EntryOptions) -> Void) -> EntryOptions {
        var options = EntryOptions.tagged("x", timeToLive: .seconds(100), staleness: .seconds(1_000))
        change(&options)
        return options
    }

    /// What each way to a stale value gives; nil where it gives none.
    private func standIns(_ cache: Cache) async throws -> [String: Int?] {
        var found: [String: Int?] = [:]
        func load(_ change: (inout EntryOptions) -> Void) async throws -> Int? {
            let result = try? await cache.result(for: "k", options: options(change)) { _ -> Loaded<Int> in
                throw LoadFailure()
            }
            if let result { #expect(result.provenance.source == .stale) }
            return result?.value
        }
        let stale = options { $0.acceptsStale = true }
        let read = try await cache.result(for: "k", as: Int.self, options: stale)
        #expect(read == nil || read?.provenance.source == .stale)
        found["read"] = read?.value
        let last = try await cache.lastKnown("k", as: Int.self)
        found["last"] = last?.value
        found["only"] = try await load {
            $0.readPolicy = .onlyIfCached
            $0.acceptsStale = true
        }
        found["soft"] = try await load { $0.softTimeout = .zero }
        await eventually { cache.statistics().backgroundLoads == 0 }
        found["hard"] = try await load { $0.hardTimeout = .zero }
        await eventually { cache.statistics().backgroundLoads == 0 }
        found["refresh"] = try await load { $0.readPolicy = .refresh }
        found["fails"] = try await load { _ in }
        found["paused"] = try await load { _ in }
        return found
    }

    @Test(arguments: TagSetting.allCases)
    func whatATagHasRemovedStandsInOnNoPath(setting: TagSetting) async throws {
        for expiresFirst in [false, true] {
            let cache = fleet.cache(setting)
            try await cache.set("k", to: 1, options: options { _ in })
            if expiresFirst {
                time.advance(by: .seconds(1))
                #expect(try await cache.expire("k"))
            } else {
                try await cache.invalidate(tags: ["x"], by: .expire)
            }
            #expect(try await cache.int("k") == nil)
            var before = try await standIns(cache)
            // Where Redis is asked first, nothing is at hand at once.
            if setting == .remoteFirst { before["hard"] = 1 }
            #expect(before.count == 8 && before.values.allSatisfy { $0 == 1 }, "\(before)")
            // The source is left alone now, and a removal goes before that.
            try await cache.invalidate(tags: ["x"], by: .remove)
            let after = try await standIns(cache)
            #expect(after.values.allSatisfy { $0 == nil }, "\(after)")
            #expect(try await cache.value(for: "k", options: options { _ in }) { 2 } == 2)
            _ = try await cache.clear()
        }
    }

    @Test func norOnOtherNodesWhoeverHeldACopyOrNone() async throws {
        for order in [ReadingOrder.memoryFirst, .remoteFirst] {
            let nodes = (1...3).map { fleet.node($0) { $0.readingOrder = order } }
            try await nodes[0].set("k", to: 1, options: options { _ in })
            for node in nodes.prefix(2) { #expect(try await node.int("k") == 1) }
            #expect(try await nodes[1].expire("k"))
            for node in nodes { #expect(try await node.loadingInVain("k").value == 1) }
            try await nodes[2].invalidate(tags: ["x"], by: .remove)
            for node in nodes + [fleet.node(4) { $0.readingOrder = order }] {
                let found = try await standIns(node)
                #expect(found.values.allSatisfy { $0 == nil }, "\(found)")
            }
            _ = try await nodes[0].clear()
        }
    }

    @Test func anEntryThatATagHasExpiredMayBeExpiredAgain() async throws {
        let nodes = (1...2).map { fleet.node($0) }
        try await nodes[0].set("k", to: 1, options: options { _ in })
        #expect(try await nodes[1].int("k") == 1)
        try await nodes[0].invalidate(tags: ["x"])
        _ = try await nodes[1].expire("k")
        for node in nodes { #expect(try await node.loadingInVain("k").value == 1) }
        try await nodes[0].set("k", to: 2, options: options { _ in })
        for node in nodes { #expect(try await node.int("k") == 2) }
    }

    @Test(arguments: [true, false])
    func anExpiryAndARemovalByTagOfAnOutageLeaveNothing(expiresFirst: Bool) async throws {
        let tier = fleet.board.node(1)
        let (one, two) = (fleet.node(on: tier), fleet.node(2))
        try await one.set("k", to: 1, options: options { _ in })
        #expect(try await two.int("k") == 1)
        tier.cutOff()
        time.advance(by: .seconds(1))
        try await one.set("l", to: 1, options: options { _ in })
        for isExpiry in [expiresFirst, !expiresFirst] {
            time.advance(by: .seconds(1))
            if isExpiry {
                _ = try await one.expire("k")
                _ = try await one.expire("l")
            } else {
                try await one.invalidate(tags: ["x"], by: .remove)
            }
        }
        for key in ["k", "l"] as [CacheKey] {
            await #expect(throws: LoadFailure.self) { try await one.loadingInVain(key) }
        }
        tier.cutOff(nil)
        time.advance(by: .seconds(3))
        try await fleet.settle(one)
        for node in [one, two, fleet.node(3)] {
            for key in ["k", "l"] as [CacheKey] {
                await #expect(throws: LoadFailure.self) { try await node.loadingInVain(key) }
            }
        }
    }

    @Test func aLoadUnderALeaseIsNotKeptOnceItsTagIsInvalidated() async throws {
        let nodes = Nodes()
        let (one, two, three) = (nodes.leased(), nodes.leased(), nodes.node())
        let (door, tally) = (Door(), Tally())
        let first = Task {
            try await one.result(for: "k", options: .tagged("x")) { _ in
                await door.pass()
                return Loaded(1)
            }
        }
        await door.someoneWaits()
        let second = Task {
            try await two.result(for: "k", options: .tagged("x")) { _ in
                tally.add()
                return Loaded(2)
            }
        }
        await eventually { nodes.remote.leaseWaiters == 1 }
        try await three.invalidate(tags: ["x"])
        #expect(tally.count == 0)
        door.open()
        #expect(try await first.value.value == 1)
        // Who has waited for the lease finds nothing that it may believe, and loads.
        let result = try await second.value
        #expect(result.value == 2 && result.provenance.source == .load && result.provenance.stored)
        #expect(tally.count == 1)
        for cache in [one, two, three] { #expect(try await cache.int("k") == 2) }
        await eventually { nodes.remote.leaseOwners.isEmpty }
    }

    @Test func anEarlyRefreshUnderALeaseIsNotKeptEither() async throws {
        let nodes = Nodes()
        let (one, other) = (nodes.leased { $0.readingOrder = .memoryUnchecked }, nodes.node())
        var options = EntryOptions.tagged("x", timeToLive: .seconds(10))
        options.earlyRefresh = 1e9
        let time = nodes.time
        _ = try await one.value(for: "k", options: options) {
            time.advance(by: .seconds(1))
            return 1
        }
        let door = Door()
        let early = try await one.value(for: "k", options: options) {
            await door.pass()
            return 2
        }
        #expect(early == 1)
        await door.someoneWaits()
        #expect(nodes.remote.leaseOwners.count == 1)
        try await other.invalidate(tags: ["x"])
        door.open()
        await eventually { one.statistics().backgroundLoads == 0 && nodes.remote.leaseOwners.isEmpty }
        #expect(try await other.int("k") == nil)
        #expect(try await nodes.node().int("k") == nil)
    }
}
