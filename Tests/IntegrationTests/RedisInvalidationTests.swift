import Logging
import NIOCore
import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Synchronization
import Testing

/// Nodes that ask memory first, on one real server: what others change is seen.
@Suite(.serialized) struct RedisInvalidationTests {
    private func withTwo(
        _ change: (inout CacheConfiguration) -> Void = { _ in },
        _ body: (RedisServerProcess, Node, Node) async throws -> Void
    ) async throws {
        try await withRedisServer { server in
            try await withNode(server, tracks: true, change) { one in
                try await withNode(server, tracks: true, change) { two in
                    #expect(try await eventually { Self.isWatched(one) && Self.isWatched(two) })
                    try await body(server, one, two)
                }
            }
        }
    }

    /// Whether all its connections tell of changes.
    private static func isWatched(_ node: Node) -> Bool {
        node.cache.statistics().invalidationLines == System.coreCount
    }

    /// Until a read from memory, if possible, finds this.
    private func comes(_ value: Int?, under key: CacheKey, on node: Node) async throws -> Bool {
        try await eventually { try await node.cache.get(key, as: Int.self) == value }
    }

    /// Reads a key again and again; true if the server was asked for none of it.
    private func isAnsweredByMemory(_ key: CacheKey, on node: Node) async throws -> Bool {
        let before = node.cache.statistics().remote.totalRequests
        for _ in 0..<10 { _ = try await node.cache.get(key, as: Int.self) }
        return node.cache.statistics().remote.totalRequests == before
    }

    @Test func scenario69_memoryAnswersUntilAnotherNodeWrites() async throws {
        try await withTwo { _, one, two in
            for number in 0..<50 {
                let key = CacheKey("k", "\(number)")
                try await one.cache.set(key, to: 1)
                #expect(try await two.cache.get(key) == 1)
                #expect(try await isAnsweredByMemory(key, on: one))
                #expect(try await isAnsweredByMemory(key, on: two))
                try await two.cache.set(key, to: 2)
                #expect(try await comes(2, under: key, on: one))
                #expect(try await isAnsweredByMemory(key, on: one))
                #expect(try await isAnsweredByMemory(key, on: two))
                _ = try await one.cache.delete(key)
                #expect(try await comes(nil, under: key, on: two))
                // What was loaded is watched as well, and an entry that another has loaded and kept replaces nothing.
                #expect(try await two.cache.value(for: key) { 3 } == 3)
                #expect(try await isAnsweredByMemory(key, on: two))
                #expect(try await one.cache.value(for: key) { 4 } == 3)
                #expect(try await isAnsweredByMemory(key, on: one))
                #expect(try await isAnsweredByMemory(key, on: two))
            }
        }
    }

