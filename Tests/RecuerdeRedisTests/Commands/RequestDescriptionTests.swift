import NIOCore
import Testing

@testable import RecuerdeRedis

@Suite struct RequestDescriptions {
    private static let secret = "learner-answer"

    private static var requests: [any RedisRequest] {
        let s = secret
        let script = RedisScript("return '\(s)'")
        return [
            Redis.Get(s), Redis.GetEx(s, expiry: .keep), Redis.MGet([s]), Redis.MSet([(s, s)]), Redis.IncrBy(s),
            Redis.StrLen(s), Redis.GetRange(s, from: 0, through: 1), Redis.Set(s, s), Redis.SetAndGet(s, s),
            Redis.HSet(s, [(s, s)]), Redis.HGetAll(s), Redis.TTL(s), Redis.PTTL(s), Redis.Persist(s),
            Redis.KeyType(s), Redis.MemoryUsage(s), Redis.PExpire(s, after: .seconds(1)), Redis.SMembers(s),
            Redis.ZAdd(s, [(s, 1)]), Redis.ZRem(s, [s]), Redis.ZRange(s), Redis.ScriptLoad(script),
            Redis.ScriptExists([script]), Redis.Publish(s, to: s), Redis.ConfigGet(s),
            Redis.EvalSHA<Int>(script, keys: [s], arguments: [s]),
            Redis.EvalSHA<Int>(script, keys: [s], arguments: [s]).idempotent(),
        ]
    }

    @Test func showNamesAndNumbersAndNothingOfTheUsers() {
        for request in Self.requests {
            var text = "\(request) \(String(reflecting: request))"
            dump(request, to: &text)
            dump([request], to: &text)
            #expect(!text.contains(Self.secret), "\(type(of: request)): \(text)")
            #expect(text.contains(request.command.name), "\(text)")
        }
        #expect("\(Redis.Get("k"))" == "Get(GET, 1 argument)")
        #expect("\(Redis.MGet(["k", "l"]))" == "MGet(MGET, 2 arguments)")
    }

    @Test func showNothingOfScriptsAndMembers() {
        let member = Redis.ScoredMember(member: ByteBuffer(string: Self.secret), score: 1)
        var text = "\(member) \(RedisScript(Self.secret))"
        dump(member, to: &text)
        dump(RedisScript(Self.secret), to: &text)
        #expect(!text.contains(Self.secret), "\(text)")
    }
}
