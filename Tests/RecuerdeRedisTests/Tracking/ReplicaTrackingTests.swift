import Logging
import Testing

@testable import RecuerdeRedis

/// A cluster of which replicas are read: on the connections over which they answer nobody is told what changes.
@Suite struct TrackingWhereReplicasAreRead {
    private func client(_ reads: RedisReadPreference, _ log: LogText) async throws -> RedisClusterClient {
        var configuration = RedisConfiguration(url: try RedisURL("redis+cluster://app:hunter2@127.0.0.1:1"))
        configuration.tracksKeys = true
        var options = RedisClusterOptions()
        options.readsFrom = reads
        return RedisClusterClient(configuration: configuration, options: options, logger: log.logger)
    }

    @Test(arguments: [RedisReadPreference.replicas, .any])
    func isNotAskedForAndTheLogSaysSo(reads: RedisReadPreference) async throws {
        let log = LogText()
        let client = try await client(reads, log)
        #expect(client.trackingHub == nil)
        #expect(client.nodes.configuration.tracking == nil)
        #expect(log.words(from: .notice) == ["redis_tracking_off"])
        #expect(!log.text.contains("hunter2"))
        await client.shutdown()
    }

    @Test func isAskedForWhereMastersAre() async throws {
        let log = LogText()
        let client = try await client(.master, log)
        #expect(client.trackingHub != nil)
        #expect(client.nodes.configuration.tracking != nil)
        #expect(log.words(from: .notice).isEmpty)
        await client.shutdown()
    }
}
