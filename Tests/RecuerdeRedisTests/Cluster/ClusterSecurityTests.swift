import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Real clusters with TLS, a password among the nodes, and a user who may do no more than is needed.
@Suite(.serialized) struct ASecuredCluster {
    /// What a client needs to learn the topology.
    static func topologyRight() throws -> String {
        try RedisServerVersion.of().isSevenOrLater ? "+cluster|shards" : "+cluster|slots"
    }

    @Test func isUsedOverTLSWithTheLeastACLThroughMovesAndAFailover() async throws {
        let certificates = try TestCertificates()
        // Their files go with the last reference.
        defer { withExtendedLifetime(certificates) {} }
        var options = RedisServerOptions()
        options.tls = certificates.server
        options.password = "among nodes"
        let topology = try Self.topologyRight()
        options.users = [
            "app on >hunter2 ~* resetchannels -@all +get +set +asking \(topology)",
            "reader on >hunter2 ~* resetchannels -@all +get +readonly \(topology)",
            "unread on >hunter2 ~* resetchannels -@all +get \(topology)",
        ]
        let observer = RecordingObserver()
        try await withRedisCluster(options: options) { cluster in
            let url = cluster.url(credentials: "app:hunter2")
            let trust: (inout RedisConfiguration, inout RedisClusterOptions) -> Void = { configuration, _ in
                configuration.tls.trustRoots = .file(certificates.authority)
                configuration.observer = observer
            }
            try await withClusterClient(url, change: trust) { client in
                try await client.connect()
                let names = (0..<200).map { "key\($0)" }
                var calls = 0
                func set(_ names: [String]) async throws {
                    calls += 1
                    for result in try await client.pipeline(names.map { RedisCommand("SET", $0, $0) }) {
                        _ = try result.get()
                    }
                }
                func check(_ name: String) async throws {
                    calls += 1
                    let value = try await client.send(RedisCommand("GET", name))
                    #expect(value.string == name)
                }
                try await set(names)
                #expect(
                    Set(client.clusterState.nodes.map(\.endpoint.port)).isSubset(
                        of: cluster.nodes.compactMap(\.tlsPort)
                    )
                )

                for master in cluster.masters { try master.waitForReplicas(1) }
                try await Self.replicasAreRead(cluster, by: "reader", names, certificates)
                try await Self.isRefused(
                    cluster.url(credentials: "unread:hunter2"),
                    certificates,
                    change: { configuration, options in
                        options.readsFrom = .replicas
                        configuration.commandTimeout = .seconds(1)
                        configuration.connectTimeout = .seconds(1)
                    }
                ) { error in
                    #expect(error?.serverCode == "NOPERM")
                    #expect(error?.message.contains("+readonly") == true, "\(error?.message ?? "")")
                }

                // Moves: half done (ASK), then done (MOVED).
                let moving = keys("moving", in: 100...100, count: 6)
                try await set(moving)
                let (source, target) = (cluster.masters[0], cluster.masters[1])
                try cluster.beginMove(slot: 100, from: source, to: target)
                #expect(try cluster.moveKeys(slot: 100, from: source, to: target, atMost: 3) == 3)
                for name in moving { try await check(name) }
                #expect(client.clusterState.askRedirects == 3)
                try cluster.moveKeys(slot: 100, from: source, to: target)
                try cluster.endMove(slot: 100, to: target)
                for name in moving { try await check(name) }
                #expect(client.clusterState.movedRedirects >= 1)

                // A failover among nodes that log in to each other, over TLS.
                try cluster.masters[2].waitForReplicas(1)
                cluster.masters[2].kill()
                for name in names { try await check(name) }
                try await set(names)

                let record = observer.record
                #expect(record.started == calls && record.ended.count == calls)
                #expect(record.ended.allSatisfy { $0.end.error == nil })
                let figures = client.figures
                #expect(record.repetitions.count == figures.retries + figures.redirects)
                #expect(figures.redirects == client.clusterState.movedRedirects + client.clusterState.askRedirects)
            }
            try await Self.isRefused(cluster.url(credentials: "app:wrong-hunter2"), certificates) { error in
                #expect(error?.code == .authenticationFailed && error?.serverCode == "WRONGPASS")
                #expect(error?.description.contains("hunter2") == false)
            }
            try await Self.isRefused(url, certificates, trusts: certificates.stranger) { error in
                #expect(error?.code == .tls)
                #expect(error?.message.contains("unknown CA") == true, "\(error?.message ?? "")")
            }
        }
    }

    /// Reads by preference from replicas, and sees whether they were asked.
    private static func replicasAreRead(
        _ cluster: RedisClusterProcess,
        by user: String,
        _ names: [String],
        _ certificates: TestCertificates
    ) async throws {
        func gets() throws -> Int {
            try (0..<3).reduce(0) { sum, index in
                let statistics = try cluster.replica(of: index).command("INFO", "commandstats")
                guard let start = statistics.firstRange(of: "cmdstat_get:calls=") else { return sum }
                return sum + (Int(statistics[start.upperBound...].prefix { $0.isNumber }) ?? 0)
            }
        }
        try await withClusterClient(
            cluster.url(credentials: "\(user):hunter2"),
            change: { configuration, options in
                configuration.tls.trustRoots = .file(certificates.authority)
                options.readsFrom = .replicas
            }
        ) { client in
            // Once the client knows the replicas, of which nodes may hear a little late.
            try await until {
                client.refresher.want()
                return client.clusterState.nodes.count == 6
            }
            let before = try gets()
            for name in names {
                let value = try await client.send(RedisCommand("GET", name))
                #expect(value.string == name)
            }
            #expect(try gets() > before)
        }
    }

    private static func isRefused(
        _ url: String,
        _ certificates: TestCertificates,
        trusts authority: String? = nil,
        change: (inout RedisConfiguration, inout RedisClusterOptions) -> Void = { _, _ in },
        _ check: (RedisError?) -> Void
    ) async throws {
        try await withClusterClient(
            url,
            change: { configuration, options in
                configuration.tls.trustRoots = .file(authority ?? certificates.authority)
                change(&configuration, &options)
            }
        ) { client in
            check(await redisError { try await client.connect() })
            check(await redisError { try await client.send(RedisCommand("GET", "k")) })
        }
    }
}

