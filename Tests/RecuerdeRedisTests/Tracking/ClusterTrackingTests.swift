import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Events of a cluster's client, which come from the connections to all nodes.
private final class Heard: Sendable {
    private let events = Shared<[RedisTrackingEvent]>([])

    var value: [RedisTrackingEvent] { events.value }

    func configure(_ configuration: inout RedisConfiguration, probePace: Duration? = nil) {
        let events = events
        configuration.tracking = RedisTrackingConfiguration(mode: .default(noLoop: true)) { event in
            events.change { $0.append(event) }
        }
        configuration.tracking?.probePace = probePace
    }

    func isClosed(_ identity: UInt64) -> Bool { value.contains(.closed(identity: identity)) }

    func isInvalidated(_ key: String, _ identity: UInt64) -> Bool {
        value.contains(.invalidated(keys: [ByteBuffer(string: key)], identity: identity))
    }
}

/// A route of a key once its connection is open.
private func route(_ key: String, _ client: some RedisTrackedExecutor) async throws -> RedisTrackingRoute {
    try await eventually {
        _ = try await client.send(RedisCommand("GET", key), timeout: nil)
        guard let route = client.trackingRoute(forKey: key) else { throw NotYet() }
        return route
    }
}

@Suite(.serialized, .onOneCluster) struct TrackingInACluster {
    let cluster: RedisClusterProcess
    let first: RedisServerProcess
    let second: RedisServerProcess
    private let heard = Heard()

    init() throws {
        cluster = try #require(OnOneCluster.cluster)
        first = cluster.masters[0]
        second = cluster.masters[1]
    }

    private func with(
        probePace: Duration? = nil,
        _ body: (RedisClusterClient) async throws -> Void
    ) async throws {
        try await withClusterClient(
            cluster.url,
            change: { configuration, _ in heard.configure(&configuration, probePace: probePace) },
            body
        )
    }

    @Test func goesOverConnectionsOfAllNodesEachOfWhichTellsOfItsKeys() async throws {
        try await with { client in
            let names = keys("low", in: 100...5000, count: 4) + keys("high", in: 6000...10000, count: 4)
            for name in names {
                let route = try await route(name, client)
                _ = try await client.send(RedisCommand("GET", name))
                #expect(client.trackingRoute(forKey: name) == route)
                let owner = slot(of: name) < 5461 ? first : second
                try owner.command("SET", name, "foreign")
                try await until {
                    _ = try await client.send(RedisCommand("GET", name))
                    return heard.isInvalidated(name, route.identity)
                }
            }
            let identities = names.compactMap { client.trackedIdentity(forKey: $0) }
            #expect(identities.count == names.count && Set(identities).count >= 2)
            #expect(Set(identities.prefix(4)).isDisjoint(with: identities.suffix(4)))
            // Nobody is asked to connect by the question.
            #expect(client.nodes.clientCount <= 3)
        }
    }

    @Test func isAnotherRouteAfterMOVEDAndTheFormerNodeTellsNoMore() async throws {
        let key = keys("trackmoved", in: 110...110, count: 1)[0]
        let neighbour = keys("neighbour", in: 111...111, count: 1)[0]
        try await with { client in
            _ = try await client.send(RedisCommand("SET", key, "v"))
            let before = try await route(key, client)
            let beside = try await route(neighbour, client)
            try cluster.move(slot: 110, from: first, to: second)
            #expect(try await client.send(RedisCommand("GET", key)).string == "v")
            #expect(client.trackingRoute(forKey: key) != before)
            try await until { heard.isClosed(before.identity) && heard.isClosed(beside.identity) }
            // The connections to the former node live on under other names.
            let fresh = try await route(neighbour, client)
            #expect(fresh.identity != beside.identity)
            let after = try await route(key, client)
            #expect(after.identity != fresh.identity)
            _ = try await client.send(RedisCommand("GET", key))
            try second.command("SET", key, "foreign")
            try await until {
                _ = try await client.send(RedisCommand("GET", key))
                return heard.isInvalidated(key, after.identity)
            }
            try cluster.move(slot: 110, from: second, to: first)
        }
    }

