import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// What changes a cluster for good: each test has one of six real nodes for itself.
@Suite(.serialized) struct ACluster {
    @Test func thatFailsOverUnderLoadFailsNoReadAndGivesNoWrongValue() async throws {
        try await withRedisCluster { cluster in
            try await withClusterClient(cluster.url(seeds: [cluster.nodes[0].port])) { client in
                let load = ClusterLoad(client, keys: (0..<300).map { "key\($0)" })
                try await load.fill()
                for master in cluster.masters { try master.waitForReplicas(1) }
                let outcome = try await load.run {
                    try await load.more(100)
                    try cluster.replica(of: 0).command("CLUSTER", "FAILOVER")
                    try await until { try isMaster(cluster.replica(of: 0)) }
                    try await load.more(200)
                    cluster.nodes[1].kill()
                    try await until { try isMaster(cluster.replica(of: 1)) }
                    // Reads of the slots of the killed node go on.
                    try await load.more(500)
                }
                #expect(outcome.failedReads == [])
                #expect(outcome.failedWrites == [])
                #expect(outcome.wrong == 0)
                #expect(outcome.reads >= 800 && outcome.writes > 0)
                let values = try await client.send(RedisCommand("MGET", arguments: load.keys)).elements?.map(\.string)
                #expect(values == load.keys.map { "value of \($0)" })
                client.refresher.want()
                try await until { client.clusterState.masters == 3 }

                // A master that is frozen says nothing at all; those who ask after its replacement need not suffer.
                cluster.nodes[2].pause()
                try await until { try isMaster(cluster.replica(of: 2)) }
                let key = try #require(load.keys.first(where: { slot(of: $0) > 10922 }))
                let value = try await eventually {
                    try await client.send(RedisCommand("GET", key), timeout: .milliseconds(500))
                }
                #expect(value.string == "value of \(key)")
                cluster.nodes[2].resume()
            }
        }
    }

    @Test func letsReplicasBeReadAndFallsBackToTheirMasters() async throws {
        try await withRedisCluster { cluster in
            let names = (0..<60).map { "key\($0)" }
            try await withClusterClient(cluster.url, change: { $1.readsFrom = .replicas }) { client in
                for name in names { _ = try await client.send(RedisCommand("SET", name, name)) }
                for master in cluster.masters { try master.waitForReplicas(1) }
                // A replica counts when all nodes have heard that it has something.
                for node in cluster.nodes where try node.version.isSevenOrLater {
                    try await until { try !node.command("CLUSTER", "SHARDS").contains("loading") }
                }
                try await until {
                    client.refresher.want()
                    return client.clusterState.nodes.count == 6
                }
                // Once the client has heard of that too, every read goes to a replica.
                try await until {
                    let before = try (0..<3).map { try gets(cluster.replica(of: $0)) }.reduce(0, +)
                    for name in names { #expect(try await client.send(RedisCommand("GET", name)).string == name) }
                    let after = try (0..<3).map { try gets(cluster.replica(of: $0)) }.reduce(0, +)
                    return after - before == 60
                }
                #expect(client.clusterState.movedRedirects == 0)

                // A replica that is away is not waited for.
                cluster.replica(of: 0).kill()
                for name in names { #expect(try await client.send(RedisCommand("GET", name)).string == name) }
                #expect(try gets(cluster.masters[0]) > 0)

                // A node that has been taken out of the cluster has its connections closed.
                let leaver = cluster.replica(of: 1)
                #expect(try clients(leaver) > 1)
                let id = try leaver.command("CLUSTER", "MYID")
                try leaver.command("CLUSTER", "RESET")
                for node in cluster.nodes where node !== leaver && node !== cluster.replica(of: 0) {
                    try node.command("CLUSTER", "FORGET", id)
                }
                client.refresher.want()
                try await until { try clients(leaver) == 1 }
                for name in names { #expect(try await client.send(RedisCommand("GET", name)).string == name) }
                try await until { client.nodes.leavingCount == 0 }
            }
        }
    }

    private func isMaster(_ server: RedisServerProcess) throws -> Bool {
        try server.command("ROLE").hasPrefix("master")
    }

    private func gets(_ server: RedisServerProcess) throws -> Int {
        let statistics = try server.command("INFO", "commandstats")
        guard let start = statistics.firstRange(of: "cmdstat_get:calls=") else { return 0 }
        return Int(statistics[start.upperBound...].prefix { $0.isNumber }) ?? 0
    }

    /// Connections of clients, that of the question among them; links of other nodes are not listed or say so.
    private func clients(_ server: RedisServerProcess) throws -> Int {
        try server.command("CLIENT", "LIST", "TYPE", "NORMAL").split(separator: "\n").count
    }
}
