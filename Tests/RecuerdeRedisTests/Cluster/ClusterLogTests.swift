import Logging
import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What the log says of a real cluster: one line for each event, once for all nodes where it is about the client, and never a
/// secret, a key or a value.
@Suite(.serialized) struct LogsOfAClusterClient {
    private static func connectAll(_ client: RedisClusterClient) async throws {
        try await client.connect()
        // All connections to all nodes.
        try await until {
            for index in 0..<60 { _ = try await client.send(RedisCommand("GET", "private:\(index)")) }
            let loops = client.nodes.masters().map(\.client.connectionCount).reduce(0, +)
            return client.figures.openConnections >= loops
        }
    }

    /// Of the lines for operators, each stands there once however many nodes and connections there are, and the words of this
    /// kind only.
    private static func expectOnce(_ words: Set<String>, _ log: LogText) {
        let said = log.words(from: .notice)
        #expect(said.count == words.count && Set(said) == words, "\(said)")
    }

    @Test func sayOnceForAllNodesThatARightIsMissing() async throws {
        var options = RedisServerOptions()
        options.password = "among nodes"
        options.users = ["app on >hunter2 ~* +@all -client"]
        try await withRedisCluster(replicas: 0, options: options) { cluster in
            let log = LogText()
            try await withClusterClient(
                cluster.url(credentials: "app:hunter2"),
                change: { configuration, _ in
                    configuration.tracking = RedisTrackingConfiguration(mode: .default(noLoop: true)) { _ in }
                },
                logger: log.logger
            ) { client in
                try await Self.connectAll(client)
                for node in cluster.nodes { try node.command("CLIENT", "KILL", "TYPE", "normal") }
                try await eventually { try await Self.connectAll(client) }
            }
            Self.expectOnce(["redis_no_evict_off", "redis_tracking_off"], log)
            #expect(!log.text.contains("hunter2"))
        }
    }

    @Test func sayOnceForAllNodesThatTheOldProtocolIsSpoken() async throws {
        var options = RedisServerOptions()
        options.extraLines = ["rename-command HELLO \"\""]
        try await withRedisCluster(replicas: 0, options: options) { cluster in
            let log = LogText()
            try await withClusterClient(cluster.url, logger: log.logger) { try await Self.connectAll($0) }
            Self.expectOnce(["redis_old_protocol"], log)
        }
    }

    @Test func tellEachEventInOneLineThroughAFailover() async throws {
        var options = RedisServerOptions()
        options.password = "hunter2"
        try await withRedisCluster(options: options) { cluster in
            let log = LogText()
            let observer = RecordingObserver()
            let refreshes = Shared(0)
            try await withClusterClient(
                cluster.url,
                change: { configuration, _ in configuration.observer = observer },
                logger: log.logger
            ) { client in
                try await Self.connectAll(client)
                for index in 0..<60 {
                    _ = try await client.send(RedisCommand("SET", "private:\(index)", "confidential"))
                }
                _ = await redisError { try await client.send(RedisCommand("INCR", "private:1")) }
                _ = await redisError { try await client.send(RedisCommand("NOSUCH", "private:1", "confidential")) }
                for master in cluster.masters { try master.waitForReplicas(1) }
                cluster.nodes[0].kill()
                try await until { try cluster.replica(of: 0).command("ROLE").hasPrefix("master") }
                for index in 0..<60 {
                    _ = try await eventually { try await client.send(RedisCommand("GET", "private:\(index)")) }
                }
                try cluster.nodes[1].command("CLIENT", "KILL", "TYPE", "normal")
                for index in 0..<60 { _ = try await client.send(RedisCommand("GET", "private:\(index)")) }
                await client.shutdown()
                refreshes.change { $0 = client.clusterState.refreshes }
            }
            // Nothing of this is for operators.
            Self.expectOnce([], log)
            let changes = observer.record.changes
            #expect(log.lines("redis_connection_open").count == changes.count { $0.isOpen })
            #expect(log.lines("redis_connection_closed").count == changes.count { !$0.isOpen })
            #expect(changes.count { !$0.isOpen && $0.error != nil } > 0)
            let asked = log.lines("redis_cluster_topology").count + log.lines("redis_cluster_unknown").count
            #expect(asked > 1 && asked <= refreshes.value)
            #expect(log.lines("redis_dial_failed").count <= log.lines("redis_dial").count)
            let known: Set = [
                "redis_dial", "redis_dial_failed", "redis_connection_open", "redis_connection_closed",
                "redis_cluster_topology", "redis_cluster_unknown",
            ]
            #expect(Set(log.lines.map(\.word)).isSubset(of: known), "\(Set(log.lines.map(\.word)))")
            for secret in ["hunter2", "private:", "confidential"] { #expect(!log.text.contains(secret)) }
        }
    }
}
