import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Commands that have no place on a connection that many tasks share: refused before anything is sent, and nobody else
/// notices.
@Suite struct CommandsThatChangeTheConnection {
    static let refused: [RedisCommand] = [
        RedisCommand("SUBSCRIBE", "c", key: nil), RedisCommand("psubscribe", "c*", key: nil),
        RedisCommand("SSUBSCRIBE", "c", key: nil), RedisCommand("UNSUBSCRIBE", key: nil),
        RedisCommand("PUNSUBSCRIBE", key: nil), RedisCommand("SUNSUBSCRIBE", key: nil),
        RedisCommand("MONITOR", key: nil),
        RedisCommand("Select", 1, key: nil), RedisCommand("AUTH", "secret", key: nil),
        RedisCommand("HELLO", 2, key: nil),
        RedisCommand("RESET", key: nil), RedisCommand("QUIT", key: nil), RedisCommand("SYNC", key: nil),
        RedisCommand("PSYNC", "?", -1, key: nil), RedisCommand("REPLCONF", "ACK", 0, key: nil),
        RedisCommand("CLIENT", "REPLY", "OFF", key: nil), RedisCommand("client", "reply", "skip", key: nil),
    ]

    @Test func areRefusedAndHarmNobody() async throws {
        try await withRedisServer { server in
            try server.command("SET", "k", "v")
            try await withClient(server.url, change: { $0.maximumConnections = 1 }) { client in
                try await client.ping()
                let get = RedisCommand("GET", "k")
                for command in Self.refused {
                    let error = await redisError { try await client.send(command) }
                    #expect(error?.code == .invalidCommand && error?.mayHaveExecuted == false, "\(command.name)")
                    #expect(error?.message.contains("secret") == false)
                    let many = await redisError { try await client.pipeline([get, command, get]) }
                    #expect(many?.code == .invalidCommand, "\(command.name) in a pipeline")
                }
                #expect(try await client.send(get).string == "v")
                // Others of the same name, or of names like these, are as welcome as ever.
                for command in [
                    RedisCommand("CLIENT", "ID", key: nil), RedisCommand("CLIENT", "LIST", key: nil),
                    RedisCommand("CLIENT", "TRACKING", "ON", "NOLOOP", key: nil),
                    RedisCommand("SCAN", 0, key: nil), RedisCommand("EVAL", "return 1", 0, key: nil),
                    RedisCommand("PUBLISH", "c", "m", key: nil),
                ] {
                    let error = await redisError { try await client.send(command) }
                    #expect(error == nil, "\(command.name)")
                }
            }
        }
    }

    @Test func areTakenAsAWholeTransactionAndNotInPieces() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: { $0.maximumCommandsInFlight = 100 }) { client in
                let (multi, exec) = (RedisCommand("MULTI", key: nil), RedisCommand("EXEC", key: nil))
                let set = RedisCommand("SET", "k", "v")
                for command in [multi, exec, RedisCommand("DISCARD", key: nil)] {
                    let error = await redisError { try await client.send(command) }
                    #expect(error?.code == .invalidCommand, "\(command.name) alone")
                }
                let open = await redisError { try await client.pipeline([multi, set]) }
                #expect(open?.code == .invalidCommand)
                let long = await redisError {
                    try await client.pipeline([multi] + Array(repeating: set, count: 100) + [exec])
                }
                #expect(long?.code == .invalidCommand)
                let waiting = await redisError { try await client.pipeline([set, RedisCommand("BLPOP", "l", 0)]) }
                #expect(waiting?.code == .invalidCommand)
                // Inside of a transaction it does not wait.
                let replies = try await client.pipeline([multi, set, RedisCommand("BLPOP", "l", 0), exec])
                #expect(try replies.last?.get() == .array([.simple("OK"), .null]))
            }
        }
    }
}
