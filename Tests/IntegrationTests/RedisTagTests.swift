import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Testing

/// Tags on real servers.
@Suite(.serialized) struct RedisTagTests {
    private static let record = "{test:v2:x}:g"

    private func tagged(_ tags: String..., staleness: Duration? = nil) -> EntryOptions {
        var options = EntryOptions()
        options.tags = tags
        options.maximumStaleness = staleness
        return options
    }

    /// How often the server was asked for entries, records or scripts.
    private func asked(
        _ server: RedisServerProcess,
        _ commands: [String] = ["get", "mget", "getrange", "evalsha", "eval"]
    ) throws -> Int {
        let statistics = try server.command("INFO", "commandstats")
        return statistics.split(whereSeparator: \.isNewline).reduce(0) { sum, line in
            guard commands.contains(where: { line.hasPrefix("cmdstat_\($0):") }),
                let calls = line.split(separator: "calls=").dropFirst().first?.prefix(while: \.isNumber)
            else { return sum }
            return sum + (Int(calls) ?? 0)
        }
    }

    private func comes(_ value: Int?, under key: CacheKey, on node: Node) async throws -> Bool {
        try await eventually { try await node.cache.get(key, as: Int.self) == value }
    }

    private func failing(_ key: CacheKey, on node: Node) async throws -> CacheResult<Int> {
        try await node.cache.result(for: key) { _ -> Loaded<Int> in throw TestingError("scripted to fail") }
    }

