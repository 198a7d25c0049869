import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct ErrorReplies {
    @Test(arguments: [
        ("WRONGTYPE Operation against a key", "WRONGTYPE"), ("ERR", "ERR"), ("", ""),
        ("READONLY You can't write against a read only replica. script: c84a, on @user_script:1.", "READONLY"),
        // As Redis 6.2.5 says it: by `redis.call`, by what `redis.pcall` returned, and by the command itself.
        (
            "ERR Error running script (call to f_c84a): @user_script:1: @user_script: 1: -READONLY You can't write.",
            "READONLY"
        ),
        ("@user_script: 1: -OOM command not allowed when used memory > 'maxmemory'.", "OOM"),
        ("ERR Error running script (call to f_3a6e): @user_script:17: WRONGTYPE Operation against a key", "WRONGTYPE"),
        // Nothing with a code is wrapped here.
        ("ERR Error running script (call to f_1): @user_script:1: user_script:1: attempt to call a nil value", "ERR"),
        ("ERR Error running script (call to f_1): @user_script:1: @user_script: 1: Unknown Redis command", "ERR"),
        ("ERR Error running script (call to f_1", "ERR"),
        ("ERR Error running script (call to f_1): @user_script:1: ", "ERR"),
        ("ERR Error running script (call to f_1): @user_script:1", "ERR"),
        ("@user_script:x", "@user_script:x"),
    ]) func haveTheCodeOfWhatWentWrong(text: String, code: String) {
        #expect(RESPErrorReply(text).code == code)
    }

    @Test func ofScriptsHaveTheCodeOfTheCommandThatWasRefusedOnEveryServer() async throws {
        try await withRedisServer { master in
            var options = RedisServerOptions()
            options.extraLines = ["replicaof 127.0.0.1 \(master.port)"]
            try await withRedisServer(options) { replica in
                try await until { try replica.command("INFO", "replication").contains("master_link_status:up") }
                try await withClient(replica.url) { client in
                    for call in ["call", "pcall"] {
                        let script = RedisScript("return redis.\(call)('SET', KEYS[1], 'v')")
                        let error = await redisError { try await client.evaluate(script, keys: ["k"]) }
                        #expect(error?.serverCode == "READONLY", "\(error?.message ?? "")")
                    }
                }
                try await withClient(master.url) { client in
                    _ = try await client.send(RedisCommand("SET", "text", "v"))
                    let script = RedisScript("return redis.call('LPUSH', KEYS[1], 'v')")
                    let error = await redisError { try await client.evaluate(script, keys: ["text"]) }
                    #expect(error?.serverCode == "WRONGTYPE", "\(error?.message ?? "")")
                }
            }
        }
    }
}
