import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Testing

/// What `explain` tells on a real server.
@Suite(.timeLimit(.minutes(1))) struct RedisExplainTests {
    /// Lets loads go on when the test says so.
    private final class Gate: Sendable {
        private let stream: (AsyncStream<Void>, AsyncStream<Void>.Continuation) = AsyncStream.makeStream()

        func open() { stream.1.finish() }

        func pass() async { for await _ in stream.0 {} }
    }

    @Test func whoHasTheLeaseOfALoad() async throws {
        try await withRedisServer { server in
            try await withNode(server, tracks: true, { $0.defaultLoadsOncePerCluster = true }) {
                (one: Node) async throws -> Void in
                try await withNode(server, tracks: true, { $0.defaultLoadsOncePerCluster = true }) {
                    (two: Node) async throws -> Void in
                    let gate = Gate()
                    let load = Task {
                        try await one.cache.value(for: "k") {
                            await gate.pass()
                            return 1
                        }
                    }
                    let isHeld = try await eventually { try await two.cache.explain("k").lease != nil }
                    #expect(isHeld)
                    let elsewhere = try #require(try await two.cache.explain("k").lease)
                    #expect(!elsewhere.isHeldHere && elsewhere.remaining.map { $0 > .zero } == true)
                    let here = try await one.cache.explain("k")
                    #expect(here.lease?.isHeldHere == true && here.flights.count == 1)
                    #expect(try await two.cache.explain("k").flights.isEmpty)
                    gate.open()
                    #expect(try await load.value == 1)
                    let isFree = try await eventually { try await two.cache.explain("k").lease == nil }
                    #expect(isFree)
                    #expect(try await two.cache.explain("k").redis?.state == "fresh")
                }
            }
        }
    }
}