    @Test func severalKeysAtOnceAreWatchedEachByItself() async throws {
        try await withTwo { _, one, two in
            let keys = (0..<40).map { CacheKey("k", "\($0)") }
            try await one.cache.set(Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) }))
            #expect(try await two.cache.get(keys, as: Int.self).count == 40)
            for key in keys {
                #expect(try await isAnsweredByMemory(key, on: one))
                #expect(try await isAnsweredByMemory(key, on: two))
            }
            try await one.cache.set(Dictionary(uniqueKeysWithValues: keys.map { ($0, 2) }))
            for key in keys { #expect(try await comes(2, under: key, on: two)) }
            #expect(try await two.cache.clear() == 40)
            for key in keys { #expect(try await comes(nil, under: key, on: one)) }
        }
    }

    /// What other programs do.
    enum Foreign: CaseIterable, Sendable {
        case del, overwrite, expire, flushdb, flushall
    }

    @Test(arguments: Foreign.allCases)
    func scenario86_whatOtherProgramsDoIsSeen(foreign: Foreign) async throws {
        try await withTwo { server, one, _ in
            try await one.cache.set("k", to: 1)
            #expect(try await isAnsweredByMemory("k", on: one))
            switch foreign {
            case .del: try server.command("DEL", "test:v2:k")
            case .overwrite: try server.command("SET", "test:v2:k", "rubbish")
            case .expire: try server.command("PEXPIRE", "test:v2:k", "1")
            case .flushdb: try server.command("FLUSHDB")
            case .flushall: try server.command("FLUSHALL")
            }
            #expect(try await comes(nil, under: "k", on: one))
            try await one.cache.set("k", to: 2)
            #expect(try await one.cache.get("k") == 2)
            #expect(try await isAnsweredByMemory("k", on: one))
        }
    }

    /// What the server lets go of while a command of this very node is carried out is told as well, which it would not be with NOLOOP.
    @Test(arguments: [false, true])
    func whatAnOwnCommandDrivesOutIsTold(byMemory: Bool) async throws {
        try await withTwo { server, one, two in
            let keys = (0..<200).map { CacheKey("k", "\($0)") }
            if !byMemory { try server.command("CONFIG", "SET", "tracking-table-max-keys", "20") }
            for key in keys { try await one.cache.set(key, to: 1) }
            for key in keys { #expect(try await one.cache.get(key) == 1) }
            if byMemory {
                // Driven out by what the node itself writes.
                let used = try server.command("INFO", "memory").split(separator: "\n")
                    .first { $0.hasPrefix("used_memory:") }?.dropFirst(12).filter(\.isNumber)
                let bound = (used.flatMap { Int($0) } ?? 0) + 500_000
                try server.command("CONFIG", "SET", "maxmemory", "\(bound)")
                try server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
                let ballast = String(repeating: "x", count: 10_000)
                for number in 0..<300 { try await one.cache.set(CacheKey("b", "\(number)"), to: ballast) }
                try server.command("CONFIG", "SET", "maxmemory", "0")
            }
            for key in keys { try await two.cache.set(key, to: 2) }
            for key in keys { #expect(try await comes(2, under: key, on: one)) }
        }
    }

    @Test func writesOfTwoNodesInTheSameMomentLeaveBothWithTheLater() async throws {
        try await withTwo { _, one, two in
            for round in 0..<300 {
                let key = CacheKey("k", "\(round % 7)")
                async let first: Void = one.cache.set(key, to: round * 2)
                async let second: Void = two.cache.set(key, to: round * 2 + 1)
                try await first
                try await second
                #expect(
                    try await eventually {
                        let (mine, yours) = (
                            try await one.cache.get(key, as: Int.self), try await two.cache.get(key, as: Int.self)
                        )
                        return mine == yours && mine != nil && (mine ?? 0) / 2 >= round
                    }
                )
            }
        }
    }

    @Test func scenario86_killedConnectionsLoseNoInvalidation() async throws {
        try await withTwo { server, one, two in
            for round in 0..<5 {
                for number in 0..<10 { try await one.cache.set(CacheKey("k", "\(number)"), to: -1) }
                try server.command("CLIENT", "KILL", "TYPE", "normal")
                for number in 0..<10 {
                    #expect(
                        try await eventually {
                            try await two.cache.set(CacheKey("k", "\(number)"), to: round)
                            return two.cache.statistics().journalDepth == 0
                        }
                    )
                }
                for number in 0..<10 { #expect(try await comes(round, under: CacheKey("k", "\(number)"), on: one)) }
                #expect(try await eventually { Self.isWatched(one) && Self.isWatched(two) })
                // What was checked, or read anew, is watched again.
                for number in 0..<10 {
                    #expect(try await eventually { try await isAnsweredByMemory(CacheKey("k", "\(number)"), on: one) })
                }
            }
        }
    }

    @Test func aNodeThatHeardNothingForAWhileFindsOutWhatItMissed() async throws {
        try await withRedisServer { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            let bound = Duration.milliseconds(500)
            let url = "redis://127.0.0.1:\(proxy.port)"
            try await withNode(server, url: url, tracks: true, { $0.stalenessBound = bound }) { deaf in
                try await withNode(server, tracks: true) { other in
                    #expect(try await eventually { Self.isWatched(deaf) })
                    try await deaf.cache.set("k", to: 1)
                    #expect(try await isAnsweredByMemory("k", on: deaf))
                    // Answers are held back, notices too; what is sent goes through.
                    proxy.toClients(.stop)
                    try await other.cache.set("k", to: 2)
                    // While Redis does not answer, memory does.
                    #expect(try await deaf.cache.get("k", as: Int.self) != nil)
                    proxy.toClients(.forward)
                    #expect(try await comes(2, under: "k", on: deaf))
                }
            }
        }
    }

    @Test func withoutTheRightToTrackRedisIsAskedFirst() async throws {
        try await withRedisServer { server in
            try server.command("ACL", "SETUSER", "plain", "on", ">secret", "~*", "&*", "+@all", "-client|tracking")
            let url = "redis://plain:secret@127.0.0.1:\(server.port)"
            try await withNode(server, url: url, tracks: true) { one in
                try await withNode(server, url: url, tracks: true) { two in
                    try await one.cache.set("k", to: 1)
                    #expect(try await two.cache.get("k") == 1)
                    try await one.cache.set("k", to: 2)
                    #expect(try await two.cache.get("k") == 2)
                    #expect(one.cache.statistics().invalidationLines == 0)
                    #expect(try await !isAnsweredByMemory("k", on: two))
                }
            }
        }
    }

    @Test func scenario77_severalCachesOnOneTierHearEachOfItsOwn() async throws {
        try await withRedisServer { server in
            try await withNode(server, tracks: true) { other in
                var configuration = RedisConfiguration(url: try RedisURL(server.url))
                configuration.tracksKeys = true
                let client = try configuration.makeExecutor(logger: Logger(label: "test"))
                let tier = RedisTier(client: client)
                let caches = ["test", "second"].map { prefix in
                    var configuration = CacheConfiguration()
                    configuration.prefix = prefix
                    return Cache(configuration: configuration, remote: tier)
                }
                for cache in caches {
                    await cache.connect()
                    try await cache.set("k", to: 1)
                }
                try await other.cache.set("k", to: 2)
                #expect(try await eventually { try await caches[0].get("k") == 2 })
                #expect(try await caches[1].get("k") == 1)
                await client.shutdown()
                #expect(caches.allSatisfy { $0.statistics().invalidationLines == 0 })
            }
        }
    }
}
