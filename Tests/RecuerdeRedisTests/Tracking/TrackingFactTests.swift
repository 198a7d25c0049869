import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What Redis 7.0.15 does, on which the cache relies; and where Redis 6.2.5, Redis 8.2.3 and Valkey 8.1.8 differ from it.
@Suite struct TrackingFacts {
    private func withOne(
        _ mode: RedisTrackingConfiguration.Mode = .default(noLoop: true),
        _ body: (TrackedClient, RedisServerProcess) async throws -> Void
    ) async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, mode: mode) { tracked in
                try await tracked.open()
                #expect(tracked.client.state.tracking == .on)
                try await body(tracked, server)
            }
        }
    }

    @Test func aKeyThatWasReadIsAnnouncedOnceWhenOthersChangeIt() async throws {
        try await withOne { tracked, server in
            try await tracked.run("GET", "k")
            try server.command("SET", "k", "1")
            try server.command("SET", "k", "2")
            #expect(try await tracked.notices() == ["k"])
            try server.command("SET", "unread", "1")
            #expect(try await tracked.notices() == [])
        }
    }

    @Test func anOwnWriteEndsTrackingWithoutANotice() async throws {
        try await withOne { tracked, server in
            try await tracked.run("GET", "k")
            try await tracked.run("SET", "k", "own")
            try server.command("SET", "k", "foreign")
            #expect(try await tracked.notices() == [])
        }
    }

    @Test func aReadPipelinedAfterTheWriteRestoresTracking() async throws {
        try await withOne { tracked, server in
            _ = try await tracked.client.pipeline([RedisCommand("SET", "k", "own"), RedisCommand("GET", "k")])
            try server.command("SET", "k", "foreign")
            #expect(try await tracked.notices() == ["k"])
        }
    }

    @Test func aReadAtTheEndOfTheSameScriptRestoresTracking() async throws {
        try await withOne { tracked, server in
            try await tracked.run("GET", "k")
            let script = RedisScript("redis.call('set', KEYS[1], 'own') return redis.call('get', KEYS[1])")
            _ = try await tracked.client.evaluate(script, keys: ["k"])
            // To a server before 7.0, NOLOOP does not cover what a script writes: the caller hears of it.
            #expect(try await tracked.notices() == (try server.version.isSevenOrLater ? [] : ["k"]))
            try server.command("SET", "k", "foreign")
            #expect(try await tracked.notices() == ["k"])
        }
    }

    @Test func readsInsideAScriptAreTrackedByTheKeysThatItDeclaresOrByThoseThatItReadsFrom72On() async throws {
        try await withOne { tracked, server in
            let version = try server.version
            let script = "return redis.call('get', KEYS[1])"
            let name = version.isSevenOrLater ? "EVAL_RO" : "EVAL"
            _ = try await tracked.client.send(RedisCommand(name, script, 2, "read", "declared", key: 2))
            try server.command("SET", "read", "1")
            try server.command("SET", "declared", "1")
            #expect(try await tracked.notices() == (version.tracksWhatScriptsRead ? ["read"] : ["read", "declared"]))
        }
    }

    @Test(arguments: ["FLUSHDB", "FLUSHALL"])
    func aFlushArrivesAsNullAndTheConnectionStays(command: String) async throws {
        try await withOne { tracked, server in
            let before = try await tracked.client.send(RedisCommand("CLIENT", "ID", key: nil))
            try await tracked.run("GET", "k")
            try server.command(command)
            #expect(try await tracked.notices() == ["ALL"])
            let after = try await tracked.client.send(RedisCommand("CLIENT", "ID", key: nil))
            #expect(after == before)
        }
    }

    @Test func broadcastMergesSeveralChangesOfOneKeyIntoOneNotice() async throws {
        try await withOne(try .broadcast(prefixes: ["app:"])) { tracked, server in
            try server.command(
                "EVAL",
                "for i = 1, 5 do redis.call('set', KEYS[1], i) redis.call('set', KEYS[2], i) end",
                "2",
                "app:k",
                "other"
            )
            #expect(try await tracked.notices() == ["app:k"])
            try await tracked.run("SET", "app:k", "own")
            #expect(try await tracked.notices() == [])
        }
    }

    @Test func theNoticePrecedesTheReplyToPing() async throws {
        try await withOne { tracked, server in
            for round in 0..<20 {
                try await tracked.run("GET", "k")
                try server.command("SET", "k", "\(round)")
                try await tracked.client.ping()
                let hasHeard = tracked.events.value.contains { if case .invalidated = $0 { true } else { false } }
                #expect(hasHeard)
                _ = try await tracked.notices()
            }
        }
    }

    @Test func strlenRestoresTrackingWithoutSendingTheValue() async throws {
        try await withOne { tracked, server in
            _ = try await tracked.client.pipeline([RedisCommand("SET", "k", "own"), RedisCommand("STRLEN", "k")])
            try server.command("SET", "k", "foreign")
            #expect(try await tracked.notices() == ["k"])
        }
    }

    @Test(arguments: [["SET", "k", "own", "GET"], ["GETEX", "k", "EX", "100"]])
    func writesThatAlsoReadDoNotRestoreTracking(words: [String]) async throws {
        try await withOne { tracked, server in
            _ = try await tracked.client.pipeline([
                RedisCommand("SET", "k", "own"), RedisCommand(words[0], arguments: Array(words.dropFirst())),
            ])
            try server.command("SET", "k", "foreign")
            #expect(try await tracked.notices() == [])
        }
    }

    @Test func theSameNameInAnotherDatabaseIsAnnouncedToo() async throws {
        try await withOne { tracked, server in
            try await tracked.run("GET", "k")
            try server.command("EVAL", "redis.call('select', 1) redis.call('set', KEYS[1], 'x')", "1", "k")
            #expect(try await tracked.notices() == ["k"])
        }
    }

    @Test func anExpiredKeyIsAnnounced() async throws {
        try await withOne { tracked, server in
            try server.command("SET", "k", "v", "PX", "300")
            try await tracked.run("GET", "k")
            try await until { try await tracked.notices() == ["k"] }
        }
    }

    @Test func aKeyThatIsEvictedIsAnnounced() async throws {
        var options = RedisServerOptions()
        options.maxmemory = "4mb"
        options.maxmemoryPolicy = "allkeys-lru"
        try await withRedisServer(options) { server in
            try await withTrackedClient(server.url) { tracked in
                try await tracked.open()
                let names = (0..<20).map { "old\($0)" }
                for name in names {
                    try server.command("SET", name, "v")
                    try await tracked.run("GET", name)
                }
                let filling = String(repeating: "f", count: 100_000)
                for index in 0..<200 { try server.command("SET", "filler\(index)", filling) }
                let gone = try names.filter { try server.command("EXISTS", $0) == "0" }
                #expect(!gone.isEmpty)
                #expect(Set(try await tracked.notices()).isSuperset(of: gone))
            }
        }
    }

    @Test func trackingInfoTellsWhetherTrackingIsOn() async throws {
        try await withOne { tracked, server in
            let flags = try await tracked.client.send(RedisCommand("CLIENT", "TRACKINGINFO", key: nil))
                .pairs?["flags"]?.elements?.compactMap(\.string)
            #expect(flags.map(Set.init) == ["on", "noloop"])
            try await tracked.run("CLIENT", "TRACKING", "OFF")
            let off = try await tracked.client.send(RedisCommand("CLIENT", "TRACKINGINFO", key: nil))
                .pairs?["flags"]?.elements?.compactMap(\.string)
            #expect(off == ["off"])
        }
    }

    @Test func overlappingPrefixesAreRefusedByTheServer() async throws {
        try await withRedisServer { server in
            let refusal = Shared("")
            let step = HandshakeStep(
                RedisCommand("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a", "PREFIX", "ab", key: nil)
            ) { reply in
                if case .error(let error) = reply { refusal.change { $0 = error.text } }
                return nil
            }
            try await withClient(server.url, change: { $0.handshakeSteps = [step] }) { try await $0.ping() }
            #expect(refusal.value.hasPrefix("ERR Prefix"))
        }
    }
}
