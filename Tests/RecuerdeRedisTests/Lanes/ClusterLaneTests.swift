import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Lanes and subscriptions of a cluster, against three real masters that are found again as they were.
@Suite(.serialized, .onOneCluster) struct LanesOfACluster {
    let cluster: RedisClusterProcess
    let first: RedisServerProcess
    let second: RedisServerProcess

    init() throws {
        cluster = try #require(OnOneCluster.cluster)
        first = cluster.masters[0]
        second = cluster.masters[1]
    }

    private func blocked(_ server: RedisServerProcess) throws -> Int {
        try server.command("CLIENT", "LIST").split(separator: "\n").count { $0.contains("cmd=blpop") }
    }

    @Test func aBlockingPopGoesOnWhereItsSlotHasMovedWhileItWaits() async throws {
        let key = keys("pop", in: 200...200, count: 1)[0]
        try await withClusterClient(cluster.url) { client in
            async let popped = client.send(RedisCommand("BLPOP", key, 0), timeout: .seconds(60), lane: .blocking)
            try await until { try blocked(first) == 1 }
            try cluster.move(slot: 200, from: first, to: second)
            try await until { try blocked(second) == 1 }
            #expect(client.clusterState.movedRedirects == 1)
            // Others go on meanwhile, over the connection of the same slot.
            _ = try await client.send(RedisCommand("EXISTS", key))
            _ = try await client.send(RedisCommand("RPUSH", key, "x"))
            #expect(try await popped.elements?.map(\.string) == [key, "x"])
            #expect(try await client.send(RedisCommand("LLEN", key)).int == 0)
            try cluster.move(slot: 200, from: second, to: first)
        }
    }

    @Test func aBlockingPopIsSentOnByASKToALaneOfTheOtherNode() async throws {
        let key = keys("asked", in: 201...201, count: 1)[0]
        try await withClusterClient(cluster.url) { client in
            try cluster.beginMove(slot: 201, from: first, to: second)
            async let popped = client.send(RedisCommand("BLPOP", key, 0), timeout: .seconds(60), lane: .blocking)
            try await until { try blocked(second) == 1 }
            #expect(client.clusterState.askRedirects >= 1 && client.clusterState.movedRedirects == 0)
            _ = try await client.send(RedisCommand("RPUSH", key, "x"))
            #expect(try await popped.elements?.last?.string == "x")
            try cluster.endMove(slot: 201, to: second)
            try cluster.move(slot: 201, from: second, to: first)
        }
    }

