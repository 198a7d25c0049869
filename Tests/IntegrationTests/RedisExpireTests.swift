import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Testing

/// Values that callers have expired, on a real server.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RedisExpireTests {
    private struct Failed: Error {}

    private static var standingIn: EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(60))
        options.maximumStaleness = .seconds(3_600)
        options.failureThrottle = .zero
        return options
    }

    /// What stands in for a load that fails; nil where nothing does.
    private func failing(_ key: CacheKey, on node: Node) async throws -> Int? {
        do {
            let result = try await node.cache.result(for: key, options: Self.standingIn) { _ -> Loaded<Int> in
                throw Failed()
            }
            return result.value
        } catch is Failed {
            return nil
        }
    }

    private func comes(_ value: Int?, under key: CacheKey, on node: Node) async throws -> Bool {
        try await eventually { try await node.cache.get(key, as: Int.self) == value }
    }

    private func withNodes(
        _ count: Int,
        tracks: Bool = true,
        _ options: RedisServerOptions = RedisServerOptions(),
        _ body: (RedisServerProcess, [Node]) async throws -> Void
    ) async throws {
        try await withRedisServer(options) { server in
            let nodes = try (0..<count).map { _ in try Node(server, tracks: tracks) }
            for node in nodes {
                try? await node.client.connect()
                await node.cache.connect()
            }
            do {
                try await body(server, nodes)
            } catch {
                for node in nodes { await node.client.shutdown() }
                throw error
            }
            for node in nodes { await node.client.shutdown() }
        }
    }

    @Test(arguments: [false, true]) func scenario71_whoHadACopyAndWhoHadNoneHaveTheFallback(tracks: Bool) async throws {
        try await withNodes(4, tracks: tracks) { server, nodes in
            try await nodes[0].cache.set("k", to: 1, options: Self.standingIn)
            for node in nodes[1...2] { #expect(try await node.cache.get("k") == 1) }
            let life = try #require(Int(try server.command("PTTL", "test:v2:k")))
            #expect(try await nodes[0].cache.expire("k"))
            let left = try #require(Int(try server.command("PTTL", "test:v2:k")))
            #expect(left <= life && left > life - 30_000)
            for node in nodes {
                #expect(try await comes(nil, under: "k", on: node))
                #expect(try await failing("k", on: node) == 1)
            }
            try await withNode(server, tracks: tracks) { (late: Node) async throws -> Void in
                #expect(try await late.cache.get("k", as: Int.self) == nil)
                #expect(try await failing("k", on: late) == 1)
            }
            #expect(try await nodes[1].cache.value(for: "k", options: Self.standingIn) { 2 } == 2)
            for node in nodes { #expect(try await comes(2, under: "k", on: node)) }
            #expect(try await nodes[2].cache.expire("k"))
            #expect(try await nodes[3].cache.delete("k"))
            for node in nodes {
                #expect(try await comes(nil, under: "k", on: node))
                #expect(try await eventually { try await failing("k", on: node) == nil })
            }
        }
    }

    @Test func anExpiredEntryIsStillTrackedByWhoExpiredIt() async throws {
        try await withNodes(2) { _, nodes in
            #expect(try await eventually { nodes.allSatisfy { $0.cache.statistics().invalidationLines > 0 } })
            try await nodes[0].cache.set("k", to: 1, options: Self.standingIn)
            try await nodes[0].cache.expire("k")
            #expect(try await failing("k", on: nodes[0]) == 1)
            // A copy that its node has just read is told of the next change, whoever had expired the entry.
            try await nodes[1].cache.set("k", to: 2, options: Self.standingIn)
            // The notice may come while it is read, which is not kept then.
            #expect(try await comes(2, under: "k", on: nodes[0]))
            #expect(try await comes(2, under: "k", on: nodes[0]))
            // The same for one that it has not read since: what another removes must not stand in here when Redis goes.
            try await nodes[0].cache.expire("k")
            #expect(nodes[0].cache.statistics().cacheSize == 1)
            #expect(try await nodes[1].cache.delete("k"))
            #expect(try await eventually { nodes[0].cache.statistics().cacheSize == 0 })
        }
    }

    /// The second changes nothing, so no notice of it comes, for which another's could be taken.
    @Test func whatAnotherRemovesAfterASecondExpiryIsHeardOf() async throws {
        try await withNodes(2) { _, nodes in
            #expect(try await eventually { nodes.allSatisfy { $0.cache.statistics().invalidationLines > 0 } })
            for _ in 0..<5 {
                try await nodes[0].cache.set("k", to: 1, options: Self.standingIn)
                #expect(try await nodes[0].cache.expire("k"))
                #expect(try await nodes[0].cache.expire("k"))
                #expect(nodes[0].cache.statistics().cacheSize == 1)
                #expect(try await nodes[1].cache.delete("k"))
                #expect(try await eventually { nodes[0].cache.statistics().cacheSize == 0 })
            }
        }
    }

    @Test func aSecondExpiryOnAFullServerLeavesWhatStandsIn() async throws {
        var options = RedisServerOptions()
        options.maxmemoryPolicy = "noeviction"
        try await withRedisServer(options) { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                try await node.cache.set("k", to: 1, options: Self.standingIn)
                #expect(try await node.cache.expire("k"))
                try server.command("CONFIG", "SET", "maxmemory", "1mb")
                #expect(try await node.cache.expire("k"))
                #expect(try server.command("EXISTS", "test:v2:k") == "1")
                #expect(try await failing("k", on: node) == 1)
                #expect(try await node.cache.clear(keepingStale: true) == 0)
                #expect(try server.command("EXISTS", "test:v2:k") == "1")
            }
        }
    }

    @Test func aLoadOfAnotherNodeIsNotStoredAfterIt() async throws {
        try await withNodes(2) { (_: RedisServerProcess, nodes: [Node]) async throws -> Void in
            let gate = AsyncStream<Void>.makeStream()
            let begun = AsyncStream<Void>.makeStream()
            async let loaded = nodes[1].cache.value(for: "k", options: Self.standingIn) {
                begun.continuation.yield()
                for await _ in gate.stream { break }
                return 2
            }
            for await _ in begun.stream { break }
            #expect(try await !nodes[0].cache.expire("k"))
            gate.continuation.yield()
            #expect(try await loaded == 2)
            for node in nodes { #expect(try await comes(nil, under: "k", on: node)) }
        }
    }

    @Test func scenario50_aSoftClearLeavesWhatMayStandInAndAHardOneNothing() async throws {
        try await withNodes(2) { server, nodes in
            let values = Dictionary(uniqueKeysWithValues: (0..<1_200).map { (CacheKey("k\($0)"), $0) })
            try await nodes[0].cache.set(values, options: Self.standingIn)
            #expect(try await nodes[1].cache.get("k7") == 7)
            #expect(try await nodes[1].cache.clear(keepingStale: true) == 1_200)
            for node in nodes {
                #expect(try await comes(nil, under: "k7", on: node))
                #expect(try await failing("k7", on: node) == 7)
                #expect(try await failing("k1199", on: node) == 1_199)
            }
            #expect(try await nodes[0].cache.clear(keepingStale: true) == 0)
            #expect(try await nodes[0].cache.clear() == 1_200)
            // The marks of the cache alone.
            #expect(try server.command("DBSIZE") == "1")
            try await withNode(server) { (late: Node) async throws -> Void in
                #expect(try await failing("k7", on: late) == nil)
            }
            for node in nodes { #expect(try await eventually { try await failing("k7", on: node) == nil }) }
        }
    }

    @Test func ofTwoClearsAtTheSameTimeTheHardOneWins() async throws {
        try await withNodes(3) { server, nodes in
            #expect(try await eventually { nodes.allSatisfy { $0.cache.statistics().invalidationLines > 0 } })
            for isSameNode in [false, true] {
                let values = Dictionary(uniqueKeysWithValues: (0..<1_200).map { (CacheKey("k\($0)"), $0) })
                try await nodes[0].cache.set(values, options: Self.standingIn)
                for node in nodes { #expect(try await node.cache.get("k7") == 7) }
                async let soft = nodes[0].cache.clear(keepingStale: true)
                async let hard = nodes[isSameNode ? 0 : 1].cache.clear()
                _ = try await (soft, hard)
                // The marks of the cache alone.
                #expect(try server.command("DBSIZE") == "1")
                for node in nodes {
                    for key in ["k7", "k1199"] as [CacheKey] {
                        #expect(try await eventually { try await failing(key, on: node) == nil })
                    }
                }
            }
            server.kill()
            for node in nodes { #expect(try await failing("k700", on: node) == nil) }
        }
    }

    @Test func withoutTheRightOrTheRoomToMarkItAnEntryGoes() async throws {
        var options = RedisServerOptions()
        options.maxmemoryPolicy = "noeviction"
        options.users = ["cache on >secret ~* &* +@all -setrange"]
        try await withRedisServer(options) { server in
            let url = "redis://cache:secret@127.0.0.1:\(server.port)/0"
            try await withNode(server, url: url) { (node: Node) async throws -> Void in
                try await node.cache.set(["a": 1, "b": 1], options: Self.standingIn)
                #expect(try await node.cache.expire("a"))
                #expect(try await failing("a", on: node) == nil)
                #expect(try await node.cache.clear(keepingStale: true) == 1)
                #expect(try await failing("b", on: node) == nil)
                #expect(node.cache.statistics().total.errors == 0)
            }
            try await withNode(server) { (node: Node) async throws -> Void in
                try await node.cache.set(["a": 1], options: Self.standingIn)
                try server.command("CONFIG", "SET", "maxmemory", "1mb")
                #expect(try await node.cache.expire("a"))
                #expect(try await node.cache.get("a", as: Int.self) == nil)
                #expect(try server.command("EXISTS", "test:v2:a") == "0")
            }
        }
    }

    @Test func anExpiryOfAnOutageIsCarriedOut() async throws {
        try await withNodes(2) { server, nodes in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            try await withNode(server, url: "redis://127.0.0.1:\(proxy.port)") { (cutOff: Node) async throws -> Void in
                try await cutOff.cache.set("old", to: 1, options: Self.standingIn)
                proxy.both(.stop)
                proxy.cut(reset: true)
                try await cutOff.cache.expire("old")
                try await cutOff.cache.set("new", to: 2, options: Self.standingIn)
                try await cutOff.cache.expire("new")
                #expect(try await failing("old", on: cutOff) == 1)
                #expect(try await failing("new", on: cutOff) == 2)
                proxy.both(.forward)
                proxy.cut(reset: true)
                #expect(try await recovered(cutOff))
                for node in nodes + [cutOff] {
                    #expect(try await comes(nil, under: "old", on: node))
                    #expect(try await failing("old", on: node) == 1)
                    #expect(try await node.cache.get("new", as: Int.self) == nil)
                    #expect(try await failing("new", on: node) == 2)
                }
            }
        }
    }
}
