import Recuerde
import RecuerdeTesting
import Testing

/// Notices of others' changes that come while the node itself writes the entry. Found by the model checker.
@Suite(.timeLimit(.minutes(1))) struct NoticeBesideWriteTests {
    private let nodes = Nodes()

    @Test func aCopyThatWasReadBesideAnOwnWriteIsNotBelievedAfterAnothersChange() async throws {
        let link = nodes.remote.node("one", isTracked: true)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let (cache, other) = (Cache(configuration: configuration, remote: link, timeSource: nodes.time), nodes.node())
        await cache.connect()
        try await other.set("k", to: 1)
        link.planNext([ScriptedExchange(requestDelay: .milliseconds(100))])
        let removal = Task { try await cache.delete("k") }
        // The line's next proof, and the removal.
        await nodes.time.waitForSleepers(atLeast: 2)
        #expect(try await cache.get("k") == 1)
        try await other.set("k", to: 2)
        await eventually { link.told(of: "test:v2:k") == 1 }
        // That notice may be the removal's own, as far as the node knows.
        #expect(try await cache.get("k") == 2)
        nodes.time.advance(by: .milliseconds(100))
        #expect(try await removal.value)
        #expect(try await cache.get("k", as: Int.self) == nil)
    }
}
