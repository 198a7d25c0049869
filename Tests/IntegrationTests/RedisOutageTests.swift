import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Testing

/// Real servers that are absent, die, freeze, and come back.
@Suite(.serialized) struct RedisOutageTests {
    private var persistent: RedisServerOptions {
        var options = RedisServerOptions()
        options.keepsData = true
        return options
    }

    @Test func aKeyDeletedWhileTheServerWasDeadDoesNotComeBackWithItsOldData() async throws {
        try await withRedisServer(persistent) { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                try await node.cache.set("deleted", to: "old")
                try await node.cache.set("changed", to: "old")
                try await node.cache.set("kept", to: "kept")
                try server.command("SAVE")
                server.kill()
                #expect(try await node.cache.delete("deleted"))
                try await node.cache.set("changed", to: "new")
                #expect(try await node.cache.get("kept") == "kept")
                #expect(try await node.cache.get("deleted", as: String.self) == nil)
                let health = await node.cache.health()
                #expect(!health.redis.available && health.statistics.backend == "memory")
                try server.restart()
                #expect(try server.command("EXISTS", "test:v2:deleted") == "1")
                #expect(try await node.cache.get("deleted", as: String.self) == nil)
                #expect(try await recovered(node))
                #expect(try server.command("EXISTS", "test:v2:deleted") == "0")
                #expect(try await node.cache.get("deleted", as: String.self) == nil)
                try await withNode(server) { (other: Node) async throws -> Void in
                    #expect(try await other.cache.get("deleted", as: String.self) == nil)
                    #expect(try await other.cache.get("changed") == "new")
                    #expect(try await other.cache.get("kept") == "kept")
                }
            }
        }
    }

    @Test func aFrozenServerCostsOneDeadlineAndItsLateCommandsDoNothing() async throws {
        try await withRedisServer { server in
            try await withNode(server, { $0.breakerThreshold = 1 }) { (node: Node) async throws -> Void in
                try await node.cache.set("k", to: "first")
                server.pause()
                // Written into the socket of a frozen server, which will find it there when it wakes.
                try await node.cache.set("k", to: "second")
                try await node.cache.set("k", to: "third")
                _ = try await node.cache.delete("d")
                #expect(try await node.cache.get("k") == "third")
                server.resume()
                #expect(try await recovered(node))
                #expect(try await node.cache.get("k") == "third")
                try await withNode(server) { (other: Node) async throws -> Void in
                    #expect(try await other.cache.get("k") == "third")
                }
            }
        }
    }

    @Test func scenario86_aServerThatIsAbsentAtStartIsUsedWhenItAppears() async throws {
        try await withRedisServer(persistent) { server in
            server.kill()
            try await withNode(server) { (node: Node) async throws -> Void in
                #expect(!node.cache.statistics().redisAvailable)
                try await node.cache.set("k", to: 1)
                #expect(try await node.cache.get("k") == 1)
                #expect(node.cache.statistics().backend == "memory")
                try server.restart()
                #expect(try await recovered(node))
                #expect(try server.command("EXISTS", "test:v2:k") == "1")
            }
        }
    }

    @Test func aWrongPasswordOnlyMeansMemory() async throws {
        var options = RedisServerOptions()
        options.password = "right"
        try await withRedisServer(options) { server in
            try await withNode(server, url: "redis://:wrong-secret@127.0.0.1:\(server.port)/0") {
                (node: Node) async throws -> Void in
                try await node.cache.set("k", to: 1)
                #expect(try await node.cache.get("k") == 1)
                let health = await node.cache.health()
                #expect(!health.redis.available)
                #expect(health.redis.lastError?.contains("WRONGPASS") == true)
                #expect(health.redis.lastError?.contains("wrong-secret") == false)
                #expect(health.redis.url == "redis://****@127.0.0.1:\(server.port)/0")
            }
            try await withNode(server, url: "redis://:right@127.0.0.1:\(server.port)/0") {
                (node: Node) async throws -> Void in
                #expect(node.cache.statistics().redisAvailable)
            }
        }
    }

    @Test func callersGoOnWhileTheServerIsKilledAndStartedUnderLoad() async throws {
        try await withRedisServer(persistent) { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                let failures = await withTaskGroup(of: Int.self) { group in
                    for caller in 0..<20 {
                        group.addTask {
                            var failures = 0
                            for round in 0..<150 {
                                let key = CacheKey("c\(caller)", "\(round % 7)")
                                do {
                                    try await node.cache.set(key, to: "\(caller):\(round)")
                                    let value = try await node.cache.get(key, as: String.self)
                                    if let value, value != "\(caller):\(round)" { failures += 1 }
                                } catch {
                                    failures += 1
                                }
                            }
                            return failures
                        }
                    }
                    group.addTask {
                        for _ in 0..<3 {
                            server.kill()
                            await Task.yield()
                            do { try server.restart() } catch { return 1 }
                            _ = try? server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                        }
                        return 0
                    }
                    return await group.reduce(0, +)
                }
                #expect(failures == 0)
                #expect(try await recovered(node))
                for caller in 0..<20 {
                    for last in 143..<150 {
                        let key = CacheKey("c\(caller)", "\(last % 7)")
                        #expect(try await node.cache.get(key, as: String.self) == "\(caller):\(last)")
                    }
                }
            }
        }
    }
}
