import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Testing

/// The remote tier against real servers.
@Suite(.serialized) struct RedisTierTests {
    @Test func bothTiersKeepTheSameContract() async throws {
        let scripted = ScriptedRemoteTier(timeSource: SystemTimeSource())
        try await RemoteTierConformance(tier: scripted, prefix: "c:").checkAll()
        try await withRedisServer { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                try await RemoteTierConformance(tier: RedisTier(client: node.client), prefix: "c:").checkAll()
            }
        }
    }

    @Test func valuesGoThroughAndAreSharedBetweenNodes() async throws {
        struct Answer: Codable, Sendable, Equatable {
            var text: String
            var points: [Double?]
        }
        try await withRedisServer { server in
            try await withNode(server) { (one: Node) async throws -> Void in
                try await withNode(server) { (two: Node) async throws -> Void in
                    let answer = Answer(text: "¡Ojalá!\r\n\u{0}", points: [0.1, nil])
                    try await one.cache.set("a", to: answer)
                    #expect(try await two.cache.get("a") == answer)
                    #expect(try await two.cache.value(for: "l") { 7 } == 7)
                    let result = try #require(try await one.cache.result(for: "l", as: Int.self))
                    #expect(result.provenance.source == .redis)
                    #expect(try await one.cache.delete("a"))
                    #expect(try await two.cache.get("a", as: Answer.self) == nil)
                    #expect(try await !one.cache.delete("a"))
                    try await one.cache.set(["x": "1", "y": "2"])
                    #expect(try await two.cache.get(["x", "y", "z"], as: String.self) == ["x": "1", "y": "2"])
                    #expect(try await two.cache.contains("x"))
                    let health = await two.cache.health()
                    #expect(health.redis.available && health.redis.healthy && health.statistics.backend == "redis")
                }
            }
        }
    }

    @Test func thePlainFormatIsWhatTheFirstGenerationReadsAndWrites() async throws {
        try await withRedisServer { server in
            try await withNode(server, { $0.format = .plain }) { (node: Node) async throws -> Void in
                try await node.cache.set("ai:feedback:x", to: "Muy bien", options: .timeToLive(.seconds(100)))
                #expect(try server.command("GET", "test:ai:feedback:x") == "Muy bien")
                let life = try #require(Int(try server.command("TTL", "test:ai:feedback:x")))
                #expect((1...100).contains(life))
                try server.command("SETEX", "test:ai:hint:y", "50", #"{"hint": "piensa"}"#)
                #expect(try await node.cache.get("ai:hint:y") == ["hint": "piensa"])
                #expect(try await node.cache.clear() == 2)
            }
        }
    }

    @Test func aClearWalksInBatchesAndTouchesNothingElse() async throws {
        try await withRedisServer { server in
            try await withNode(server, { $0.prefix = "a*b[c]" }) { (node: Node) async throws -> Void in
                for number in 0..<1_500 { try await node.cache.set("k\(number)", to: number) }
                for foreign in ["axb[c]:v2:x", "a*b[c]", "other"] { try server.command("SET", foreign, "1") }
                #expect(try await node.cache.keys(limit: 2_000).keys.count == 1_500)
                #expect(try await node.cache.clear() == 1_500)
                // What is not ours, and the marks of the cache.
                #expect(try server.command("DBSIZE") == "4")
                #expect(try server.command("TYPE", "{a*b[c]:v2}:m") == "hash")
                let commands = try server.command("INFO", "commandstats")
                #expect(!commands.contains("cmdstat_keys:") && !commands.contains("cmdstat_flush"))
            }
        }
    }

    @Test func aFullServerKeepsTheCallerGoingAndServesNothingOld() async throws {
        var options = RedisServerOptions()
        options.maxmemoryPolicy = "noeviction"
        try await withRedisServer(options) { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                try await node.cache.set("k", to: "old")
                try await node.cache.set("gone", to: "old")
                try server.command("CONFIG", "SET", "maxmemory", "1mb")
                try await node.cache.set("k", to: "new")
                #expect(try await node.cache.get("k") == "new")
                #expect(try await node.cache.delete("gone"))
                #expect(try await node.cache.get("gone", as: String.self) == nil)
                #expect(node.cache.statistics().redisAvailable)
                try await withNode(server) { (other: Node) async throws -> Void in
                    #expect(try await other.cache.get("k", as: String.self) != "old")
                    #expect(try await other.cache.get("gone", as: String.self) == nil)
                }
                try server.command("CONFIG", "SET", "maxmemory", "0")
                let arrived = try await eventually {
                    _ = try await node.cache.get("k", as: String.self)
                    return node.cache.statistics().journalDepth == 0
                }
                #expect(arrived)
                try await withNode(server) { (other: Node) async throws -> Void in
                    #expect(try await other.cache.get("k") == "new")
                }
            }
        }
    }

    @Test func theLeastACLIsEnough() async throws {
        var options = RedisServerOptions()
        options.users = [
            // Just what docs/setup.md names.
            "cache on >secret resetchannels ~test:* ~{test:* +get +mget +set +del +unlink +scan +exists +getrange +setrange +time "
                + "+pttl +pexpire +hget +hset +ping +evalsha +eval +select +client|setname "
                + "+client|tracking +client|trackinginfo"
        ]
        try await withRedisServer(options) { server in
            try await withNode(server, url: "redis://cache:secret@127.0.0.1:\(server.port)/0", tracks: true) {
                (node: Node) async throws -> Void in
                try await node.cache.set("k", to: 1)
                #expect(try await node.cache.get("k") == 1)
                #expect(try await node.cache.value(for: "l") { 2 } == 2)
                #expect(try await node.cache.delete("k"))
                #expect(try await node.cache.keys().keys == ["l"])
                // What is expired stays, marked, by one and by all.
                var lasting = EntryOptions.timeToLive(.seconds(60))
                lasting.maximumStaleness = .seconds(60)
                try await node.cache.set(["m": 3, "n": 4], options: lasting)
                #expect(try await node.cache.expire("m"))
                #expect(try await node.cache.clear(keepingStale: true) == 2)
                #expect(try server.command("EXISTS", "test:v2:l", "test:v2:m", "test:v2:n") == "2")
                #expect(try await node.cache.clear() == 2)
                #expect(node.cache.statistics().total.errors == 0)
                #expect(try await eventually { node.cache.statistics().invalidationLines > 0 })
            }
        }
    }

    /// What docs/setup.md names for `plain`: no script, and nothing that only scripts need.
    @Test func theLeastACLUnderPlainIsEnough() async throws {
        var options = RedisServerOptions()
        options.users = [
            "cache on >secret resetchannels ~test:* +get +mget +set +del +unlink +scan +time +pttl +ping +select +client|setname "
                + "+client|tracking +client|trackinginfo"
        ]
        try await withRedisServer(options) { server in
            let url = "redis://cache:secret@127.0.0.1:\(server.port)/0"
            try await withNode(server, url: url, tracks: true, { $0.format = .plain }) {
                (node: Node) async throws -> Void in
                try await node.cache.set(["k": 1, "m": 3], options: .timeToLive(.seconds(60)))
                #expect(try await node.cache.get("k") == 1)
                #expect(try await node.cache.get(["k", "m"], as: Int.self).count == 2)
                #expect(try await node.cache.value(for: "l") { 2 } == 2)
                #expect(try await node.cache.delete("k"))
                #expect(try await node.cache.expire("m"))
                #expect(try await node.cache.keys().keys == ["l"])
                #expect(try await node.cache.clear(keepingStale: true) == 1)
                #expect(try server.command("DBSIZE") == "0")
                #expect(node.cache.statistics().total.errors == 0)
                #expect(try await eventually { node.cache.statistics().invalidationLines > 0 })
            }
        }
    }

    @Test(arguments: [#"not an entry"#, "\u{0}", "true"])
    func foreignBytesUnderOurNamesAreAMiss(bytes: String) async throws {
        try await withRedisServer { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                try server.command("SET", "test:v2:k", bytes)
                #expect(try await node.cache.get("k", as: String.self) == nil)
                #expect(node.cache.statistics().decodeFailures == 1)
                #expect(try await node.cache.value(for: "k") { "ours" } == "ours")
                #expect(try await node.cache.get("k") == "ours")
            }
        }
    }

    @Test func aKeyOfAnotherTypeUnderOurNamesHarmsNobody() async throws {
        try await withRedisServer { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                try server.command("RPUSH", "test:v2:k", "a")
                #expect(try await node.cache.get("k", as: String.self) == nil)
                try await node.cache.set("k", to: "ours")
                #expect(try await node.cache.get("k") == "ours")
                try server.command("DEL", "test:v2:k")
                try server.command("RPUSH", "test:v2:k", "a")
                #expect(try await node.cache.delete("k"))
                #expect(try server.command("EXISTS", "test:v2:k") == "0")
            }
        }
    }
}
