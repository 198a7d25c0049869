import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Which connection a command goes over, by its number.
@Suite struct TrackedIdentities {
    private static func quick(_ configuration: inout RedisConfiguration) {
        configuration.backoff = RedisBackoff(base: .milliseconds(1), cap: .milliseconds(5))
    }

    @Test func areThoseOfTheConnectionsOverWhichCommandsGo() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, connections: 3) { tracked in
                try await tracked.open()
                var ids: [UInt64: Set<Int>] = [:]
                for index in 0..<60 {
                    let key = index.isMultiple(of: 2) ? "k\(index)" : "x{tag\(index)}y"
                    let route = try #require(tracked.client.trackingRoute(forKey: key))
                    #expect(tracked.client.trackingRoute(forKey: ByteBuffer(string: key)) == route)
                    #expect(tracked.client.trackedIdentity(forKey: key) == route.identity)
                    // The server's own number of the connection that goes the way of the key.
                    let replies = try await tracked.client.pipeline([
                        RedisCommand("GET", key), RedisCommand("CLIENT", "ID", key: nil),
                    ])
                    ids[route.identity, default: []].insert(try #require(try replies[1].get().int))
                    #expect(tracked.client.trackingRoute(forKey: key) == route)
                }
                #expect(Set(ids.keys) == tracked.openIdentities)
                #expect(ids.values.allSatisfy { $0.count == 1 })
                #expect(ids.values.reduce(into: Set<Int>()) { $0.formUnion($1) }.count == 3)
            }
        }
    }

    @Test func areNeverUsedTwice() async throws {
        try await withRedisServer { server in
            var seen: Set<UInt64> = []
            for _ in 0..<3 {
                try await withTrackedClient(server.url, connections: 2, change: Self.quick) { tracked in
                    try await tracked.open()
                    for _ in 0..<3 {
                        let before = tracked.openIdentities
                        try server.command("CLIENT", "KILL", "TYPE", "normal")
                        try await until { tracked.openIdentities.isDisjoint(with: before) }
                        try await tracked.open()
                    }
                    for identity in tracked.events.value.identities {
                        #expect(identity > 0)
                        #expect(seen.insert(identity).inserted)
                    }
                    // Each was opened and closed once, in this order.
                    for identity in tracked.events.value.identities {
                        let own = tracked.events.value.filter {
                            $0 == .opened(identity: identity) || $0 == .closed(identity: identity)
                        }
                        #expect(own.first == .opened(identity: identity) && own.count <= 2)
                    }
                }
            }
        }
    }

    @Test func areThereWhenOpenedHasBeenHeardAndGoneBeforeClosedIs() async throws {
        try await withRedisServer { server in
            let heard = Shared<[(RedisTrackingEvent, UInt64?)]>([])
            let client = Shared<RedisClient?>(nil)
            try await withTrackedClient(
                server.url,
                change: { configuration in
                    Self.quick(&configuration)
                    configuration.tracking?.handler = { event in
                        let identity = client.value?.trackedIdentity(forKey: "k")
                        heard.change { $0.append((event, identity)) }
                    }
                }
            ) { tracked in
                client.change { $0 = tracked.client }
                try await tracked.client.connect()
                let first = try #require(tracked.client.trackedIdentity(forKey: "k"))
                try server.command("CLIENT", "KILL", "TYPE", "normal")
                try await eventually { try await tracked.client.ping() }
                try await until { heard.value.count == 3 }
                let second = try #require(tracked.client.trackedIdentity(forKey: "k"))
                #expect(
                    heard.value.map(\.0) == [
                        .opened(identity: first), .closed(identity: first), .opened(identity: second),
                    ]
                )
                #expect(heard.value.map(\.1) == [nil, nil, nil])
            }
            client.change { $0 = nil }
        }
    }

    @Test func areNoneWithoutAConnectionOrWithoutTracking() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await client.connect()
                #expect(client.trackingRoute(forKey: "k") == nil)
            }
            try await withTrackedClient(server.url) { tracked in
                #expect(tracked.client.trackingRoute(forKey: "k") == nil)
                try await tracked.client.connect()
                #expect(tracked.client.trackingRoute(forKey: "k") != nil)
                server.kill()
                try await until { tracked.client.trackingRoute(forKey: "k") == nil }
            }
        }
    }

    @Test func areNoneWhereTheServerRefusesToTrack() async throws {
        var options = RedisServerOptions()
        options.users = ["app on >secret ~* +@all -client"]
        try await withRedisServer(options) { server in
            try await withTrackedClient(server.url.replacing("redis://", with: "redis://app:secret@")) { tracked in
                try await tracked.client.connect()
                #expect(tracked.client.trackingRoute(forKey: "k") == nil)
            }
        }
    }

    @Test func areGoneAsSoonAsTheClientBeginsToShutDown() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, change: { $0.shutdownTimeout = .seconds(20) }) { tracked in
                try await tracked.client.connect()
                let identity = try #require(tracked.client.trackedIdentity(forKey: "k"))
                try server.command("CLIENT", "PAUSE", "20000", "WRITE")
                async let waiting = tracked.run("SET", "k", "v")
                try await until { await tracked.client.commandsWithConnections() == 1 }
                async let end: Void = tracked.client.shutdown()
                // While a command is still in flight.
                try await until { tracked.events.value.last == .closed(identity: identity) }
                #expect(tracked.client.trackingRoute(forKey: "k") == nil)
                #expect(tracked.client.commandsInFlight == 1)
                try server.command("CLIENT", "UNPAUSE")
                #expect(try await waiting.string == "OK")
                await end
            }
        }
    }

    @Test func changeWhenTheOldOnesNoLongerTellOfAll() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, connections: 2) { tracked in
                try await tracked.open()
                let before = tracked.openIdentities
                let key = tracked.key(of: 1)
                tracked.client.renewTracking()
                try await until { tracked.openIdentities.count == 2 && tracked.openIdentities.isDisjoint(with: before) }
                // The connections are the same, and are tracked as before.
                #expect(tracked.client.figures.connectionsOpened == 2)
                try await tracked.run("GET", key)
                let identity = try #require(tracked.client.trackedIdentity(forKey: key))
                try server.command("SET", key, "foreign")
                _ = try await tracked.client.send(RedisCommand("ECHO", key))
                #expect(
                    tracked.events.value.contains(.invalidated(keys: [ByteBuffer(string: key)], identity: identity))
                )
            }
        }
    }
}