    @Test func isAnotherRouteWhereACommandWasSentElsewhereByASK() async throws {
        let names = keys("trackask", in: 120...120, count: 2)
        let elsewhere = keys("trackelsewhere", in: 121...121, count: 1)[0]
        try await with { client in
            for name in names { _ = try await client.send(RedisCommand("SET", name, name)) }
            try cluster.beginMove(slot: 120, from: first, to: second)
            #expect(try cluster.moveKeys(slot: 120, from: first, to: second, atMost: 1) == 1)
            let before = try await route(elsewhere, client)
            for single in [true, false] {
                // One of the two is at the former node still; a route is that of a slot.
                let routes = names.map { client.trackingRoute(forKey: $0) }
                #expect(routes[0] != nil && routes[0] == routes[1])
                let asked = client.clusterState.askRedirects
                for name in names {
                    if single {
                        #expect(try await client.send(RedisCommand("GET", name)).string == name)
                    } else {
                        #expect(try await client.pipeline([RedisCommand("GET", name)]).first?.get().string == name)
                    }
                }
                #expect(client.clusterState.askRedirects == asked + 1)
                #expect(client.trackingRoute(forKey: names[0]) != routes[0])
                #expect(client.trackedIdentity(forKey: names[0]) == routes[0]?.identity)
            }
            // Other slots are not disturbed.
            #expect(client.trackingRoute(forKey: elsewhere) == before)
            while try cluster.moveKeys(slot: 120, from: first, to: second) > 0 {}
            try cluster.endMove(slot: 120, to: second)
            try cluster.move(slot: 120, from: second, to: first)
        }
    }

    @Test func endsForASlotThatMovesThoughNobodyAsksForItsKeys() async throws {
        let key = keys("trackquiet", in: 130...130, count: 1)[0]
        try await with(probePace: .milliseconds(100)) { client in
            _ = try await client.send(RedisCommand("SET", key, "v"))
            let before = try await route(key, client)
            try cluster.move(slot: 130, from: first, to: second)
            // Nothing is sent but what the client asks by itself.
            try await until { heard.isClosed(before.identity) }
            #expect(client.trackingRoute(forKey: key) != before)
            #expect(client.clusterState.movedRedirects == 0)
            try cluster.move(slot: 130, from: second, to: first)
        }
    }

    @Test func staysWhereTheTopologyIsAskedForAndIsTheSame() async throws {
        try await with { client in
            let before = try await route("k", client)
            let refreshes = client.clusterState.refreshes
            client.refresher.want()
            try await until { client.clusterState.refreshes > refreshes }
            try await until { client.nodes.isReady && client.refresher.lastError == nil }
            _ = try await client.send(RedisCommand("GET", "k"))
            #expect(client.trackingRoute(forKey: "k") == before)
        }
    }

    @Test func isNoneWhereReplicasAreRead() async throws {
        try await withClusterClient(
            cluster.url,
            change: { configuration, options in
                heard.configure(&configuration)
                options.readsFrom = .any
            }
        ) { client in
            let names = (0..<20).map { "k\($0)" }
            for _ in 0..<20 {
                for name in names { _ = try await client.send(RedisCommand("GET", name)) }
                #expect(names.compactMap { client.trackingRoute(forKey: $0) } == [])
            }
            // Though the connections are tracked.
            #expect(!heard.value.openIdentities.isEmpty)
        }
        try await withClusterClient(cluster.url) { client in
            _ = try await client.send(RedisCommand("GET", "k"))
            #expect(client.trackingRoute(forKey: "k") == nil)
        }
    }

