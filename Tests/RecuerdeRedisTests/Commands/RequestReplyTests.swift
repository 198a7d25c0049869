import NIOCore
import Testing

@testable import RecuerdeRedis

@Suite struct RequestReplies {
    private func bulk(_ text: String) -> RESPValue { .bulk(ByteBuffer(string: text)) }
    private func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test func stringsAndNumbersAreRead() throws {
        #expect(try Redis.Get("k").reply(bulk("v")) == bytes("v"))
        #expect(try Redis.Get("k").reply(.null) == nil)
        #expect(try Redis.MGet(["a", "b"]).reply(.array([bulk("1"), .null])) == [bytes("1"), nil])
        #expect(try Redis.Set("k", "v").reply(.simple("OK")))
        #expect(try !Redis.Set("k", "v", condition: .ifAbsent).reply(.null))
        #expect(try Redis.IncrBy("k").reply(.integer(3)) == 3)
        #expect(try Redis.KeyType("k").reply(.simple("zset")) == "zset")
        #expect(try Redis.KeyType("k").reply(.simple("none")) == nil)
        #expect(try Redis.MemoryUsage("k").reply(.null) == nil)
        #expect(try Redis.Time().reply(.array([bulk("12"), bulk("34")])) == 12_000_034)
    }

    @Test func lifetimesTellWhatIsAbsentFromWhatDoesNotExpire() throws {
        #expect(try Redis.PTTL("k").reply(.integer(-2)) == .absent)
        #expect(try Redis.PTTL("k").reply(.integer(-1)) == .unlimited)
        #expect(try Redis.PTTL("k").reply(.integer(1500)) == .remaining(.milliseconds(1500)))
        #expect(try Redis.TTL("k").reply(.integer(.max)) == .remaining(.seconds(1) * Int.max))
        #expect(throws: RedisError.self) { try Redis.TTL("k").reply(.integer(-3)) }
    }

    @Test func bothProtocolsGiveTheSame() throws {
        let fields = [bytes("f"): bytes("1"), bytes("g"): bytes("2")]
        let flat = [bulk("f"), bulk("1"), bulk("g"), bulk("2")]
        #expect(try Redis.HGetAll("h").reply(.array(flat)) == fields)
        #expect(try Redis.HGetAll("h").reply(.map(RESPMap(flat: flat))) == fields)
        #expect(try Redis.HGetAll("h").reply(.array([])) == [:])

        #expect(try Redis.SMembers("s").reply(.array([bulk("m")])) == [bytes("m")])
        #expect(try Redis.SMembers("s").reply(.set([bulk("m")])) == [bytes("m")])

        let members = [Redis.ScoredMember(member: bytes("m"), score: 1.5), .init(member: bytes("n"), score: .infinity)]
        #expect(try Redis.ZRange("z").reply(.array([bulk("m"), bulk("1.5"), bulk("n"), bulk("inf")])) == members)
        let pairs = [RESPValue.array([bulk("m"), .double(1.5)]), .array([bulk("n"), .double(.infinity)])]
        #expect(try Redis.ZRange("z").reply(.array(pairs)) == members)

        #expect(try Redis.Persist("k").reply(.integer(1)))
        #expect(try Redis.Persist("k").reply(.boolean(true)))
        let settings = [bulk("save"), bulk("")]
        #expect(try Redis.ConfigGet("save").reply(.array(settings)) == ["save": ""])
        #expect(try Redis.ConfigGet("save").reply(.map(RESPMap(flat: settings))) == ["save": ""])
        #expect(try Redis.Info().reply(.verbatim(format: "txt", content: bytes("# A\r\nb:c\r\n")))["b"] == "c")
        #expect(try Redis.Info().reply(bulk("# A\r\nb:c\r\n"))["b"] == "c")
    }

    @Test func scriptsAreReadAsTheTypeThatIsAskedFor() throws {
        let script = RedisScript("return 1")
        #expect(try Redis.EvalSHA<[Int]>(script, keys: []).reply(.array([.integer(1), bulk("2")])) == [1, 2])
        #expect(try Redis.EvalSHA<String?>(script, keys: []).reply(.null) == .some(nil))
        #expect(throws: RedisError.self) { try Redis.EvalSHA<String>(script, keys: []).reply(.null) }
        #expect(throws: RedisError.self) { try Redis.EvalSHA<[Int]>(script, keys: []).reply(.array([bulk("x")])) }
        #expect(try Redis.ScriptExists([script, script]).reply(.array([.integer(1), .integer(0)])) == [true, false])
    }

    @Test func anUnexpectedTypeNamesTheCommandAndShowsNothing() {
        let secret = RESPValue.map(RESPMap([(bulk("learner"), bulk("solution"))]))
        let error = #expect(throws: RedisError.self) { try Redis.Get("pupil").reply(secret) }
        #expect(error?.code == .protocolViolation)
        #expect(error?.mayHaveExecuted == true)
        #expect(error?.message.contains("GET") == true && error?.message.contains("map") == true)
        let words = error?.description ?? "learner"
        #expect(!words.contains("learner") && !words.contains("solution") && !words.contains("pupil"))
        #expect(throws: RedisError.self) { try Redis.ZRange("z").reply(.array([bulk("m")])) }
        #expect(throws: RedisError.self) { try Redis.HGetAll("h").reply(.array([bulk("f"), .array([])])) }
        #expect(throws: RedisError.self) { try Redis.Time().reply(.array([.integer(.max), .integer(0)])) }
        #expect(throws: RedisError.self) { try Redis.MSet([("a", "b")]).reply(.simple("QUEUED")) }
    }

    @Test func whatTheServerSaysOfItselfIsParsed() {
        let info = RedisInfo("# Memory\r\nused_memory:1024\r\n\r\n# Server\r\nexecutable:/a:b\r\nnonsense\r\n")
        #expect(info.sections == ["Memory": ["used_memory": "1024"], "Server": ["executable": "/a:b"]])
        #expect(info.int("used_memory") == 1024)
        #expect(info["absent"] == nil)
        let entry = RedisClientEntry("id=7 addr=[::1]:1 name= age=3 idle=0 nonsense cmd=client|list lib-ver=1=2")
        #expect(entry.id == 7 && entry.address == "[::1]:1" && entry.name?.isEmpty == true)
        #expect(entry.age == .seconds(3) && entry.lastCommand == "client|list" && entry.fields["lib-ver"] == "1=2")
    }

    @Test func aPipelineWithTooFewRepliesFailsThoseThatHaveNone() {
        var results = TypedResults([.success(.integer(1))])
        let found = results.next(for: Redis.DBSize())
        #expect(found == .success(1))
        let missing = results.next(for: Redis.DBSize())
        #expect(throws: RedisError.self) { try missing.get() }
    }
}
