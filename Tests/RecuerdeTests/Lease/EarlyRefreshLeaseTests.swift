import RecuerdeTesting
import Testing

@testable import Recuerde

/// `docs/scenarios-cache.md`: early refresh, one per cluster, which never blocks anyone.
@Suite struct EarlyRefreshLeaseTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }
    private var remote: ScriptedRemoteTier { nodes.remote }

    /// So eager that a hit close to the expiry comes due for certain, as good as.
    private func options(_ eagerness: Double = 1e9) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(60))
        options.earlyRefresh = eagerness
        options.loadTimeout = .seconds(3_600)
        return options
    }

    private func fill(_ cache: Cache) async throws {
        let time = time
        _ = try await cache.value(for: "k", options: options()) {
            time.advance(by: .seconds(1))
            return 1
        }
        await eventually { remote.leaseOwners.isEmpty }
    }

    @Test(arguments: [ReadingOrder.remoteFirst, .memoryUnchecked])
    func scenario83_oneRefreshesAndNobodyIsBlocked(order: ReadingOrder) async throws {
        let tier = LeaseTier(remote)
        let (one, other) = (
            nodes.leased { $0.readingOrder = order }, nodes.leased(tier) { $0.readingOrder = order }
        )
        try await fill(one)
        let (door, tally) = (Door(), Tally())
        #expect(
            try await one.value(for: "k", options: options()) {
                tally.add()
                await door.pass()
                return 2
            } == 1
        )
        await door.someoneWaits()
        let asked = tier.counts.asked
        for _ in 0..<50 {
            #expect(
                try await other.value(for: "k", options: options()) {
                    tally.add()
                    return 3
                } == 1
            )
            await eventually { other.flights.running == 0 }
        }
        // Once, and then it leaves it alone for as long as the lease stands.
        #expect(tier.counts.asked == asked + 1)
        #expect(tally.count == 1 && other.statistics().backgroundLoads == 0)
        #expect(other.statistics().earlyRefreshes == 0 && one.statistics().earlyRefreshes == 1)
        #expect(other.statistics().loadFailures == 0 && other.statistics().leaseWaits == 0)
        door.open()
        await eventually { remote.leaseOwners.isEmpty }
        #expect(try await nodes.node().get("k") == 2)
    }

    /// The one that refreshes is stopped, and its lease runs out: another does.
    @Test func whereTheOneIsStoppedAnotherRefreshes() async throws {
        let tier = LeaseTier(remote)
        let (one, other) = (nodes.leased(tier), nodes.leased())
        try await fill(one)
        let (door, tally) = (Door(), Tally())
        _ = try await one.value(for: "k", options: options()) {
            await door.pass()
            return 2
        }
        await door.someoneWaits()
        tier.fail(.isCutOff)
        #expect(try await other.value(for: "k", options: options()) { tally.add() } == 1)
        await eventually { other.flights.running == 0 }
        time.advance(by: .seconds(6))
        #expect(
            try await other.value(for: "k", options: options()) {
                tally.add()
                return 3
            } == 1
        )
        await eventually { other.flights.running == 0 }
        #expect(tally.count == 1 && other.statistics().earlyRefreshes == 1)
        #expect(try await nodes.node().get("k") == 3)
        tier.fail(nil)
        door.open()
        await eventually { one.flights.running == 0 }
        #expect(try await nodes.node().get("k") == 3)
    }

    @Test func whereLeasesAreDeniedEachNodeRefreshesByItself() async throws {
        let (one, other) = (nodes.leased(), nodes.leased())
        try await fill(one)
        remote.failLeases(RemoteTierError(.refused, "scripted to be refused"))
        let (door, tally) = (Door(), Tally())
        for cache in [one, other] {
            _ = try await cache.value(for: "k", options: options()) {
                tally.add()
                await door.pass()
                return 2
            }
        }
        await door.someoneWaits(count: 2)
        #expect(tally.count == 2)
        door.open()
        await eventually { one.flights.running + other.flights.running == 0 }
    }

    /// Without leases, each node refreshes by itself, as ever.
    @Test func withoutLeasesItIsOneForEachNode() async throws {
        let (one, other) = (nodes.node(), nodes.node())
        try await fill(one)
        let door = Door()
        for cache in [one, other] {
            _ = try await cache.value(for: "k", options: options()) {
                await door.pass()
                return 2
            }
        }
        await door.someoneWaits(count: 2)
        #expect(one.statistics().earlyRefreshes == 1 && other.statistics().earlyRefreshes == 1)
        door.open()
        await eventually { one.flights.running + other.flights.running == 0 }
    }

    /// Who finds the value expired while another node refreshes it waits for that, as for any load.
    @Test func whoFindsNothingMeanwhileWaitsForTheOtherNode() async throws {
        let (one, other) = (nodes.leased(), nodes.leased())
        try await fill(one)
        let (door, tally) = (Door(), Tally())
        _ = try await one.value(for: "k", options: options()) {
            await door.pass()
            return 2
        }
        await door.someoneWaits()
        let end = time.now().advanced(by: .seconds(61))
        await nodes.pass(keeping: "{test:v2:k}:l", above: .seconds(3), until: { time.now() >= end })
        let late = Task {
            try await other.value(for: "k", options: options(0)) {
                tally.add()
                return 3
            }
        }
        await eventually { remote.leaseWaiters == 1 }
        door.open()
        #expect(try await late.value == 2)
        #expect(tally.count == 0)
    }
}
