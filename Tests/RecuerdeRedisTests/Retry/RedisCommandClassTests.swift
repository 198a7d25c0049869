import Testing

@testable import RecuerdeRedis

@Suite struct CommandClasses {
    @Test(arguments: [
        RedisCommand("GET", "k"), RedisCommand("get", "k"), RedisCommand("MGET", "a", "b"), RedisCommand("PTTL", "k"),
        RedisCommand("SCAN", "0", key: nil), RedisCommand("EVAL_RO", "return 1", 0, key: nil),
        RedisCommand("EVALSHA_RO", "abc", 0, key: nil), RedisCommand("FCALL_RO", "f", 0, key: nil),
        RedisCommand("CONFIG", "GET", "maxmemory", key: nil), RedisCommand("object", "encoding", "k", key: 1),
        RedisCommand("CLIENT", "LIST", key: nil), RedisCommand("PING", key: nil), RedisCommand("TIME", key: nil),
    ]) func readsMayBeRepeated(command: RedisCommand) {
        #expect(command.isRepeatable)
    }

    @Test(arguments: [
        RedisCommand("SET", "k", "v"), RedisCommand("INCR", "n"), RedisCommand("GETDEL", "k"),
        RedisCommand("GETEX", "k"),
        RedisCommand("EVAL", "return 1", 0, key: nil), RedisCommand("CONFIG", "SET", "a", "b", key: nil),
        RedisCommand("CONFIG", key: nil), RedisCommand("CLIENT", "KILL", "GET", key: nil), RedisCommand("DEL", "GET"),
        RedisCommand("OBJECT", [UInt8](repeating: 0x41, count: 300), key: nil), RedisCommand("", "GET"),
        RedisCommand("BLPOP", "k", 0), RedisCommand("XREADGROUP", "GROUP"), RedisCommand("FLUSHALL", key: nil),
    ]) func whatWritesOrIsUnknownMayNot(command: RedisCommand) {
        #expect(!command.isRepeatable)
    }

    @Test func whatIsDeclaredIdempotentMayBeRepeated() {
        let command = RedisCommand("SET", "k", "v")
        #expect(command.idempotent().isRepeatable)
        #expect(command.idempotent().encoded == command.encoded)
        #expect(!command.isRepeatable)
    }
}

@Suite struct PipelineRetries {
    private static let get = RedisCommand("GET", "k")
    private static let set = RedisCommand("SET", "k", "v")
    private static let ok = Result<RESPValue, RedisError>.success(.simple("OK"))
    private static let loading = RedisError(reply: RESPErrorReply("LOADING wait"))
    private static let wrong = RedisError(reply: RESPErrorReply("WRONGTYPE no"))
    private static let lost = RedisError(.connectionLost, phase: .reply, mayHaveExecuted: true, message: "gone")

    private static func failure(_ pairs: [(RedisCommand, Result<RESPValue, RedisError>)]) -> RedisError? {
        PipelineRetry.failure(in: pairs.map(\.1), of: pairs.map(\.0), rediscovers: false)
    }

    @Test func areForReadsAndForWhatWasRefused() {
        #expect(Self.failure([(Self.get, Self.ok), (Self.get, .failure(Self.lost))]) == Self.lost)
        #expect(Self.failure([(Self.set, .failure(Self.loading)), (Self.get, Self.ok)]) == Self.loading)
        #expect(Self.failure([(Self.set.idempotent(), Self.ok), (Self.get, .failure(Self.lost))]) == Self.lost)
    }

    @Test func areNotForWritesThatWereOrMayHaveBeenExecuted() {
        #expect(Self.failure([(Self.set, Self.ok), (Self.get, .failure(Self.lost))]) == nil)
        #expect(Self.failure([(Self.set, .failure(Self.lost)), (Self.get, .failure(Self.lost))]) == nil)
        #expect(Self.failure([(Self.set, Self.ok), (Self.set, .failure(Self.loading))]) == nil)
    }

    @Test func areNotForAnswersThatAreFinal() {
        #expect(Self.failure([(Self.get, Self.ok), (Self.get, .failure(Self.wrong))]) == nil)
        #expect(Self.failure([(Self.get, Self.ok)]) == nil)
        #expect(Self.failure([]) == nil)
    }
}
