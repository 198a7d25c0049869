import Logging
import NIOCore
import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Testing

/// Nodes that ask memory first and hear of each other by pub/sub, on one real server.
@Suite(.serialized) struct RedisAnnouncementTests {
    private func withTwo(
        _ options: RedisServerOptions = RedisServerOptions(),
        url: (RedisServerProcess) -> String? = { _ in nil },
        _ change: (inout CacheConfiguration) -> Void = { _ in },
        _ body: (RedisServerProcess, AnnouncingNode, AnnouncingNode) async throws -> Void
    ) async throws {
        try await withRedisServer(options) { server in
            try await withAnnouncingNode(server, url: url(server), change) { one in
                try await withAnnouncingNode(server, url: url(server), change) { two in
                    #expect(try await eventually { one.isHearing && two.isHearing })
                    try await body(server, one, two)
                }
            }
        }
    }

    /// Until a read from memory, if possible, finds this.
    private func comes(_ value: Int?, under key: CacheKey, on node: AnnouncingNode) async throws -> Bool {
        try await eventually { try await node.cache.get(key, as: Int.self) == value }
    }

    /// Reads a key again and again; true if the server was asked for none of it.
    private func isAnsweredByMemory(_ key: CacheKey, on node: AnnouncingNode) async throws -> Bool {
        let before = node.cache.statistics().remote.totalRequests
        for _ in 0..<10 { _ = try await node.cache.get(key, as: Int.self) }
        return node.cache.statistics().remote.totalRequests == before
    }

    /// What was announced until now has been heard by a node: it hears what another one says after it.
    private func settle(_ node: AnnouncingNode, after other: AnnouncingNode) async throws {
        let value = Int.random(in: .min ... .max)
        try await other.cache.set("settled", to: value)
        #expect(try await comes(value, under: "settled", on: node))
    }

    // MARK: While all is well