    @Test(arguments: [true, false], TagInvalidation.allCases)
    func scenario76_anInvalidationIsSeenByAllAndByWhoeverStartsLater(
        tracks: Bool,
        invalidation: TagInvalidation
    ) async throws {
        try await withRedisServer { server in
            try await withNode(server, tracks: tracks) { (one: Node) async throws -> Void in
                try await withNode(server, tracks: tracks) { (two: Node) async throws -> Void in
                    for number in 0..<50 {
                        let key = CacheKey("k", "\(number)")
                        try await one.cache.set(key, to: number, options: tagged("x", "y", staleness: .seconds(100)))
                        #expect(try await two.cache.get(key) == number)
                    }
                    try await one.cache.set("other", to: 1, options: tagged("y"))
                    try await two.cache.invalidate(tags: ["x"], by: invalidation)
                    for number in 0..<50 {
                        let key = CacheKey("k", "\(number)")
                        #expect(try await two.cache.get(key, as: Int.self) == nil)
                        #expect(try await comes(nil, under: key, on: one))
                    }
                    try await withNode(server, tracks: tracks) { (later: Node) async throws -> Void in
                        for node in [one, two, later] {
                            #expect(try await node.cache.get("other") == 1)
                            #expect(try await !node.cache.contains("k:7"))
                            if invalidation == .expire {
                                #expect(try await failing("k:7", on: node).value == 7)
                            } else {
                                await #expect(throws: TestingError.self) { try await failing("k:7", on: node) }
                            }
                        }
                        try await later.cache.set("k:7", to: 70, options: tagged("x"))
                        for node in [one, two] { #expect(try await comes(70, under: "k:7", on: node)) }
                    }
                }
            }
        }
    }

    @Test func onceTagsAreKnownTheServerIsNotAskedAndNoticesOfRecordsAreHeard() async throws {
        try await withRedisServer { server in
            try await withNode(server, tracks: true) { (one: Node) async throws -> Void in
                try await withNode(server, tracks: true) { (two: Node) async throws -> Void in
                    let tags = (0..<16).map { "t\($0)" }
                    var options = EntryOptions()
                    options.tags = tags
                    try await one.cache.set("k", to: 1, options: options)
                    for node in [one, two] {
                        // Own notices and those of the other's reading come to rest.
                        let isQuiet = try await eventually {
                            let before = try asked(server)
                            var hits = 0
                            for _ in 0..<100 where try await node.cache.get("k") == 1 { hits += 1 }
                            return try asked(server) == before && hits == 100
                        }
                        #expect(isQuiet)
                    }
                    try await two.cache.invalidate(tags: ["t9"])
                    #expect(try await comes(nil, under: "k", on: one))
                    // By hand, and as by an eviction.
                    try await one.cache.set("k", to: 2, options: options)
                    #expect(try await comes(2, under: "k", on: two))
                    #expect(try server.command("DEL", "{test:v2:t3}:g") == "1")
                    for node in [one, two] { #expect(try await comes(nil, under: "k", on: node)) }
                    try await two.cache.set("k", to: 3, options: options)
                    for node in [one, two] { #expect(try await comes(3, under: "k", on: node)) }
                    try server.command("FLUSHALL")
                    for node in [one, two] { #expect(try await comes(nil, under: "k", on: node)) }
                    try await two.cache.set("k", to: 4, options: options)
                    for node in [one, two] { #expect(try await comes(4, under: "k", on: node)) }
                }
            }
        }
    }

    @Test func anInvalidationSurvivesARestartWithData() async throws {
        var options = RedisServerOptions()
        options.keepsData = true
        try await withRedisServer(options) { server in
            try await withNode(server, tracks: true) { (node: Node) async throws -> Void in
                try await node.cache.set("void", to: 1, options: tagged("x"))
                try await node.cache.set("valid", to: 1, options: tagged("y"))
                try await node.cache.invalidate(tags: ["x"])
                try server.restart()
                #expect(try await recovered(node))
                #expect(try await comes(1, under: "valid", on: node))
                #expect(try await node.cache.get("void", as: Int.self) == nil)
                try await withNode(server) { (later: Node) async throws -> Void in
                    #expect(try await later.cache.get("void", as: Int.self) == nil)
                    #expect(try await later.cache.get("valid") == 1)
                }
            }
        }
    }

    @Test func anInvalidationOfAnOutageIsBroughtThere() async throws {
        try await withRedisServer { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            try await withNode(server, url: "redis://127.0.0.1:\(proxy.port)") { (cutOff: Node) async throws -> Void in
                try await withNode(server, tracks: true) { (other: Node) async throws -> Void in
                    try await cutOff.cache.set("k", to: 1, options: tagged("x"))
                    #expect(try await other.cache.get("k") == 1)
                    proxy.both(.stop)
                    try await cutOff.cache.invalidate(tags: ["x"])
                    #expect(cutOff.cache.statistics().journalDepth == 1)
                    #expect(try await cutOff.cache.get("k", as: Int.self) == nil)
                    try await cutOff.cache.set("l", to: 2, options: tagged("x"))
                    #expect(try await other.cache.get("k") == 1)
                    proxy.both(.forward)
                    proxy.cut(reset: true)
                    #expect(try await recovered(cutOff))
                    #expect(try await comes(nil, under: "k", on: other))
                    #expect(try await comes(2, under: "l", on: other))
                    #expect(try await cutOff.cache.get("k", as: Int.self) == nil)
                }
            }
        }
    }

    @Test func scenario77_prefixesDoNotTouchEachOthersTags() async throws {
        try await withRedisServer { server in
            try await withNode(server) { (one: Node) async throws -> Void in
                try await withNode(server, { $0.prefix = "test2" }) { (other: Node) async throws -> Void in
                    for node in [one, other] { try await node.cache.set("k", to: 1, options: tagged("x")) }
                    try await one.cache.invalidate(tags: ["x"], by: .remove)
                    #expect(try await one.cache.get("k", as: Int.self) == nil)
                    #expect(try await other.cache.get("k") == 1)
                    _ = try await one.cache.clear()
                    #expect(try server.command("EXISTS", Self.record, "{test2:v2:x}:g") == "2")
                }
            }
        }
    }

    @Test func scenario53_tenThousandEntriesCostOneScriptAndTheRecordDisappears() async throws {
        try await withRedisServer { server in
            try await withNode(server, { $0.remoteDeadline = .seconds(30) }) { (node: Node) async throws -> Void in
                let keys = (0..<10_000).map { CacheKey("k", "\($0)") }
                let values = Dictionary(uniqueKeysWithValues: keys.map { ($0, 1) })
                var options = tagged("x")
                options.timeToLive = .seconds(100)
                try await node.cache.set(values, options: options)
                let before = try asked(server, ["evalsha"])
                try await node.cache.invalidate(tags: ["x"])
                #expect(try asked(server, ["evalsha"]) == before + 1)
                #expect(try await node.cache.get(keys, as: Int.self).isEmpty)
                let left = Int(try server.command("PTTL", Self.record)) ?? 0
                #expect(left > 100_000 && left <= 160_000)
            }
        }
    }

    @Test func aFullServerLosesTheRecordAndNotTheMeaning() async throws {
        try await withRedisServer { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                try await node.cache.set("k", to: 1, options: tagged("x", staleness: .seconds(100)))
                try server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
                try server.command("CONFIG", "SET", "maxmemory", "1")
                try await node.cache.invalidate(tags: ["x"])
                #expect(node.cache.statistics().journalDepth == 0)
                #expect(try server.command("EXISTS", Self.record) == "0")
                #expect(try await node.cache.get("k", as: Int.self) == nil)
                try server.command("CONFIG", "SET", "maxmemory", "0")
                try await node.cache.set("k", to: 2, options: tagged("x"))
                #expect(try await node.cache.get("k") == 2)
            }
        }
    }

    @Test func whatIsNoRecordIsMadeAnew() async throws {
        try await withRedisServer { server in
            try await withNode(server) { (node: Node) async throws -> Void in
                try await node.cache.set("k", to: 1, options: tagged("x"))
                try server.command("SET", Self.record, "junk")
                #expect(try await comes(nil, under: "k", on: node))
                try await node.cache.invalidate(tags: ["x"])
                #expect(try server.command("STRLEN", Self.record) == "40")
                try await node.cache.set("k", to: 2, options: tagged("x"))
                #expect(try await node.cache.get("k") == 2)
            }
        }
    }
}
