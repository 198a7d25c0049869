import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct RequestsAgainstARealServer {
    @Test func requestsAreAnsweredInTheirTypes() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.clientName = "recuerde-requests" }) { client in
                let stored = try await client.execute(Redis.Set("k", "value", expiry: .after(.seconds(100))))
                #expect(stored)
                let again = try await client.execute(Redis.Set("k", "other", condition: .ifAbsent))
                #expect(!again)
                let part = try await client.execute(Redis.GetRange("k", from: 1, through: 3))
                #expect(part == ByteBuffer(string: "alu"))
                let before = try await client.execute(Redis.SetAndGet("k", "next", expiry: .keep))
                #expect(before == ByteBuffer(string: "value"))
                let lifetime = try await client.execute(Redis.PTTL("k"))
                guard case .remaining(let time) = lifetime else { throw NotYet() }
                #expect(time > .seconds(10) && time <= .seconds(100))
                _ = try await client.execute(Redis.GetEx("k", expiry: .never))
                let unlimited = try await client.execute(Redis.TTL("k"))
                #expect(unlimited == .unlimited)

                _ = try await client.execute(Redis.HSet("h", [("f", 1), ("g", "2")]))
                let fields = try await client.execute(Redis.HGetAll("h"))
                #expect(
                    fields == [
                        ByteBuffer(string: "f"): ByteBuffer(string: "1"),
                        ByteBuffer(string: "g"): ByteBuffer(string: "2"),
                    ]
                )
                _ = try await client.execute(Redis.SAdd("s", ["m"]))
                let members = try await client.execute(Redis.SMembers("s"))
                #expect(members == [ByteBuffer(string: "m")])
                _ = try await client.execute(Redis.ZAdd("z", [("low", -.infinity), ("high", 2.5)]))
                let ranked = try await client.execute(Redis.ZRange("z", isReversed: true))
                #expect(ranked.map(\.score) == [2.5, -.infinity])

                let info = try await client.execute(Redis.Info("server"))
                #expect(info["redis_version"] == client.state.server?.version)
                let connections = try await client.execute(Redis.ClientList())
                #expect(connections.contains { $0.name == "recuerde-requests" })
                let settings = try await client.execute(Redis.ConfigGet("maxmemory"))
                #expect(settings.keys.elementsEqual(["maxmemory"]))
                let size = try await client.execute(Redis.DBSize())
                #expect(size == 4)
                let kind = try await client.execute(Redis.KeyType("z"))
                #expect(kind == "zset")
                let memory = try await client.execute(Redis.MemoryUsage("z", samples: 0))
                #expect((memory ?? 0) > 0)
                let time2 = try await client.execute(Redis.Time())
                #expect(time2 > 1_500_000_000_000_000)
                let removed = try await client.execute(Redis.Unlink(["k", "h", "absent"]))
                #expect(removed == 2)
            }
        }
    }

    @Test func aPipelineHasATypeForEachPlace() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let (stored, sum, wrong, value) = try await client.execute(
                    Redis.Set("k", "41"),
                    Redis.IncrBy("k"),
                    Redis.HGet("k", "f"),
                    Redis.Get("k")
                )
                #expect(try stored.get())
                #expect(try sum.get() == 42)
                let error = #expect(throws: RedisError.self) { try wrong.get() }
                #expect(error?.serverCode == "WRONGTYPE")
                #expect(try value.get() == ByteBuffer(string: "42"))
                let many = try await client.execute(all: (0..<3).map { Redis.IncrBy("n", by: $0) })
                #expect(try many.map { try $0.get() } == [0, 1, 3])
            }
        }
    }

    @Test func aScriptWithATypeIsLoadedWhenItIsNotKnown() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let script = RedisScript("return {ARGV[1], tostring(#KEYS)}")
                let known = try await client.execute(Redis.ScriptExists([script]))
                #expect(known == [false])
                let request = Redis.EvalSHA(script, keys: ["a", "b"], arguments: ["x"], returning: [String].self)
                for _ in 0..<2 {
                    let reply = try await client.execute(request)
                    #expect(reply == ["x", "2"])
                }
                let name = try await client.execute(Redis.ScriptLoad(script))
                #expect(name == script.sha1)
            }
        }
    }
}
