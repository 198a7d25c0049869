import Recuerde
import RecuerdeTesting
import Testing

/// Entries without an envelope live in memory as long as in the remote tier.
@Suite struct PlainFormatTests {
    private let nodes = Nodes()

    @Test(arguments: ReadingOrder.allCases)
    func aReadDoesNotProlongTheLifeOfAnEntry(order: ReadingOrder) async throws {
        try await nodes.node { $0.format = .plain }.set("k", to: "v", options: .timeToLive(.seconds(10)))
        let cache = nodes.node {
            $0.format = .plain
            $0.readingOrder = order
        }
        nodes.time.advance(by: .seconds(9))
        let result = try #require(try await cache.result(for: "k", as: String.self))
        #expect(result.provenance.remaining == .seconds(1))
        nodes.remote.behave(Nodes.down)
        nodes.time.advance(by: .milliseconds(999))
        #expect(try await cache.get("k") == "v")
        nodes.time.advance(by: .milliseconds(1))
        #expect(try await cache.get("k", as: String.self) == nil)
    }

    @Test func theAgeOfAnEntryIsWhatIsSpentOfTheUsualLife() async throws {
        let cache = nodes.node {
            $0.format = .plain
            $0.defaultTimeToLive = .seconds(100)
        }
        try await cache.set("k", to: "v")
        nodes.time.advance(by: .seconds(30))
        let result = try #require(try await cache.result(for: "k", as: String.self))
        #expect(result.provenance.age == .seconds(30))
    }
}
