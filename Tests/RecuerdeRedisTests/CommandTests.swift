import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct CommandsAgainstARealServer {
    @Test func aValueComesBackAsItWasWritten() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { (client: RedisClient) async throws -> Void in
                let bytes = (0...255).map { UInt8($0) } + Array("\r\n$5\r\n\0*1\r\n".utf8)
                let key = bytes + Array("key".utf8)
                #expect(try await client.send(RedisCommand("SET", key, bytes)) == .simple("OK"))
                #expect(try await client.send(RedisCommand("GET", key)).bytes == bytes)
                #expect(try await client.send(RedisCommand("GET", "absent")) == .null)
                #expect(try await client.send(RedisCommand("INCRBY", "n", -42)) == .integer(-42))
                #expect(client.state.isConnected)
                #expect(client.state.server?.protocolVersion == 3)
                #expect(client.state.server?.version?.isEmpty == false)
            }
        }
    }
}