    @Test func limitsOfLanesBelongToEachNodeAndADeadlineNamesItsPhase() async throws {
        let here = keys("here", in: 0...5460, count: 2)
        let there = keys("there", in: 5461...10921, count: 1)[0]
        try await withClusterClient(cluster.url, change: { settings, _ in settings.maximumBlockingConnections = 1 }) {
            client in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { _ = try await client.send(RedisCommand("BLPOP", here[0], 0), timeout: .seconds(60)) }
                try await until { try blocked(first) == 1 }
                let full = await redisError {
                    try await client.send(RedisCommand("BLPOP", here[1], 0), lane: .blocking)
                }
                #expect(full?.code == .overloaded && full?.phase == .checking && full?.mayHaveExecuted == false)
                // The one of another node is free.
                let late = await redisError {
                    try await client.send(RedisCommand("BLPOP", there, 0), timeout: .milliseconds(300), lane: .blocking)
                }
                #expect(late?.code == .deadlineExceeded && late?.phase == .reply && late?.mayHaveExecuted == true)
                try await until { try blocked(second) == 0 }
                _ = try await client.send(RedisCommand("RPUSH", here[0], "x"))
                try await tasks.waitForAll()
            }
            // Nobody has taken this from whoever gave up.
            _ = try await client.send(RedisCommand("RPUSH", there, "x"))
            #expect(try await client.send(RedisCommand("LLEN", there)).int == 1)
            _ = try await client.send(RedisCommand("DEL", there))
        }
    }

    @Test func largeValuesGoThroughTheBulkLaneOfTheirNode() async throws {
        let key = keys("large", in: 202...202, count: 1)[0]
        let value = [UInt8](repeating: 0x61, count: 1_000_000)
        try await withClusterClient(cluster.url, change: { settings, _ in settings.maximumConnections = 1 }) { client in
            let executor: any RedisExecutor = client
            // A value of known size chooses the lane by itself; a read of unknown size is sent there.
            _ = try await client.send(RedisCommand("SET", key, value))
            let read = try await executor.execute(Redis.Get(key), lane: .bulk)
            #expect(read?.readableBytes == value.count)
            _ = try await client.send(RedisCommand("TTL", key))
            let lines = try first.command("CLIENT", "LIST").split(separator: "\n")
            let bulk = lines.filter { $0.contains("cmd=get ") }
            #expect(bulk.count == 1)
            #expect(lines.count { $0.contains("cmd=ttl ") } == 1)
            // And on to the node that the slot has gone to.
            try cluster.move(slot: 202, from: first, to: second)
            #expect(try await executor.execute(Redis.Get(key), lane: .bulk)?.readableBytes == value.count)
            // A command on the connection of keys leaves the one that carried the large value as it was.
            _ = try await client.send(RedisCommand("TTL", key))
            let others = try second.command("CLIENT", "LIST").split(separator: "\n")
            #expect(others.count { $0.contains("cmd=get ") } == 1 && others.count { $0.contains("cmd=ttl ") } == 1)
            try cluster.move(slot: 202, from: second, to: first)
            _ = try await client.send(RedisCommand("DEL", key))
        }
    }

    @Test func whatIsSentOverALaneIsDividedBySlotAndPutTogetherInOrder() async throws {
        let names = (0..<60).map { "lane\($0)" }
        try await withClusterClient(cluster.url) { client in
            let pairs = names.flatMap { [$0, "value of \($0)"] }
            _ = try await client.send(RedisCommand("MSET", arguments: pairs), lane: .bulk)
            let values = try await client.send(RedisCommand("MGET", arguments: names), lane: .bulk)
            #expect(values.elements?.map(\.string) == names.map { "value of \($0)" })
            #expect(try await client.send(RedisCommand("DEL", arguments: names), lane: .key).int == 60)
        }
    }

    @Test func aSubscriptionHearsWhatIsPublishedAtAnyNode() async throws {
        try await withClusterClient(cluster.url) { client in
            var iterator = client.subscribe(to: ["news"], patterns: ["w*"]).makeAsyncIterator()
            #expect(try await iterator.next() == .subscribed)
            for (index, node) in cluster.masters.enumerated() {
                try node.command("PUBLISH", index == 1 ? "weather" : "news", "\(index)")
                guard case .message(let message) = try await iterator.next() else {
                    Issue.record("no message")
                    return
                }
                #expect(message.text == "\(index)" && message.pattern == (index == 1 ? "w*" : nil))
            }
            #expect(client.figures.commandsInFlight == 0)
            await client.shutdown()
            #expect(try await iterator.next() == nil)
            #expect(client.subscriptions.count == 0)
        }
        for node in cluster.masters { try await until { try subscribers(node) == 0 } }
    }

    @Test func aSubscriptionEndsWhenItsClientIsLetGo() async throws {
        var client: RedisClusterClient? = RedisClusterClient(
            configuration: RedisConfiguration(url: try RedisURL(cluster.url)),
            logger: quiet
        )
        var iterator = try #require(client).subscribe(to: ["news"]).makeAsyncIterator()
        #expect(try await iterator.next() == .subscribed)
        client = nil
        #expect(try await iterator.next() == nil)
        for node in cluster.masters { try await until { try subscribers(node) == 0 } }
    }

    @Test func aSubscriptionThatIsRefusedThrows() async throws {
        let wrong = cluster.url.replacing(":secret@", with: ":wrong@")
        try await withClusterClient(wrong) { client in
            let error = await redisError {
                var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                return try await iterator.next() as Any
            }
            #expect(error?.code == .authenticationFailed)
        }
        try await withClusterClient(cluster.url) { client in
            let error = await redisError {
                var iterator = client.subscribe().makeAsyncIterator()
                return try await iterator.next() as Any
            }
            #expect(error?.code == .invalidCommand)
        }
    }
}

