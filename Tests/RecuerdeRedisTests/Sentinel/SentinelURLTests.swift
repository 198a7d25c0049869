import Testing

@testable import RecuerdeRedis

@Suite struct SentinelURLs {
    @Test func nameSentinelsMasterAndDatabase() throws {
        let url = try RedisURL("redis+sentinel://app:s%40t@a,b:1,[::1]:2/my%2Dmaster/3")
        #expect(url.scheme == .sentinel)
        #expect(url.scheme.isSentinel)
        #expect(!url.tls)
        #expect(url.endpoints.map(\.description) == ["a:26379", "b:1", "[::1]:2"])
        #expect(url.masterName == "my-master")
        #expect(url.database == 3)
        #expect(url.username == "app")
        #expect(url.password == "s@t")
        #expect(url.sentinelCredentials == nil)
        #expect(url.masked == "redis+sentinel://****@a:26379,b:1,[::1]:2/my-master/3")
    }

    @Test func mayAskForTLSAndHoldCredentialsOfTheSentinels() throws {
        let url = try RedisURL("rediss+sentinel://a/m?sentinelUsername=u%26&sentinelPassword=p%3D")
        #expect(url.scheme == .sentinelTLS)
        #expect(url.tls)
        #expect(url.database == 0)
        #expect(url.sentinelCredentials == RedisCredentials(username: "u&", password: "p="))
        #expect(!url.masked.contains("p="))
        #expect(!"\(url)".contains("sentinelPassword"))
        let plain = try RedisURL("valkey+sentinel://a/m/?sentinelPassword=p")
        #expect(plain.sentinelCredentials == RedisCredentials(password: "p"))
        #expect(plain.database == 0)
    }

    @Test(arguments: [
        ("redis+sentinel://a", "name of the master is missing"),
        ("redis+sentinel://a/", "name of the master is missing"),
        ("redis+sentinel://a//0", "name of the master is missing"), ("redis+sentinel://a/m/0/1", "only a database"),
        ("redis+sentinel://a/m/x", "not a number"), ("redis+sentinel://a,/m", "host is missing"),
        ("redis+sentinel://a/m?db=1", "other than"), ("redis+sentinel://a/m?sentinelUsername=u", "without a password"),
        ("redis+sentinel://a/m?sentinelPassword=p&sentinelPassword=q", "twice"), ("redis+sentinel://a/%00", "UTF-8"),
        ("redis+sentinel://a/%0A", "do not take"), ("redis+sentinel://u@a/m", "user without a password"),
    ]) func thatAreWrongAreRefusedWithTheFault(text: String, words: String) {
        #expect {
            _ = try RedisURL(text)
        } throws: { error in
            "\(error)".contains(words)
        }
    }

    @Test func aClientOfSentinelsTakesNoOtherURL() throws {
        #expect(throws: RedisURLError.self) {
            _ = try RedisSentinelClient(
                configuration: RedisConfiguration(url: try RedisURL("redis://a")),
                logger: quiet
            )
        }
    }
}