    /// What is kept by the rule is what the cluster holds, while slots move to and fro and connections die.
    @Test func keepsNothingThatIsOlderThanTheClusterWhileSlotsMove() async throws {
        let names = keys("trackkeep", in: 140...143, count: 16)
        let keeper = Keeper()
        try await withClusterClient(cluster.url) { writer in
            for name in names { _ = try await writer.send(RedisCommand("SET", name, "first")) }
            try await withClusterClient(
                cluster.url,
                change: { configuration, _ in
                    configuration.backoff = RedisBackoff(base: .milliseconds(1), cap: .milliseconds(5))
                    configuration.tracking = RedisTrackingConfiguration(
                        mode: .default(noLoop: true),
                        handler: keeper.hear
                    )
                    configuration.tracking?.probePace = .milliseconds(50)
                }
            ) { client in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for reader in 0..<4 {
                        tasks.addTask {
                            var random = SeededRandom(seed: UInt64(reader))
                            while !keeper.isOver {
                                guard let name = names.randomElement(using: &random) else { return }
                                try await keeper.read(name, client)
                            }
                        }
                    }
                    tasks.addTask {
                        var random = SeededRandom(seed: 99)
                        var round = 0
                        while !keeper.isOver {
                            round += 1
                            guard let name = names.randomElement(using: &random) else { return }
                            // A write whose connection is killed under it is not repeated; what came of it the reads at the end tell.
                            _ = try? await writer.send(RedisCommand("SET", name, "\(round)"))
                        }
                    }
                    tasks.addTask {
                        defer { keeper.end() }
                        for round in 0..<12 {
                            let slot = 140 + round % 4
                            let (from, to) = round / 4 % 2 == 0 ? (first, second) : (second, first)
                            try cluster.beginMove(slot: slot, from: from, to: to)
                            while try cluster.moveKeys(slot: slot, from: from, to: to, atMost: 2) > 0 {
                                await Task.yield()
                            }
                            try cluster.endMove(slot: slot, to: to)
                            if round % 5 == 4 { try from.command("CLIENT", "KILL", "TYPE", "normal") }
                        }
                        let stores = keeper.stores
                        try await until { keeper.stores > stores + 50 }
                    }
                    try await tasks.waitForAll()
                }
                #expect(keeper.stores > 100)
                // Every notice under way comes before these replies.
                for name in names {
                    try await until {
                        let value = try await client.send(RedisCommand("GET", name)).string
                        return keeper.kept[name] == nil || keeper.kept[name] == value
                    }
                }
                for slot in 140...143 { try cluster.move(slot: slot, from: second, to: first) }
            }
        }
    }
}

@Suite(.serialized) struct TrackingThroughAFailover {
    @Test func ofAClusterEndsTheIdentitiesOfTheFormerMasterAndBeginsOthers() async throws {
        try await withRedisCluster { cluster in
            let heard = Heard()
            try await withClusterClient(
                cluster.url,
                change: { configuration, _ in heard.configure(&configuration, probePace: .milliseconds(100)) }
            ) { client in
                let key = keys("low", in: 0...5000, count: 1)[0]
                _ = try await client.send(RedisCommand("SET", key, "v"))
                let before = try await route(key, client)
                let heir = cluster.replica(of: 0)
                try heir.command("CLUSTER", "FAILOVER")
                // Nobody asks for the key, and the connection to the former master stands.
                try await until { heard.isClosed(before.identity) }
                let after = try await eventually {
                    let after = try await route(key, client)
                    guard after.identity != before.identity, try heir.command("ROLE").hasPrefix("master") else {
                        throw NotYet()
                    }
                    return after
                }
                _ = try await client.send(RedisCommand("GET", key))
                guard client.trackingRoute(forKey: key) == after else { return }
                try heir.command("SET", key, "foreign")
                try await until {
                    _ = try await client.send(RedisCommand("GET", key))
                    return heard.isInvalidated(key, after.identity)
                }
            }
        }
    }

    @Test func behindSentinelsEndsAllIdentitiesAndBeginsOthersAtTheNewMaster() async throws {
        try await withRedisSentinels { setup in
            let heard = Heard()
            try await withSentinelClient(setup.url, change: { heard.configure(&$0, probePace: .milliseconds(50)) }) {
                client in
                let before = try await route("k", client)
                _ = try await client.send(RedisCommand("GET", "k"))
                #expect(client.trackingRoute(forKey: "k") == before)
                try await until { heard.value.proofs.contains(before.identity) }
                let names = (0..<20).map { "k\($0)" }
                for group in client.groups(of: names) {
                    var identities: Set<UInt64> = []
                    for name in group { identities.insert(try await route(name, client).identity) }
                    #expect(identities.count == 1)
                }
                #expect(client.groups(of: names).flatMap { $0 }.sorted() == names.sorted())
                let former = try setup.masterPort()
                let earlier = heard.value.openIdentities
                try setup.sentinels[0].command("SENTINEL", "FAILOVER", setup.masterName)
                try await until { client.master.map { $0.port != former } ?? false }
                try await until { heard.value.openIdentities.isDisjoint(with: earlier) }
                let after = try await route("k", client)
                #expect(after.identity != before.identity)
                let master = try setup.server(onPort: try #require(client.master?.port))
                _ = try await client.send(RedisCommand("GET", "k"))
                try master.command("SET", "k", "foreign")
                try await until {
                    _ = try await client.send(RedisCommand("GET", "k"))
                    return heard.isInvalidated("k", after.identity)
                }
            }
        }
    }
}
