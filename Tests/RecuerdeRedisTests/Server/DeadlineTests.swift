import NIOCore
import NIOPosix
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// A command's deadline holds wherever the command is, and the error says where that was and what did not come. The limits of
/// everything else are far longer here.
@Suite struct Deadlines {
    private static let short = Duration.milliseconds(50)

    private static func patient(_ configuration: inout RedisConfiguration) {
        configuration.maximumConnections = 1
        configuration.connectTimeout = .seconds(3600)
        configuration.commandTimeout = .seconds(3600)
        configuration.silenceLimit = .seconds(3600)
        configuration.retry = .never
        configuration.shutdownTimeout = .milliseconds(50)
    }

    /// What becomes of a command that nothing but its deadline ends.
    private static func expect(
        _ phase: RedisError.Phase,
        _ words: String,
        mayHaveExecuted: Bool = false,
        inFlightAfterwards: Int = 0,
        of client: RedisClient
    ) async throws {
        let error = await redisError { try await client.send(RedisCommand("GET", "k"), timeout: short) }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.phase == phase)
        #expect(error?.mayHaveExecuted == mayHaveExecuted)
        #expect(error?.message.contains(client.configuration.url.address) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        try await until { client.commandsInFlight == inFlightAfterwards }
    }

    /// Nobody listens, and the next attempt is an hour away: the reason of the last one is what there is to say.
    @Test func holdWhileTheNextAttemptIsWaitedFor() async throws {
        try await withRedisServer { server in
            server.kill()
            try await withClient(
                server.url,
                change: {
                    Self.patient(&$0)
                    $0.backoff = RedisBackoff(base: .seconds(3600), cap: .seconds(3600))
                    $0.random = { 0.99 }
                }
            ) { client in
                for _ in 0..<3 {
                    let error = await redisError {
                        try await client.send(RedisCommand("GET", "k"), timeout: Self.short)
                    }
                    #expect(error?.code == .connectFailed && error?.phase == .connecting)
                    #expect(error?.message.contains("ECONNREFUSED") == true, "\(error?.message ?? "")")
                    #expect(error?.mayHaveExecuted == false)
                }
            }
        }
    }

    /// The master is not known yet, and the one sentinel there is says nothing.
    @Test func holdWhileAMasterIsLookedFor() async throws {
        try await FakeServer.with({ _, _ in .nothing }) { mute in
            try await withSentinelClient("redis+sentinel://\(mute.hostAndPort)/mymaster") { client in
                let error = await redisError { try await client.send(RedisCommand("GET", "k"), timeout: Self.short) }
                #expect(error?.message.contains("have led to no master 'mymaster'") == true, "\(error?.message ?? "")")
                #expect(error?.message.contains(mute.hostAndPort) == true)
                #expect(error?.mayHaveExecuted == false)
            }
        }
    }

    /// The cluster is not known yet, and the one seed there is says nothing.
    @Test func holdWhileAClusterIsLookedFor() async throws {
        try await FakeServer.with({ _, _ in .nothing }) { mute in
            try await withClusterClient("redis+cluster://\(mute.hostAndPort)") { client in
                let error = await redisError { try await client.send(RedisCommand("GET", "k"), timeout: Self.short) }
                #expect(error?.message.contains(mute.hostAndPort) == true, "\(error?.message ?? "")")
                #expect(error?.mayHaveExecuted == false)
            }
        }
    }

    @Test func holdWhileTheCredentialsAreAskedFor() async throws {
        try await FakeServer.with({ _, _ in .nothing }) { server in
            try await withClient(
                server.url,
                change: {
                    Self.patient(&$0)
                    $0.credentials = {
                        // Ends with the task.
                        for await _ in AsyncStream<Void>(unfolding: { await Self.forever() }) {}
                        throw CancellationError()
                    }
                }
            ) { client in
                try await Self.expect(.credentials, "the credentials provider did not answer", of: client)
                #expect(server.connections == 0)
            }
        }
    }

    /// Until the task is cancelled.
    private static func forever() async -> Void? {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        defer { continuation.finish() }
        for await _ in stream {}
        return nil
    }

    @Test func holdWhileTheNameIsLookedUp() async throws {
        let names = ScriptedNames()
        names.fallSilent()
        try await withClient(
            "redis://redis.test:6379",
            change: {
                Self.patient(&$0)
                $0.resolver = names.resolver
            }
        ) { client in
            try await Self.expect(
                .connecting,
                "the host name was not looked up, or the connection not accepted",
                of: client
            )
            #expect(names.asked == ["redis.test"])
            names.giveUp()
        }
    }

    #if os(Linux)
        /// The line of those who wait to be accepted is full: the kernel takes no notice of anybody else.
        @Test func holdWhileTheConnectionIsNotAccepted() async throws {
            let group = MultiThreadedEventLoopGroup.singleton
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 0)
                .serverChannelOption(.autoRead, value: false)
                .bind(host: "127.0.0.1", port: 0).get()
            let port = listener.localAddress?.port ?? 0
            let first = try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port).get()
            try await withClient("redis://127.0.0.1:\(port)", change: Self.patient) { client in
                try await Self.expect(.connecting, "the connection was not accepted", of: client)
            }
            try await first.close()
            try await listener.close()
        }
    #endif

    @Test func holdWhileTLSIsNegotiated() async throws {
        try await FakeServer.with({ _, _ in .nothing }) { server in
            let url = server.url.replacing("redis://", with: "rediss://")
            try await withClient(url, change: Self.patient) { client in
                try await Self.expect(.tls, "the server did not answer in TLS", of: client)
            }
        }
    }

    @Test func holdWhileTheHandshakeIsNotAnswered() async throws {
        try await FakeServer.with({ _, _ in .nothing }) { server in
            try await withClient(server.url, change: Self.patient) { client in
                try await Self.expect(.handshake, "the server did not answer the handshake (HELLO)", of: client)
                #expect(server.commands.isEmpty)
            }
        }
    }

    @Test func holdWhileTheSocketIsFull() async throws {
        try await withRedisServer { server in
            try await withClient(
                server.url,
                change: {
                    Self.patient(&$0)
                    $0.bulkThreshold = .max
                }
            ) { client in
                try await client.ping()
                server.pause()
                // More than the buffers of both sides of a socket on loopback hold.
                let value = [UInt8](repeating: 0x61, count: 64 << 20)
                let large = Task { await redisError { try await client.send(RedisCommand("SET", "large", value)) } }
                try await until { client.bytesInFlight > 0 }
                try await Self.expect(.queued, "the server does not read", inFlightAfterwards: 1, of: client)
                server.resume()
                let error = await large.value
                #expect(error == nil)
            }
        }
    }

    @Test func holdWhileTheReplyIsAwaited() async throws {
        try await withRedisServer { server in
            try await withClient(server.url, change: Self.patient) { client in
                try await client.ping()
                server.pause()
                try await Self.expect(
                    .reply,
                    "not answered within its deadline",
                    mayHaveExecuted: true,
                    inFlightAfterwards: 1,
                    of: client
                )
                server.resume()
                // The late reply is dropped, and frees its place.
                try await until { client.commandsInFlight == 0 }
            }
        }
    }
}
