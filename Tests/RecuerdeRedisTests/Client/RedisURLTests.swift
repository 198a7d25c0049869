import Testing

@testable import RecuerdeRedis

@Suite struct RedisURLs {
    @Test(arguments: [
        ("redis://localhost", "redis://localhost:6379/0"),
        ("redis://localhost:6380/5", "redis://localhost:6380/5"),
        ("redis://localhost/", "redis://localhost:6379/0"),
        ("REDIS://Host.example", "redis://Host.example:6379/0"),
        ("valkey://h", "redis://h:6379/0"),
        ("valkeys://h", "rediss://h:6379/0"),
        ("rediss://h:1/2", "rediss://h:1/2"),
        ("redis://:p@h", "redis://****@h:6379/0"),
        ("redis://u:p@h", "redis://****@h:6379/0"),
        ("redis://@h", "redis://h:6379/0"),
        ("redis://u:p@w@h", "redis://****@h:6379/0"),
        ("redis://[::1]", "redis://[::1]:6379/0"),
        ("redis://u:p@[fe80::1]:7000/1", "redis://****@[fe80::1]:7000/1"),
        ("redis://h?db=4", "redis://h:6379/4"),
        ("redis://h?db=", "redis://h:6379/0"),
        ("redis+unix:///run/redis.sock?db=2", "redis+unix:///run/redis.sock?db=2"),
        ("unix:///run/redis.sock", "redis+unix:///run/redis.sock?db=0"),
        ("redis+unix://u:p@/run/redis.sock", "redis+unix://****@/run/redis.sock?db=0"),
        ("redis+cluster://h", "redis+cluster://h:6379/0"),
        ("rediss+cluster://u:p@a:1,b,[::1]:3/0", "rediss+cluster://****@a:1,b:6379,[::1]:3/0"),
        ("redis+cluster://a:1,b:2,a:1?db=0", "redis+cluster://a:1,b:2/0"),
    ]) func areUnderstoodAndMasked(text: String, masked: String) throws {
        let url = try RedisURL(text)
        #expect(url.masked == masked)
        #expect("\(url)" == masked)
        #expect(String(reflecting: url) == masked)
    }

    @Test func haveTheirPartsDecoded() throws {
        let url = try RedisURL("rediss://us%65r:p%40ss%2F%3a%25%C3%A9@cache.example:6390/7")
        #expect(url.username == "user")
        #expect(url.password == "p@ss/:%é")
        #expect(url.host == "cache.example")
        #expect(url.port == 6390)
        #expect(url.database == 7)
        #expect(url.tls)
        #expect(url.socketPath == nil)
        let withoutUser = try RedisURL("redis://:secret@h")
        #expect(withoutUser.username == nil)
        #expect(withoutUser.password == "secret")
        let socket = try RedisURL("redis+unix:///tmp/a%20b.sock?db=3")
        #expect(socket.socketPath == "/tmp/a b.sock")
        #expect(socket.database == 3)
        let address = try RedisURL("redis://[2001:db8::1]:7000")
        #expect(address.host == "2001:db8::1")
        #expect(address.address == "[2001:db8::1]:7000")
    }

    @Test func ofClustersNameSeveralServers() throws {
        let url = try RedisURL("rediss+cluster://:secret@a:1,[2001:db8::1]:2,c")
        #expect(
            url.endpoints == [
                .init(host: "a", port: 1), .init(host: "2001:db8::1", port: 2), .init(host: "c", port: 6379),
            ]
        )
        #expect(url.tls && url.scheme.isCluster && url.database == 0 && url.password == "secret")
        #expect(url.host == "a" && url.port == 1)
        let single = try RedisURL("redis://h:7")
        #expect(single.endpoints == [.init(host: "h", port: 7)] && !single.scheme.isCluster)
        #expect(try RedisURL("unix:///run/redis.sock").endpoints.isEmpty)
        let many = (0...256).map { "h\($0)" }.joined(separator: ",")
        #expect(throws: RedisURLError.self) { try RedisURL("redis+cluster://" + many) }
    }

    @Test(arguments: [
        ("", "empty"),
        ("localhost:6379", "scheme"),
        ("http://h", "scheme"),
        ("redis:/h", "scheme"),
        ("redis://", "host"),
        ("redis://:hunter2@", "host"),
        ("redis://:hunter2@:6379", "host"),
        ("redis://:hunter2@h:0", "port"),
        ("redis://:hunter2@h:65536", "port"),
        ("redis://:hunter2@h:", "port"),
        ("redis://:hunter2@h:+1", "port"),
        ("redis://:hunter2@h:1:2", "port"),
        ("redis://:hunter2@h/x", "database"),
        ("redis://:hunter2@h/-1", "database"),
        ("redis://:hunter2@h/1/2", "database"),
        ("redis://:hunter2@h/9999999999", "database"),
        ("redis://:hunter2@h/1?db=2", "twice"),
        ("redis://:hunter2@h?db=1&db=2", "twice"),
        ("redis://:hunter2@h?ssl=true", "key other than"),
        ("redis://:hunter2@h#x", "#"),
        ("redis://:hunter2#x@h", "#"),
        ("redis://:hunter2%2@h", "%"),
        ("redis://:hunter2%zz@h", "%"),
        ("redis://:hunter2%FF@h", "UTF-8"),
        ("redis://:hunter2%00@h", "UTF-8"),
        ("redis://:hunter2 @h", "space"),
        ("redis://:hunter2/x@h", "host"),
        ("redis://hunter2:x/y@h", "port"),
        ("redis://hunter2@h", "without a password"),
        ("redis://[::1", "IPv6"),
        ("redis://[hunter2]", "IPv6"),
        ("redis://[::1]hunter2", "IPv6"),
        ("redis://a,b", "host"),
        ("redis+unix://relative/hunter2", "absolute"),
        ("redis+unix://", "path"),
        ("redis+unix:///run/hunter2?x=1", "key other than"),
        ("redis+sentinel://:hunter2@h/mymaster", "not supported yet"),
        ("redis+cluster://:hunter2@h/1", "one database"),
        ("redis+cluster://:hunter2@h?db=2", "one database"),
        ("rediss+cluster://:hunter2@a,,b", "host"),
        ("rediss+cluster://:hunter2@a,b:0", "port"),
        ("rediss+cluster://:hunter2@", "host"),
    ]) func thatAreWrongAreRefusedWithoutShowingThem(text: String, fault: String) {
        let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
        #expect(error?.message.contains(fault) == true, "\(error?.message ?? "")")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func ofAnyBytesNeverCrash() {
        var random = SeededRandom(seed: 7)
        let alphabet = Array("redis+unx:/@[]%?#=&0129aé \u{0}.-,")
        var understood = 0
        for _ in 0..<20_000 {
            let tail = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let text = (["redis://", "redis+cluster://", ""].randomElement(using: &random) ?? "") + String(tail)
            if let url = try? RedisURL(text) {
                understood += 1
                #expect((try? RedisURL(url.masked.replacing("****@", with: ""))) != nil, "\(text)")
            }
        }
        #expect(understood > 100)
    }

    @Test func credentialsAreNotPrinted() {
        let credentials = RedisCredentials(username: "u", password: "hunter2")
        #expect(!"\(credentials)".contains("hunter2"))
        #expect(!String(reflecting: credentials).contains("hunter2"))
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }
}