/// Which right is needed for what, on three real masters with a password.
@Suite(.serialized, .onOneCluster) struct TheLeastACLOfACluster {
    private let cluster: RedisClusterProcess

    init() throws {
        cluster = try #require(OnOneCluster.cluster)
    }

    /// Gives a user these rights and no others on all nodes.
    private func url(_ user: String, _ rights: String...) throws -> String {
        for node in cluster.nodes {
            try node.command(["ACL", "SETUSER", user, "reset", "on", ">pw", "~*", "-@all"] + rights)
        }
        return cluster.url(credentials: "\(user):pw")
    }

    @Test(arguments: ["+cluster|shards", "+cluster|slots"])
    func isTheCommandsAndOneOfTheQuestionsForTheTopology(right: String) async throws {
        guard try right != "+cluster|shards" || cluster.nodes[0].version.isSevenOrLater else { return }
        try await withClusterClient(try url("least", "+get", "+set", right)) { client in
            try await client.connect()
            for number in 0..<30 { _ = try await client.send(RedisCommand("SET", "least\(number)", number)) }
            let value = try await client.send(RedisCommand("GET", "least7"))
            #expect(value.string == "7")
            #expect(client.clusterState.masters == 3)
        }
    }

    @Test func namesTheRightToAskForTheTopologyWhereItIsMissing() async throws {
        try await withClusterClient(try url("blind", "+get", "+set")) { client in
            let error = await redisError { try await client.send(RedisCommand("GET", "k")) }
            #expect(error?.serverCode == "NOPERM" && error?.mayHaveExecuted == false)
            #expect(error?.message.contains("+cluster|shards or +cluster|slots") == true, "\(error?.message ?? "")")
        }
    }

    @Test func namesTheRightToFollowAMoveWhereItIsMissing() async throws {
        let (source, target) = (cluster.masters[0], cluster.masters[1])
        let names = keys("unasked", in: 200...200, count: 2)
        let moved = names[0]
        let right = try ASecuredCluster.topologyRight()
        try await withClusterClient(try url("mute", "+get", "+set", right)) { client in
            for name in names { _ = try await client.send(RedisCommand("SET", name, name)) }
            try cluster.beginMove(slot: 200, from: source, to: target)
            #expect(try cluster.moveKeys(slot: 200, from: source, to: target) == 2)
            let single = await redisError { try await client.send(RedisCommand("GET", moved)) }
            let piped = await redisError {
                try await client.pipeline([RedisCommand("GET", moved), RedisCommand("GET", moved)]).map { try $0.get() }
            }
            for error in [single, piped] {
                #expect(error?.serverCode == "NOPERM")
                #expect(error?.message.contains("+asking") == true, "\(error?.message ?? "")")
            }
        }
        // Granted, it is all that was missing.
        try await withClusterClient(try url("mute", "+get", "+set", "+asking", right)) { client in
            for name in names {
                let value = try await client.send(RedisCommand("GET", name))
                #expect(value.string == name)
            }
            let replies = try await client.pipeline(names.map { RedisCommand("GET", $0) })
            #expect(try replies.map { try $0.get().string } == names)
        }
        try cluster.endMove(slot: 200, to: target)
        try cluster.move(slot: 200, from: target, to: source)
    }
}
