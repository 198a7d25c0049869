import RecuerdeTesting
import Testing

@testable import Recuerde

/// What statistics tell of leases.
@Suite(.timeLimit(.minutes(1))) struct LeaseCountTests {
    private let nodes = Nodes()

    /// A load of `k` that another node's takes over while `body` runs; then it ends.
    private func loading(_ cache: Cache, while body: () async throws -> Void) async throws {
        let door = Door()
        let load = Task {
            try await cache.value(for: "k") {
                await door.pass()
                return 1
            }
        }
        await door.someoneWaits()
        try await body()
        door.open()
        _ = try await load.value
        await eventually { cache.flights.running == 0 }
    }

    @Test func aLeaseThatIsKeptIsNotLost() async throws {
        let cache = nodes.leased()
        try await loading(cache) {}
        #expect(cache.statistics().leasesLost == 0)
    }

    /// Nobody else takes it: the owner itself sees that its time has passed.
    @Test func aLeaseThatCannotBeRenewedIsLostOnce() async throws {
        let tier = LeaseTier(nodes.remote)
        let cache = nodes.leased(tier)
        try await loading(cache) {
            tier.fail(.isCutOff)
            await nodes.pass(.seconds(6))
        }
        #expect(cache.statistics().leasesLost == 1)
    }

    @Test func aLeaseThatAnotherHasWhenItIsGivenBackIsLost() async throws {
        let cache = nodes.leased()
        try await loading(cache) { nodes.remote.evictLease("{test:v2:k}:l") }
        #expect(cache.statistics().leasesLost == 1)
        #expect(cache.statistics().loads == 1)
    }

    @Test func whoGetsNoLeaseLosesNone() async throws {
        let tier = LeaseTier(nodes.remote)
        tier.fail(.isRefused)
        let cache = nodes.leased(tier)
        try await loading(cache) {}
        #expect(cache.statistics().leasesLost == 0)
    }
}
