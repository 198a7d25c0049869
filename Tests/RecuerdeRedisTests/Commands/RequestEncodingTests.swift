import NIOCore
import Testing

@testable import RecuerdeRedis

@Suite struct RequestEncoding {
    private func words(_ request: some RedisRequest) -> String {
        let command = request.command
        let arguments = command.encodedArguments?.map { String(buffer: $0) } ?? ["?"]
        return ([command.name] + arguments).joined(separator: " ")
    }

    @Test func setSaysItsOptionsInTheWordsOfTheServer() {
        #expect(words(Redis.Set("k", "v")) == "SET k v")
        #expect(words(Redis.Set("k", "v", expiry: .after(.milliseconds(1500)))) == "SET k v PX 1500")
        #expect(words(Redis.Set("k", "v", expiry: .after(seconds: 7), condition: .ifAbsent)) == "SET k v NX EX 7")
        #expect(words(Redis.Set("k", "v", expiry: .keep, condition: .ifPresent)) == "SET k v XX KEEPTTL")
        #expect(words(Redis.Set("k", "v", expiry: .at(unixMilliseconds: 99))) == "SET k v PXAT 99")
        #expect(words(Redis.Set("k", "v", expiry: .at(unixSeconds: 9))) == "SET k v EXAT 9")
        #expect(words(Redis.SetAndGet("k", "v", condition: .ifAbsent)) == "SET k v NX GET")
    }

    @Test func aPartOfAMillisecondIsRoundedUp() {
        #expect(words(Redis.PExpire("k", after: .nanoseconds(1))) == "PEXPIRE k 1")
        #expect(words(Redis.PExpire("k", after: .microseconds(1001))) == "PEXPIRE k 2")
        #expect(words(Redis.PExpire("k", after: .milliseconds(2))) == "PEXPIRE k 2")
        #expect(words(Redis.PExpire("k", after: .zero)) == "PEXPIRE k 0")
        #expect(words(Redis.PExpire("k", after: .milliseconds(-3))) == "PEXPIRE k -3")
    }

    @Test func getExSaysWhatTheExpiryIsToBe() {
        #expect(words(Redis.GetEx("k", expiry: .keep)) == "GETEX k")
        #expect(words(Redis.GetEx("k", expiry: .never)) == "GETEX k PERSIST")
        #expect(words(Redis.GetEx("k", expiry: .after(.seconds(1)))) == "GETEX k PX 1000")
    }

    @Test func allOthersAreTheirNamesAndArguments() {
        #expect(words(Redis.MGet(["a", 1])) == "MGET a 1")
        #expect(words(Redis.MSet([("a", 1), ("b", "2")])) == "MSET a 1 b 2")
        #expect(words(Redis.GetRange("k", from: 0, through: -1)) == "GETRANGE k 0 -1")
        #expect(words(Redis.IncrBy("k", by: -2)) == "INCRBY k -2")
        #expect(words(Redis.HSet("h", [("f", 1)])) == "HSET h f 1")
        #expect(words(Redis.ZAdd("z", [("m", 1.5)])) == "ZADD z 1.5 m")
        #expect(words(Redis.ZRange("z", isReversed: true)) == "ZRANGE z 0 -1 REV WITHSCORES")
        #expect(words(Redis.MemoryUsage("k", samples: 0)) == "MEMORY USAGE k SAMPLES 0")
        #expect(words(Redis.Publish("text", to: "channel")) == "PUBLISH channel text")
        #expect(words(Redis.ConfigGet("maxmemory", "save")) == "CONFIG GET maxmemory save")
        #expect(words(Redis.Info()) == "INFO")
        let script = RedisScript("return 1")
        #expect(words(Redis.EvalSHA<Int>(script, keys: ["k"], arguments: [2])) == "EVALSHA \(script.sha1) 1 k 2")
        #expect(words(Redis.ScriptExists([script])) == "SCRIPT EXISTS \(script.sha1)")
    }

    @Test func theKeyChoosesTheSlotWhereverItStands() {
        let slot = RedisKeySlot.slot(of: "k")
        #expect(Redis.Get("k").command.slot == slot)
        #expect(Redis.Set("k", "v", expiry: .keep).command.slot == slot)
        #expect(Redis.MemoryUsage("k").command.slot == slot)
        #expect(Redis.EvalSHA<Int>(RedisScript("return 1"), keys: ["k"]).command.slot == slot)
        #expect(Redis.Publish("text", to: "k").command.slot == nil)
        #expect(Redis.ConfigGet("k").command.slot == nil)
    }

    @Test func onlyAScriptThatIsNotKnownHasAnotherCommand() {
        let request = Redis.EvalSHA<Int>(RedisScript("return 1"), keys: ["k"])
        let unknown = RedisError(reply: RESPErrorReply("NOSCRIPT No matching script"))
        #expect(request.commandInstead(of: unknown)?.name == "EVAL")
        #expect(request.commandInstead(of: RedisError(reply: RESPErrorReply("ERR x"))) == nil)
        #expect(Redis.Get("k").commandInstead(of: unknown) == nil)
        #expect(request.idempotent().commandInstead(of: unknown)?.isRepeatable == true)
        #expect(Redis.Set("k", "v").idempotent().command.isRepeatable)
        #expect(!Redis.Set("k", "v").command.isRepeatable)
    }
}
