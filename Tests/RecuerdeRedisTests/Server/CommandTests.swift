import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct CommandsAgainstARealServer {
    @Test func anyBytesComeBackAsTheyWereWritten() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let bytes = (0...255).map { UInt8($0) } + Array("\r\n$5\r\n\0*1\r\n".utf8)
                let key = bytes + Array("key".utf8)
                let stored = try await client.send(RedisCommand("SET", key, bytes))
                #expect(stored == .simple("OK"))
                let found = try await client.send(RedisCommand("GET", key))
                #expect(found.bytes == bytes)
                let absent = try await client.send(RedisCommand("GET", "absent"))
                #expect(absent == .null)
                let sum = try await client.send(RedisCommand("INCRBY", "n", -42))
                #expect(sum == .integer(-42))
                #expect(client.state.isConnected)
                #expect(client.state.server?.protocolVersion == 3)
                #expect(client.state.server?.version?.isEmpty == false)
                #expect(client.state.server?.isClusterNode == false)
                #expect(client.commandsInFlight == 0)
            }
        }
    }

    @Test func aServerErrorIsThrownWithItsCodeAndHarmsNothingElse() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                _ = try await client.send(RedisCommand("SET", "text", "abc"))
                let wrongType = await redisError { try await client.send(RedisCommand("LPUSH", "text", "x")) }
                #expect(wrongType?.code == .server)
                #expect(wrongType?.serverCode == "WRONGTYPE")
                let unknown = await redisError { try await client.send(RedisCommand("NOSUCH", "secret argument")) }
                #expect(unknown?.serverCode == "ERR")
                #expect(unknown?.description.contains("secret") == false)
                try await client.ping()
            }
        }
    }

    @Test func aPipelineAnswersInOrderWithErrorsInTheirPlaces() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let results = try await client.pipeline([
                    RedisCommand("SET", "a", "1"), RedisCommand("LPUSH", "a", "x"), RedisCommand("INCR", "a"),
                    RedisCommand("GET", "a"),
                ])
                #expect(results.count == 4)
                let replies = results.map { try? $0.get() }
                #expect(replies == [.simple("OK"), nil, .integer(2), .bulk(ByteBuffer(string: "2"))])
                let none = try await client.pipeline([])
                #expect(none.isEmpty)
            }
        }
    }

    @Test func aPipelineLongerThanTheBoundIsSentInParts() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.maximumCommandsInFlight = 100 }) { client in
                let results = try await client.pipeline((0..<1050).map { RedisCommand("ECHO", $0, key: nil) })
                let numbers = try results.map { try $0.get().int }
                #expect(numbers == Array(0..<1050))
            }
        }
    }

    @Test func aCommandThatCannotBeSentSaysSo() async throws {
        struct Liar: RedisArgument {
            var redisArgumentByteCount: Int { 3 }
            func writeRedisArgument(to buffer: inout ByteBuffer) { buffer.writeString("four") }
        }
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let empty = await redisError { try await client.send(RedisCommand("")) }
                #expect(empty?.code == .invalidCommand)
                let lie = await redisError { try await client.pipeline([RedisCommand("ECHO", Liar())]) }
                #expect(lie?.code == .invalidCommand)
                try await client.ping()
            }
        }
    }

    @Test func aScriptIsSentByNameAndWithItsTextOnlyOnce() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let script = RedisScript("return {KEYS[1], ARGV[1], ARGV[2]}")
                for _ in 0..<3 {
                    let reply = try await client.evaluate(script, keys: ["k"], arguments: [7, [0xFF] as [UInt8]])
                    #expect(reply.elements?.map(\.bytes) == [Array("k".utf8), Array("7".utf8), [0xFF]])
                }
                let calls = try server.command("INFO", "commandstats").split(separator: "\r\n")
                #expect(calls.contains { $0.hasPrefix("cmdstat_eval:calls=1,") })
                #expect(calls.contains { $0.hasPrefix("cmdstat_evalsha:calls=3,") })
                let name = try server.command("SCRIPT", "LOAD", script.source)
                #expect(name == script.sha1)
            }
        }
    }

    @Test func aListOfManyElementsAndALargeValueAreRead() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.commandTimeout = .seconds(60) }) { client in
                let script = RedisScript("for i = 1, 200000 do redis.call('RPUSH', KEYS[1], i) end return 1")
                _ = try await client.evaluate(script, keys: ["list"])
                let list = try await client.send(RedisCommand("LRANGE", "list", 0, -1))
                #expect(list.elements?.count == 200_000)
                #expect(list.elements?.last?.int == 200_000)
                var large = ByteBuffer()
                large.writeRepeatingByte(0x61, count: 20 * 1024 * 1024)
                _ = try await client.send(RedisCommand("SET", "large", large))
                let found = try await client.send(RedisCommand("GET", "large"))
                #expect(found.buffer == large)
            }
        }
    }

    @Test func aReplyBeyondTheLimitClosesTheConnectionOnly() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.maximumReplyBytes = 1_000_000 }) { client in
                _ = try await client.send(RedisCommand("SETRANGE", "large", 2_000_000, "x"))
                let error = await redisError { try await client.send(RedisCommand("GET", "large")) }
                #expect(error?.code == .protocolViolation)
                #expect(error?.mayHaveExecuted == true)
                try await client.ping()
            }
        }
    }

    @Test func theDatabaseOfTheURLIsUsedAndAnImpossibleOneRefused() async throws {
        try await withRedisServer { server in
            try await withClient("redis://127.0.0.1:\(server.port)/3") { client in
                _ = try await client.send(RedisCommand("SET", "k", "v"))
                let elsewhere = try server.command("GET", "k")
                #expect(elsewhere == "(nil)")
                let keyspace = try server.command("INFO", "keyspace")
                #expect(keyspace.contains("db3:keys=1"))
            }
            try await withClient("redis://127.0.0.1:\(server.port)/99") { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .connectFailed)
                #expect(error?.message.contains("database 99") == true)
                #expect(client.state.status == .lost)
                try server.command("PING")
            }
        }
    }

    @Test func theConnectionCarriesTheConfiguredName() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.clientName = "recuerde-test" }) { client in
                try await client.ping()
                let list = try server.command("CLIENT", "LIST")
                #expect(list.contains("name=recuerde-test"))
            }
        }
    }
}
