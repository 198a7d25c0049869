import RecuerdeTesting
import Testing

@testable import RecuerdeCommands

@Suite struct RedisBenchmarkPeerTests {
    @Test func readsTheRowOfARun() {
        let text = """
            "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
            "SET k:__rand_int__ xxxx PX 60000","42553.19","0.855","0.168","0.631","3.415","4.967","5.239"

            """
        let row = RedisBenchmarkPeer.parse(text, operation: "set", valueBytes: 4)
        #expect(row?.operation == "set")
        #expect(row?.operationsPerSecond == 42_553.19)
        #expect(row?.p50 == 631)
        #expect(row?.p99 == 4_967)
    }

    @Test(arguments: ["", "\"test\",\"rps\"\n", "ERR no\n", "a,b,c,d,e,f,g\n"]) func anythingElseIsNoRow(text: String) {
        #expect(RedisBenchmarkPeer.parse(text, operation: "get", valueBytes: 4) == nil)
    }

    @Test func itTouchesNoKeysOfOthersAndLeavesNone() async throws {
        try await withRedisServer { server in
            let others = (0..<1_024).map { number in
                let digits = String(number)
                return "key:" + String(repeating: "0", count: 12 - digits.count) + digits
            }
            for key in others.prefix(10) { try server.command("SET", key, "mine") }
            let peer = RedisBenchmarkPeer(
                host: "127.0.0.1",
                port: server.port,
                database: 3,
                operations: 2_000,
                valueBytes: 10,
                prefix: "bench-test"
            )
            let rows = try #require(try peer.measure(), "redis-benchmark is missing; it comes with redis-server")
            #expect(rows.map(\.operation) == ["set", "get"])
            #expect(rows.allSatisfy { $0.operationsPerSecond > 0 && $0.valueBytes == 10 })
            for key in others.prefix(10) { #expect(try server.command("GET", key) == "mine") }
            #expect(try server.command("DBSIZE") == "10")
            // In the database that was named: keys of its own, each of which has an end.
            let space = try server.command("INFO", "keyspace")
            let line = try #require(space.split(whereSeparator: \.isNewline).first { $0.hasPrefix("db3:") })
            let figures = line.dropFirst(4).split(separator: ",").map {
                $0.split(separator: "=").last.flatMap { Int($0) }
            }
            #expect(figures.count >= 2)
            #expect(figures.first == figures.dropFirst().first)
            #expect((figures.first ?? nil) ?? 0 > 100)
        }
    }
}
