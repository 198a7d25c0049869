import NIOPosix
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// The two ends of a sentinel client: it is connected when it says so, and nothing is opened after its shutdown.
@Suite struct ASentinelClient {
    @Test func opensNothingAfterItsShutdown() async throws {
        try await FakeServer.with({ _, _ in .nothing }) { mute in
            let url = try RedisURL("redis+sentinel://\(mute.hostAndPort)/mymaster")
            for _ in 0..<100 {
                let core = SentinelCore(
                    configuration: RedisConfiguration(url: url),
                    masterName: "mymaster",
                    group: MultiThreadedEventLoopGroup.singleton,
                    logger: quiet,
                    onStateChange: nil
                )
                core.demand()
                await core.shutDown()
                #expect(core.sentinelClients == 0)
            }
        }
    }

    @Test func doesNotSayThatItIsConnectedWhileItsMasterIsAway() async throws {
        try await withRedisServer { server in
            try await FakeServer.with(FakeServer.sentinel(Shared(server.port))) { sentinel in
                let url = "redis+sentinel://\(sentinel.hostAndPort)/mymaster"
                try await withSentinelClient(url, change: { $0.connectTimeout = .milliseconds(500) }) { client in
                    try await eventually { try await client.connect() }
                    // Once more is none too many.
                    try await client.connect()
                    server.kill()
                    try await until { !client.state.isConnected }
                    let error = await redisError { try await client.connect() }
                    #expect(error != nil && error?.mayHaveExecuted == false, "\(error?.description ?? "")")
                }
            }
        }
    }
}