/// How many connections of a server are subscribed to something.
func subscribers(_ server: RedisServerProcess) throws -> Int {
    try server.command("CLIENT", "LIST", "TYPE", "pubsub").split(separator: "\n").count
}

@Suite struct SubscriptionsOfAClusterThatLosesNodes {
    @Test func goOnAtAnotherNodeAndTellTheGap() async throws {
        try await withRedisCluster(replicas: 0) { cluster in
            try await withClusterClient(cluster.url) { client in
                var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                // First its connection only, then two nodes after each other; the third one is left.
                for round in 0..<3 {
                    let alive = cluster.masters.filter { $0.pid != nil }
                    let home = try #require(try alive.first { try subscribers($0) > 0 })
                    if round == 0 { try home.command("CLIENT", "KILL", "TYPE", "pubsub") } else { home.kill() }
                    #expect(try await iterator.next() == .interrupted)
                    #expect(try await iterator.next() == .resubscribed)
                    let speaker = try #require(cluster.masters.last { $0.pid != nil })
                    try speaker.command("PUBLISH", "news", "\(round)")
                    #expect(
                        try await iterator.next()
                            == .message(RedisMessage(channel: "news", payload: ByteBuffer(string: "\(round)")))
                    )
                }
            }
        }
    }

    @Test func andBlockingPopsGoOnThroughFailoversOfSixNodes() async throws {
        let key = keys("pop", in: 0...5460, count: 1)[0]
        try await withRedisCluster { cluster in
            try await withClusterClient(cluster.url) { client in
                let former = cluster.nodes[0]
                let next = cluster.replica(of: 0)
                func isBlocking(_ server: RedisServerProcess) throws -> Bool {
                    try server.command("CLIENT", "LIST").contains("cmd=blpop")
                }
                var iterator = client.subscribe(to: ["news"]).makeAsyncIterator()
                #expect(try await iterator.next() == .subscribed)
                // A failover that was asked for: who waits at the former master is sent away, having got nothing.
                async let popped = client.send(RedisCommand("BLPOP", key, 0), timeout: .seconds(60), lane: .blocking)
                try await until { try isBlocking(former) }
                try next.command("CLUSTER", "FAILOVER")
                try await until { try isBlocking(next) }
                _ = try await client.send(RedisCommand("RPUSH", key, "x"))
                #expect(try await popped.elements?.last?.string == "x")

                // A master that is killed: nobody knows what has become of the pop that waits there.
                try await until { try former.command("INFO", "replication").contains("master_link_status:up") }
                async let lost = redisError {
                    try await client.send(RedisCommand("BLPOP", key, 0), timeout: .seconds(60), lane: .blocking)
                }
                try await until { try isBlocking(next) }
                let isHome = try subscribers(next) > 0
                next.kill()
                let error = await lost
                #expect(error?.code == .connectionLost && error?.mayHaveExecuted == true)
                if isHome {
                    #expect(try await iterator.next() == .interrupted)
                    #expect(try await iterator.next() == .resubscribed)
                }
                // Within its deadline, the next command waits for whoever takes over.
                _ = try await client.send(RedisCommand("RPUSH", key, "y"))
                #expect(try await client.send(RedisCommand("BLPOP", key, 0)).elements?.last?.string == "y")
                try former.command("PUBLISH", "news", "at last")
                #expect(
                    try await iterator.next()
                        == .message(RedisMessage(channel: "news", payload: ByteBuffer(string: "at last")))
                )
            }
        }
    }
}