    @Test func memoryAnswersUntilAnotherNodeWritesRemovesOrClears() async throws {
        try await withTwo { _, one, two in
            for number in 0..<20 {
                let key = CacheKey("k", "\(number)")
                try await one.cache.set(key, to: 1)
                #expect(try await isAnsweredByMemory(key, on: one))
                #expect(try await comes(1, under: key, on: two))
                // What comes too late takes a copy for nothing, once.
                #expect(try await eventually { try await isAnsweredByMemory(key, on: two) })
                try await two.cache.set(key, to: 2)
                #expect(try await comes(2, under: key, on: one))
                _ = try await one.cache.delete(key)
                #expect(try await comes(nil, under: key, on: two))
                #expect(try await two.cache.value(for: key) { 3 } == 3)
                #expect(try await isAnsweredByMemory(key, on: two))
                #expect(try await one.cache.value(for: key) { 4 } == 3)
            }
            #expect(try await two.cache.clear() == 20)
            for number in 0..<20 { #expect(try await comes(nil, under: CacheKey("k", "\(number)"), on: one)) }
        }
    }

    @Test(arguments: TagInvalidation.allCases)
    func anInvalidationByTagIsAnnounced(invalidation: TagInvalidation) async throws {
        try await withTwo { _, one, two in
            var options = EntryOptions()
            options.tags = ["x", "y"]
            options.maximumStaleness = .seconds(100)
            for round in 1...10 {
                try await one.cache.set("k", to: round, options: options)
                for node in [one, two] {
                    #expect(try await comes(round, under: "k", on: node))
                    #expect(try await eventually { try await isAnsweredByMemory("k", on: node) })
                }
                try await two.cache.invalidate(tags: ["x"], by: invalidation)
                #expect(try await two.cache.get("k", as: Int.self) == nil)
                #expect(try await comes(nil, under: "k", on: one))
                let failed = try? await one.cache.result(for: "k") { _ -> Loaded<Int> in
                    throw TestingError("scripted to fail")
                }
                #expect(failed?.value == (invalidation == .expire ? round : nil))
            }
        }
    }

    @Test func anOwnWriteDoesNotEvictTheOwnCopy() async throws {
        try await withTwo { _, one, two in
            try await one.cache.set("k", to: 1)
            try await settle(one, after: two)
            #expect(try await isAnsweredByMemory("k", on: one))
            try await one.cache.set(["k": 2, "l": 2])
            #expect(try await one.cache.value(for: "m") { 3 } == 3)
            try await settle(one, after: two)
            for key in ["k", "l", "m"] as [CacheKey] { #expect(try await isAnsweredByMemory(key, on: one)) }
            let announcements = try #require(one.tier.announcements)
            #expect(announcements.isHearing && announcements.unannounced == 0 && announcements.fault == nil)
        }
    }

    @Test func aClearTakesCopiesOfWhatRedisHasDroppedByItself() async throws {
        try await withTwo { server, one, two in
            try await one.cache.set("k", to: 1)
            // As eviction does: of that nobody is told, and the copy is as good as before.
            try server.command("DEL", "test:v2:k", "{test:v2:k}:t")
            #expect(try await isAnsweredByMemory("k", on: one))
            #expect(try await one.cache.get("k", as: Int.self) == 1)
            _ = try await two.cache.clear()
            #expect(try await comes(nil, under: "k", on: one))
            // What is read or written after it is vouched for again.
            try await one.cache.set("k", to: 2)
            #expect(try await eventually { try await isAnsweredByMemory("k", on: one) })
            try await two.cache.set("k", to: 3)
            #expect(try await comes(3, under: "k", on: one))
        }
    }

    /// Copies may have been made between the beginning of a clear and the page that removes their entry.
    @Test func aSweepNamesWhatItHasRemovedAndNothingElse() async throws {
        try await withTwo { _, one, two in
            for key in ["k", "l"] as [CacheKey] { try await one.cache.set(key, to: 1) }
            let time = try await two.tier.time(timeout: .seconds(5))
            try await one.cache.set("l", to: 2)
            let names = ["test:v2:k", "test:v2:l", "test:v2:m"]
            #expect(try await two.tier.sweep(names, stamp: time, format: .envelope, timeout: .seconds(5)) == 1)
            #expect(try await comes(nil, under: "k", on: one))
            #expect(try await isAnsweredByMemory("l", on: one))
            #expect(try await one.cache.get("l") == 2)
        }
    }

    @Test func writesOfTwoNodesInTheSameMomentLeaveBothWithTheLater() async throws {
        try await withTwo { _, one, two in
            for round in 0..<200 {
                let key = CacheKey("k", "\(round % 7)")
                async let first: Void = one.cache.set(key, to: round * 2)
                async let second: Void = two.cache.set(key, to: round * 2 + 1)
                try await first
                try await second
                #expect(
                    try await eventually {
                        let (mine, yours) = (
                            try await one.cache.get(key, as: Int.self), try await two.cache.get(key, as: Int.self)
                        )
                        return mine == yours && mine != nil && (mine ?? 0) / 2 >= round
                    }
                )
            }
        }
    }

    @Test func nodesThatTrackAndAnnounceAreHeardAsWell() async throws {
        try await withRedisServer { server in
            try await withAnnouncingNode(server) { hearing in
                try await withAnnouncingNode(server, invalidation: .trackingAndAnnouncing(on: AnnouncingNode.channel)) {
                    tracking in
                    #expect(try await eventually { hearing.isHearing && tracking.isHearing })
                    try await hearing.cache.set("k", to: 1)
                    #expect(try await comes(1, under: "k", on: tracking))
                    try await tracking.cache.set("k", to: 2)
                    #expect(try await comes(2, under: "k", on: hearing))
                    try await hearing.cache.set("k", to: 3)
                    #expect(try await comes(3, under: "k", on: tracking))
                    _ = try await tracking.cache.clear()
                    #expect(try await comes(nil, under: "k", on: hearing))
                }
            }
        }
    }

    @Test func severalCachesOnOneTierHearEachOfItsOwn() async throws {
        try await withTwo { server, one, two in
            var configuration = CacheConfiguration()
            configuration.prefix = "second"
            configuration.stalenessBound = .seconds(120)
            let second = Cache(configuration: configuration, remote: one.tier)
            await second.connect()
            #expect(second.statistics().invalidationLines == 1)
            try await second.set("k", to: 1)
            try await one.cache.set("k", to: 1)
            try await two.cache.set("k", to: 2)
            #expect(try await comes(2, under: "k", on: one))
            #expect(try await second.get("k") == 1)
            await one.client.shutdown()
            #expect(try await eventually { second.statistics().invalidationLines == 0 && !one.isHearing })
        }
    }

    @Test func aSubscriptionEndsWithItsLastCacheAndBeginsWithTheNext() async throws {
        try await withRedisServer { server in
            func subscribers() throws -> Bool {
                try server.command("PUBSUB", "NUMSUB", AnnouncingNode.channel).hasSuffix("1")
            }
            let client = RedisClient(
                configuration: RedisConfiguration(url: try RedisURL(server.url)),
                logger: Logger(label: "test")
            )
            let tier = RedisTier(client: client, invalidation: .published(on: AnnouncingNode.channel))
            var cache: Cache? = Cache(remote: tier)
            await cache?.connect()
            #expect(try await eventually { cache?.statistics().invalidationLines == 1 })
            #expect(try subscribers())
            cache = nil
            #expect(try await eventually { try !subscribers() })
            cache = Cache(remote: tier)
            await cache?.connect()
            #expect(try await eventually { cache?.statistics().invalidationLines == 1 })
            await client.shutdown()
        }
    }

    // MARK: While it is not

    @Test func aLostSubscriptionLosesNoInvalidation() async throws {
        try await withTwo { server, one, two in
            for round in 0..<5 {
                for number in 0..<10 { try await one.cache.set(CacheKey("k", "\(number)"), to: -1) }
                for number in 0..<10 { #expect(try await isAnsweredByMemory(CacheKey("k", "\(number)"), on: one)) }
                try server.command("CLIENT", "KILL", "TYPE", "pubsub")
                for number in 0..<10 { try await two.cache.set(CacheKey("k", "\(number)"), to: round) }
                for number in 0..<10 { #expect(try await comes(round, under: CacheKey("k", "\(number)"), on: one)) }
                #expect(try await eventually { one.isHearing && two.isHearing })
                // What was checked, or read anew, is vouched for again.
                for number in 0..<10 {
                    #expect(try await eventually { try await isAnsweredByMemory(CacheKey("k", "\(number)"), on: one) })
                }
            }
        }
    }

    @Test func aServerThatComesBackEmptyLeavesNothingBehind() async throws {
        try await withTwo { server, one, _ in
            try await one.cache.set("k", to: 1)
            try server.restart()
            #expect(try await comes(nil, under: "k", on: one))
            #expect(try await eventually { one.isHearing })
        }
    }

    /// The partition of one node from the path of invalidation only: nothing breaks, and nothing comes.
    @Test func aSubscriptionThatGoesSilentVouchesForNothingAfterTheBound() async throws {
        try await withRedisServer { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            try await withAnnouncingNode(
                server,
                subscribingBy: proxy.url,
                { $0.stalenessBound = .milliseconds(500) }
            ) { deaf in
                try await withAnnouncingNode(server) { other in
                    #expect(try await eventually { deaf.isHearing && other.isHearing })
                    try await deaf.cache.set("k", to: 1)
                    #expect(try await eventually { try await isAnsweredByMemory("k", on: deaf) })
                    proxy.toClients(.stop)
                    try await other.cache.set("k", to: 2)
                    #expect(try await comes(2, under: "k", on: deaf))
                    // Redis is asked from then on.
                    #expect(try await !isAnsweredByMemory("k", on: deaf))
                    try await other.cache.set("k", to: 3)
                    #expect(try await deaf.cache.get("k") == 3)
                    // The subscription is given up and tried anew, in vain.
                    let accepted = proxy.accepted
                    #expect(try await eventually { proxy.accepted > accepted })
                    proxy.toClients(.forward)
                    #expect(try await eventually { try await isAnsweredByMemory("k", on: deaf) })
                    try await other.cache.set("k", to: 4)
                    #expect(try await comes(4, under: "k", on: deaf))
                }
            }
        }
    }

    /// The server keeps what a subscriber does not take, up to a limit, and throws it out past it.
    @Test func aBufferThatOverflowsLosesNoInvalidation() async throws {
        var options = RedisServerOptions()
        options.extraLines = ["client-output-buffer-limit pubsub 64kb 64kb 1"]
        try await withRedisServer(options) { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            try await withAnnouncingNode(server, subscribingBy: proxy.url) { slow in
                try await withAnnouncingNode(server) { other in
                    #expect(try await eventually { slow.isHearing && other.isHearing })
                    try await slow.cache.set("k", to: 1)
                    #expect(try await isAnsweredByMemory("k", on: slow))
                    proxy.toClients(.stop)
                    let much = String(repeating: "x", count: 1 << 20)
                    #expect(
                        try await eventually {
                            try server.command("PUBLISH", AnnouncingNode.channel, much)
                            return try !server.command("PUBSUB", "NUMSUB", AnnouncingNode.channel).hasSuffix("2")
                        }
                    )
                    // The message is too much for both of them; only the one that hears comes back.
                    #expect(
                        try await eventually {
                            let count = try server.command("PUBSUB", "NUMSUB", AnnouncingNode.channel)
                            return count.hasSuffix("1") && other.isHearing
                        }
                    )
                    // Nobody is there to hear it.
                    try await other.cache.set("k", to: 2)
                    proxy.toClients(.forward)
                    #expect(try await comes(2, under: "k", on: slow))
                    #expect(try await eventually { try await isAnsweredByMemory("k", on: slow) })
                }
            }
        }
    }

    // MARK: Where it is needed, and where it is not

    @Test func aServerThatSpeaksRESP2OnlyIsEnough() async throws {
        var options = RedisServerOptions()
        options.extraLines = ["rename-command HELLO \"\"", "rename-command CLIENT \"\""]
        try await withTwo(options) { _, one, two in
            #expect(!one.client.state.tracking.isOn)
            try await one.cache.set("k", to: 1)
            #expect(try await isAnsweredByMemory("k", on: one))
            #expect(try await comes(1, under: "k", on: two))
            try await two.cache.set("k", to: 2)
            #expect(try await comes(2, under: "k", on: one))
            _ = try await two.cache.clear()
            #expect(try await comes(nil, under: "k", on: one))
        }
    }

    /// Just what docs/setup.md names.
    private static let rights =
        "~test:* ~{test:* +get +mget +set +del +unlink +scan +exists +getrange +setrange +time +pttl +pexpire +hget +hset +ping +evalsha "
        + "+eval +select +client|setname"

    @Test func theLeastACLIsEnough() async throws {
        var options = RedisServerOptions()
        options.users = ["cache on >secret resetchannels \(Self.rights) +publish +subscribe &test:changes:0"]
        try await withTwo(options, url: { "redis://cache:secret@127.0.0.1:\($0.port)/0" }) { _, one, two in
            try await one.cache.set("k", to: 1)
            #expect(try await comes(1, under: "k", on: two))
            try await two.cache.set("k", to: 2)
            #expect(try await comes(2, under: "k", on: one))
            #expect(try await two.cache.delete("k"))
            #expect(try await comes(nil, under: "k", on: one))
            #expect(try await one.cache.value(for: "l") { 1 } == 1)
            #expect(try await two.cache.clear() == 1)
            #expect(try await comes(nil, under: "l", on: one))
            for node in [one, two] {
                #expect(node.cache.statistics().total.errors == 0)
                #expect(node.tier.announcements?.fault == nil && node.tier.announcements?.unannounced == 0)
            }
        }
    }

    /// Writes are carried out all the same, and it is known that others were not told.
    @Test(arguments: ["", "+publish +subscribe", "+publish &test:changes:0", "+subscribe &test:changes:0"])
    func withoutTheRightsRedisIsAskedFirst(rights: String) async throws {
        var options = RedisServerOptions()
        options.users = ["cache on >secret resetchannels \(Self.rights) \(rights)"]
        try await withRedisServer(options) { server in
            let url = "redis://cache:secret@127.0.0.1:\(server.port)/0"
            try await withAnnouncingNode(server, url: url) { one in
                try await withAnnouncingNode(server, url: url) { two in
                    try await one.cache.set("k", to: 1)
                    #expect(try await two.cache.get("k") == 1)
                    try await one.cache.set("k", to: 2)
                    #expect(try await two.cache.get("k") == 2)
                    #expect(try await one.cache.delete("k"))
                    #expect(try await two.cache.get("k", as: Int.self) == nil)
                    #expect(try await two.cache.value(for: "l") { 1 } == 1)
                    #expect(try await one.cache.clear() == 1)
                    #expect(one.cache.statistics().journalDepth == 0)
                    #expect(try await eventually { one.tier.announcements?.fault != nil })
                    #expect(!one.isHearing && !two.isHearing)
                    let mayPublish = rights.contains("+publish") && rights.contains("&")
                    // Two sets, a removal, a clear and what it swept.
                    #expect(one.tier.announcements?.unannounced == (mayPublish ? 0 : 5))
                }
            }
        }
    }

    @Test func aFullServerAnnouncesWhatItHasRemoved() async throws {
        var options = RedisServerOptions()
        options.maxmemoryPolicy = "noeviction"
        try await withTwo(options) { server, one, two in
            try await one.cache.set("k", to: 1)
            #expect(try await comes(1, under: "k", on: two))
            #expect(try await eventually { try await isAnsweredByMemory("k", on: two) })
            try server.command("CONFIG", "SET", "maxmemory", "1")
            try await one.cache.set("k", to: 2)
            // Its copy is outdated, and so is the entry that was removed.
            #expect(try await comes(nil, under: "k", on: two))
            try server.command("CONFIG", "SET", "maxmemory", "0")
        }
    }

    /// It exists to be shared with programs that announce nothing.
    @Test func thePlainFormatIsAskedForInRedisFirst() async throws {
        try await withRedisServer { server in
            try await withAnnouncingNode(server, { $0.format = .plain }) { plain in
                try await withAnnouncingNode(server) { other in
                    #expect(try await eventually { other.isHearing })
                    try await plain.cache.set("k", to: 1)
                    try server.command("SET", "test:k", "2")
                    #expect(try await plain.cache.get("k") == 2)
                    #expect(!plain.isHearing)
                    #expect(try server.command("PUBSUB", "NUMSUB", AnnouncingNode.channel).hasSuffix("1"))
                }
            }
        }
    }

    @Test func aTierThatAnnouncesKeepsTheContractOfAll() async throws {
        try await withRedisServer { server in
            try await withAnnouncingNode(server) { node in
                try await RemoteTierConformance(tier: node.tier, prefix: "c:").checkAll()
            }
        }
    }

    @Test func nothingIsAnnouncedWhereNobodyAskedForIt() async throws {
        try await withRedisServer { server in
            try await withNode(server) { node in
                try await node.cache.set("k", to: 1)
                _ = try await node.cache.delete("k")
                _ = try await node.cache.clear()
                #expect(try !server.command("INFO", "commandstats").contains("cmdstat_publish"))
            }
        }
    }
}
