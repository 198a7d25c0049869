import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Synchronization
import Testing

/// Counts how often something ran.
private final class Count: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    @discardableResult
    func add() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// Scenarios of the cache that are played with a manual clock elsewhere, once more on a real server.
@Suite(.timeLimit(.minutes(2))) struct CacheScenarioTests {
    private func nodes(
        count: Int = 2,
        _ change: (inout CacheConfiguration) -> Void = { _ in },
        _ body: (RedisServerProcess, [Node]) async throws -> Void
    ) async throws {
        try await withRedisServer { server in
            let nodes = try (0..<count).map { _ in try Node(server, change) }
            for node in nodes { await node.cache.connect() }
            do {
                try await body(server, nodes)
            } catch {
                for node in nodes { await node.client.shutdown() }
                throw error
            }
            for node in nodes { await node.client.shutdown() }
        }
    }

    @Test func scenario4_aStoredNilIsFoundByAnotherNode() async throws {
        try await nodes { _, nodes in
            try await nodes[0].cache.set("k", to: Int?.none)
            #expect(try await nodes[1].cache.get("k", as: Int?.self) == .some(nil))
            let loads = Count()
            let value = try await nodes[1].cache.value(for: "k") { () -> Int? in
                loads.add()
                return 1
            }
            #expect(value == nil && loads.value == 0)
        }
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(30 * 86_400)])
    func scenario6_aLongLifeIsTakenByRedis(life: Duration) async throws {
        try await nodes(count: 1) { server, nodes in
            try await nodes[0].cache.set("k", to: 1, options: .timeToLive(life))
            #expect(nodes[0].cache.statistics().total.errors == 0)
            let left = try #require(Int(try server.command("PTTL", "test:v2:k")))
            #expect(left > 29 * 86_400_000 && left <= 36_525 * 86_400_000)
            if life == .seconds(Int64.max) { #expect(left > 36_524 * 86_400_000) }
            #expect(try await nodes[0].cache.get("k") == 1)
        }
    }

    @Test(arguments: [0, 10_000], [100, 1_000, 10_000])
    func scenario9_oneLoadHoweverManyAsk(memory entries: Int, callers: Int) async throws {
        try await nodes(
            count: 1,
            {
                $0.memory.maximumEntries = entries
                $0.remoteDeadline = .seconds(10)
            }
        ) { _, nodes in
            let cache = nodes[0].cache
            let loads = Count()
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<callers {
                    group.addTask {
                        try await cache.value(for: "k") {
                            loads.add()
                            return 1
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == callers)
            // Whoever comes after the load has landed finds what it has left in Redis.
            #expect(loads.value == 1)
        }
    }

    @Test func scenario11_aWarmRedisAnswersColdMemoryWithoutALoad() async throws {
        try await nodes { _, nodes in
            try await nodes[0].cache.set("k", to: 9)
            let cache = nodes[1].cache
            let loads = Count()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        try await cache.value(for: "k") {
                            loads.add()
                        }
                    }
                }
                for try await value in group { #expect(value == 9) }
            }
            #expect(loads.value == 0)
        }
    }

    @Test func scenario54_theLifeOfAnEntryIsThatOfItsWrite() async throws {
        try await nodes { server, nodes in
            try await nodes[0].cache.set("k", to: 5, options: .timeToLive(.seconds(100)))
            let written = try #require(try await nodes[0].cache.result(for: "k", as: Int.self)).provenance
            let read = try #require(try await nodes[1].cache.result(for: "k", as: Int.self)).provenance
            #expect(read.stamp == written.stamp && read.stamp != .zero)
            let remaining = try #require(read.remaining)
            #expect(remaining > .zero && remaining <= .seconds(100))
            #expect(read.age >= .zero && read.age + remaining <= .seconds(101))
        }
    }

    @Test func scenario57_writesReachRedisAgainOnceItIsBack() async throws {
        try await nodes(count: 1) { server, nodes in
            let cache = nodes[0].cache
            try await cache.set("k", to: 1)
            server.pause()
            try await cache.set("k", to: 2)
            try await cache.set("k", to: 3)
            #expect(try await cache.get("k") == 3)
            server.resume()
            #expect(
                try await eventually {
                    _ = try await cache.get("other", as: Int.self)
                    return cache.statistics().redisAvailable && cache.statistics().journalDepth == 0
                }
            )
            try await withNode(server) { (other: Node) async throws -> Void in
                #expect(try await other.cache.get("k") == 3)
            }
        }
    }

    @Test func scenario58_aWriteThatFailsIsReadHereAndNotThere() async throws {
        try await nodes { server, nodes in
            try await nodes[0].cache.set("k", to: "old")
            try server.command("CONFIG", "SET", "maxmemory", "1")
            try await nodes[0].cache.set("k", to: "new")
            #expect(try await nodes[0].cache.get("k") == "new")
            // What it would have replaced is outdated and goes; the new value is not there.
            #expect(try await nodes[1].cache.get("k", as: String.self) == nil)
        }
    }
}
