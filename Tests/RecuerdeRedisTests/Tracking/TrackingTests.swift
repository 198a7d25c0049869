import Logging
import NIOCore
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeRedis

@Suite struct Tracking {
    @Test func severalConnectionsBringEachForeignChangeOnceAndNoEchoOfOwnWrites() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, connections: 3) { tracked in
                try await tracked.open()
                let keys = (0..<60).map { "k\($0)" }
                #expect(Set(keys.map { tracked.client.connection(forKey: $0) }) == [0, 1, 2])
                for key in keys {
                    try await tracked.run("GET", key)
                    _ = try await tracked.client.pipeline([
                        RedisCommand("SET", key, "own"), RedisCommand("STRLEN", key),
                    ])
                }
                #expect(try await tracked.notices() == [])
                for key in keys { try server.command("SET", key, "foreign") }
                #expect(try await tracked.notices().sorted() == keys.sorted())
            }
        }
    }

    @Test func noticesComeFromTheConnectionOfTheirKey() async throws {
        try await withRedisServer { server in
            for mode in [RedisTrackingConfiguration.Mode.default(noLoop: true), try .broadcast(prefixes: [])] {
                try await withTrackedClient(server.url, mode: mode, connections: 2) { tracked in
                    try await tracked.open()
                    let keys = (0..<20).map { "k\($0)" }
                    for key in keys {
                        try await tracked.run("GET", key)
                        try server.command("SET", key, "foreign")
                    }
                    try await until {
                        for connection in 0..<2 { try await tracked.run("ECHO", tracked.key(of: connection)) }
                        return true
                    }
                    var heard: [String] = []
                    for case .invalidated(let names, let identity) in tracked.events.value {
                        for name in names {
                            #expect(tracked.client.trackingRoute(forKey: name)?.identity == identity)
                            heard.append(String(buffer: name))
                        }
                    }
                    #expect(heard.sorted() == keys.sorted())
                }
            }
        }
    }

    @Test func aLostConnectionIsToldBeforeItsKeysGoAnotherWayAndAgainWhenItIsBack() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, connections: 2) { tracked in
                try await tracked.open()
                let key = tracked.key(of: 1)
                try await tracked.run("GET", key)
                try server.command("CLIENT", "KILL", "TYPE", "normal")
                let first = tracked.events.value.identities.prefix(2)
                try await until { tracked.openIdentities.isDisjoint(with: first) }
                try await until {
                    _ = try? await tracked.run("GET", key)
                    return tracked.openIdentities.count == 2
                }
                // What is read from now on is tracked again.
                _ = try await tracked.notices()
                try await tracked.run("GET", key)
                try server.command("SET", key, "foreign")
                #expect(try await tracked.notices().contains(key))
                #expect(tracked.client.state.tracking == .on)
            }
        }
    }

    /// Guards as the cache lays them: what survives them must be what the server holds, whatever is killed meanwhile.
    @Test func whatIsKeptUnderGuardsIsNeverOlderThanTheServersWhileConnectionsDie() async throws {
        try await withRedisServer { server in
            let keeper = Keeper()
            try await withTrackedClient(
                server.url,
                connections: 2,
                change: { configuration in
                    configuration.backoff = RedisBackoff(base: .milliseconds(1), cap: .milliseconds(5))
                    configuration.tracking = RedisTrackingConfiguration(
                        mode: .default(noLoop: true),
                        handler: keeper.hear
                    )
                }
            ) { tracked in
                let client = tracked.client
                try await client.connect()
                let keys = (0..<16).map { "k\($0)" }
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for reader in 0..<4 {
                        tasks.addTask {
                            var random = SeededRandom(seed: UInt64(reader))
                            while !keeper.isOver {
                                guard let key = keys.randomElement(using: &random) else { return }
                                try await keeper.read(key, client)
                            }
                        }
                    }
                    tasks.addTask {
                        var random = SeededRandom(seed: 99)
                        for round in 0..<400 {
                            if let key = keys.randomElement(using: &random) {
                                try server.command("SET", key, "\(round)")
                            }
                            if round.isMultiple(of: 40) { try server.command("CLIENT", "KILL", "TYPE", "normal") }
                            await Task.yield()
                        }
                        keeper.end()
                    }
                    try await tasks.waitForAll()
                }
                #expect(keeper.stores > 100)
                // Every notice that is under way arrives before these replies, or the loss of its connection is told.
                try await eventually {
                    for connection in 0..<2 {
                        _ = try await client.send(RedisCommand("ECHO", tracked.key(of: connection)))
                    }
                }
                for (key, value) in keeper.kept {
                    let now = try server.command("GET", key)
                    #expect(value == now, "\(key)")
                }
            }
        }
    }

    @Test func aNoticeThatOvertakesTheReplyIsHeardBeforeTheReply() async throws {
        let script = FakeServer.greeted { _, words in
            words[0] == "GET"
                ? .bytes(">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n$1\r\nv\r\n") : .bytes("+PONG\r\n")
        }
        try await FakeServer.with(script) { server in
            try await withTrackedClient(server.url) { tracked in
                for count in 1...20 {
                    let value = try await tracked.run("GET", "k")
                    #expect(value.string == "v")
                    #expect(
                        tracked.events.value.filter {
                            if case .invalidated([ByteBuffer(string: "k")], _) = $0 { true } else { false }
                        }
                        .count == count
                    )
                }
                #expect(server.handshakes.contains(["CLIENT", "TRACKING", "ON", "NOLOOP"]))
            }
        }
    }

    @Test func aLostServerTurnsTheStateOffUntilTrackingIsOnAgain() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url) { tracked in
                try await tracked.open()
                server.kill()
                try await until { !tracked.client.state.tracking.isOn }
                let first = try #require(tracked.events.value.identities.first)
                #expect(tracked.events.value.last == .closed(identity: first))
                try server.restart()
                try await eventually { try await tracked.client.ping() }
                #expect(tracked.client.state.tracking == .on)
                let second = try #require(tracked.events.value.identities.last)
                #expect(second > first)
                #expect(
                    tracked.events.value
                        == [.opened(identity: first), .closed(identity: first), .opened(identity: second)]
                )
            }
        }
    }

    /// The first answer of a server that has come back empty never finds a value of the one before.
    @Test func scenario27NothingThatWasKeptOutlivesARestartOfTheServer() async throws {
        try await withRedisServer { server in
            let keeper = Keeper()
            let keys = (0..<16).map { "k\($0)" }
            try await withTrackedClient(
                server.url,
                connections: 2,
                change: {
                    $0.tracking = RedisTrackingConfiguration(mode: .default(noLoop: true), handler: keeper.hear)
                }
            ) { tracked in
                let client = tracked.client
                for round in 0..<3 {
                    for key in keys { try server.command("SET", key, "\(round)") }
                    try await until {
                        for key in keys { try await keeper.read(key, client) }
                        return keeper.kept == Dictionary(uniqueKeysWithValues: keys.map { ($0, "\(round)") })
                    }
                    let runs = try server.command("INFO", "server")
                    try server.restart()
                    #expect(try server.command("INFO", "server") != runs)
                    for key in keys {
                        let value = try await eventually { try await client.send(RedisCommand("GET", key)) }
                        #expect(value.isNull)
                        #expect(keeper.kept[key] == nil)
                    }
                }
            }
        }
    }

    @Test func keysOfOneCommandAreGroupedByConnectionWhereTrackingBindsThem() async throws {
        try await withTrackedClient("redis://127.0.0.1:1", connections: 2) { tracked in
            let keys = (0..<10).map { "k\($0)" }
            let groups = tracked.client.groups(of: keys)
            #expect(groups.count == 2)
            #expect(groups.flatMap { $0 }.sorted() == keys.sorted())
            for group in groups { #expect(Set(group.map { tracked.client.connection(forKey: $0) }).count == 1) }
            #expect(tracked.client.groups(of: []) == [])
        }
    }
}
