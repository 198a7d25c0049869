import Recuerde
import RecuerdeTesting
import Synchronization
import Testing

/// An expiry that comes while another node is about to keep what it has loaded.
@Suite(.timeLimit(.minutes(1))) struct ExpiredWhileKeptTests {
    private let nodes = Nodes()

    /// It is in memory already, and later than what stands in Redis, expired.
    @Test func whatWasLoadedBeforeAnExpiryIsNotReadAsFreshWhileItIsOnItsWay() async throws {
        let tier = InterposedTier(nodes.remote)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let one = Cache(configuration: configuration, remote: tier, timeSource: nodes.time)
        let two = nodes.node()
        try await two.set("k", to: 1, options: .standingIn)
        let seen = Mutex<[Int?]>([])
        tier.beforeWriting {
            _ = try? await two.expire("k")
            let single = try? await one.get("k", as: Int.self)
            let several = try? await one.get(["k"], as: Int.self)
            seen.withLock { $0 = [single, several?["k"]] }
        }
        var options = EntryOptions.standingIn
        options.readPolicy = .refresh
        nodes.time.advance(by: .seconds(1))
        #expect(try await one.value(for: "k", options: options) { 2 } == 2)
        #expect(seen.withLock { $0 } == [nil, nil])
        #expect(try await one.get("k", as: Int.self) == nil)
        #expect(try await two.get("k", as: Int.self) == nil)
        #expect(try await one.failing("k")?.value == 1)
    }
}
