import NIOCore
import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// The scenarios of clusters that leave a cluster as they find it, against three real masters with a password.
@Suite(.serialized, .onOneCluster) struct AClusterClient {
    let cluster: RedisClusterProcess
    let first: RedisServerProcess
    let second: RedisServerProcess

    init() throws {
        cluster = try #require(OnOneCluster.cluster)
        first = cluster.masters[0]
        second = cluster.masters[1]
    }

    // Slots of the first master that tests move to and fro; each test has its own.

    @Test func followsMOVEDAtOncePatchesTheSlotAndAsksOnce() async throws {
        let key = keys("moved", in: 10...10, count: 1)[0]
        try await withClusterClient(cluster.url) { client in
            _ = try await client.send(RedisCommand("SET", key, "v"))
            let before = client.clusterState
            try cluster.move(slot: 10, from: first, to: second)
            #expect(try await client.send(RedisCommand("GET", key)).string == "v")
            #expect(client.clusterState.movedRedirects == before.movedRedirects + 1)
            #expect(client.clusterState.retries == before.retries)
            try await until { client.clusterState.refreshes > before.refreshes }
            for _ in 0..<20 { #expect(try await client.send(RedisCommand("GET", key)).string == "v") }
            #expect(client.clusterState.movedRedirects == before.movedRedirects + 1)
            #expect(client.clusterState.refreshes == before.refreshes + 1)
            try cluster.move(slot: 10, from: second, to: first)
        }
    }

    @Test func survivesAMOVEDStormOfAThousandCallersWithFewRefreshes() async throws {
        let names = keys("storm", in: 20...39, count: 1000)
        try await withClusterClient(cluster.url) { client in
            for result in try await client.pipeline(names.map { RedisCommand("SET", $0, $0) }) { _ = try result.get() }
            for slot in 20...39 { try cluster.move(slot: slot, from: first, to: second) }
            let before = client.clusterState
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names {
                    group.addTask {
                        let reply = try await client.send(RedisCommand("GET", name))
                        #expect(reply.string == name)
                    }
                }
                try await group.waitForAll()
            }
            let seconds = Int((ContinuousClock.now - start).components.seconds)
            let after = client.clusterState
            #expect(after.movedRedirects > before.movedRedirects)
            #expect(after.refreshes - before.refreshes <= 3 * (1 + seconds))
            // Who is redirected does not wait for it, but it comes.
            try await until { client.clusterState.refreshes > before.refreshes }
            for slot in 20...39 { try cluster.move(slot: slot, from: second, to: first) }
        }
    }

    @Test func followsASKDuringAMigrationAndLeavesTheTableAsItIs() async throws {
        let names = keys("ask", in: 50...50, count: 40)
        let elsewhere = keys("other", in: 5461...10922, count: 40)
        try await withClusterClient(cluster.url) { client in
            for name in names + elsewhere { _ = try await client.send(RedisCommand("SET", name, name)) }
            try cluster.beginMove(slot: 50, from: first, to: second)
            #expect(try cluster.moveKeys(slot: 50, from: first, to: second, atMost: 20) == 20)
            // Neighbours on the same connections would break the pair of ASKING and command, if anything could.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names + elsewhere + names + elsewhere {
                    group.addTask {
                        let reply = try await client.send(RedisCommand("GET", name))
                        #expect(reply.string == name)
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.clusterState.askRedirects == 40)
            let replies = try await client.pipeline((names + elsewhere).map { RedisCommand("GET", $0) })
            #expect(try replies.map { try $0.get().string } == names + elsewhere)
            #expect(client.clusterState.askRedirects == 60)
            // A new key is made where the slot goes.
            let fresh = keys("fresh", in: 50...50, count: 1)[0]
            _ = try await client.send(RedisCommand("SET", fresh, "new"))
            #expect(client.clusterState.askRedirects == 61)
            #expect(client.clusterState.movedRedirects == 0)
            while try cluster.moveKeys(slot: 50, from: first, to: second) > 0 {}
            try cluster.endMove(slot: 50, to: second)
            #expect(try await client.send(RedisCommand("GET", fresh)).string == "new")
            #expect(client.clusterState.movedRedirects == 1)
            try cluster.move(slot: 50, from: second, to: first)
        }
    }

    @Test func waitsOutTRYAGAINWhileTheKeysOfOneCommandAreApart() async throws {
        let names = keys("apart", in: 60...60, count: 4)
        try await withClusterClient(cluster.url) { client in
            for name in names { _ = try await client.send(RedisCommand("SET", name, name)) }
            try cluster.beginMove(slot: 60, from: first, to: second)
            #expect(try cluster.moveKeys(slot: 60, from: first, to: second, atMost: 2) == 2)
            let early = await redisError {
                try await client.send(RedisCommand("MGET", arguments: names), timeout: .milliseconds(100))
            }
            #expect(early?.serverCode == "TRYAGAIN")
            #expect(early?.mayHaveExecuted == false)
            let before = client.clusterState.retries
            let task = Task { try await client.send(RedisCommand("MGET", arguments: names)) }
            try await until { client.clusterState.retries > before }
            try cluster.moveKeys(slot: 60, from: first, to: second)
            try cluster.endMove(slot: 60, to: second)
            #expect(try await task.value.elements?.map(\.string) == names)
            try cluster.move(slot: 60, from: second, to: first)
        }
    }

    @Test func waitsOutCLUSTERDOWNWithinTheDeadlineAndNamesItAfterwards() async throws {
        let key = keys("down", in: 70...70, count: 1)[0]
        try await withClusterClient(cluster.url) { client in
            _ = try await client.send(RedisCommand("SET", key, "v"))
            try first.command("CLUSTER", "DELSLOTS", "70")
            let late = await redisError { try await client.send(RedisCommand("GET", key), timeout: .milliseconds(150)) }
            #expect(late?.serverCode == "CLUSTERDOWN")
            #expect(late?.phase == .reply)
            #expect(late?.mayHaveExecuted == false)
            let before = client.clusterState.retries
            let task = Task { try await client.send(RedisCommand("GET", key)) }
            try await until { client.clusterState.retries > before }
            try first.command("CLUSTER", "ADDSLOTS", "70")
            #expect(try await task.value.string == "v")
            for node in cluster.masters {
                try await until { try node.command("CLUSTER", "INFO").contains("cluster_state:ok") }
            }
        }
    }

    @Test func splitsCommandsWithManyKeysAndKeepsTheirOrder() async throws {
        let names = (0..<300).map { "many\($0)" }
        try await withClusterClient(cluster.url) { client in
            let pairs = names.flatMap { [$0, "value of \($0)"] }
            #expect(try await client.send(RedisCommand("MSET", arguments: pairs)).string == "OK")
            let asked = names.reversed() + ["missing"] + names.prefix(3)
            let values = try await client.send(RedisCommand("mget", arguments: Array(asked))).elements?.map(\.string)
            #expect(values == asked.map { $0 == "missing" ? nil : "value of \($0)" })
            #expect(try await client.send(RedisCommand("EXISTS", arguments: names + ["missing"])).int == 300)
            #expect(try await client.send(RedisCommand("TOUCH", arguments: names)).int == 300)
            let mixed = try await client.pipeline([
                RedisCommand("MGET", "many0", "many1", "many2"), RedisCommand("GET", "many3"),
                RedisCommand("DEL", arguments: Array(names.prefix(100))), RedisCommand("TIME", key: nil),
                RedisCommand("INCR", "many150"),
            ])
            #expect(try mixed[0].get().elements?.map(\.string) == (0..<3).map { "value of many\($0)" })
            #expect(try mixed[1].get().string == "value of many3")
            #expect(try mixed[2].get().int == 100)
            #expect(try mixed[3].get().elements?.count == 2)
            let failure = await redisError { try mixed[4].get() }
            #expect(failure?.serverCode == "ERR")
            #expect(try await client.send(RedisCommand("UNLINK", arguments: names)).int == 200)
            let groups = client.groups(of: ["{a}1", "b", "{a}2"])
            #expect(groups == [["{a}1", "{a}2"], ["b"]])
        }
    }

    @Test func saysCROSSSLOTWhereItMustNotSplit() async throws {
        try await withClusterClient(cluster.url, change: { $1.splitsMultiKeyCommands = false }) { client in
            let error = await redisError { try await client.send(RedisCommand("MGET", "a", "b", "c")) }
            #expect(error?.code == .server && error?.serverCode == "CROSSSLOT" && error?.mayHaveExecuted == false)
            let results = try await client.pipeline([RedisCommand("MGET", "a", "b"), RedisCommand("GET", "a")])
            let single = await redisError { try results[0].get() }
            #expect(single?.serverCode == "CROSSSLOT")
            #expect(try results[1].get().isNull)
        }
        try await withClusterClient(cluster.url) { client in
            let error = await redisError { try await client.send(RedisCommand("RENAME", "a", "b")) }
            #expect(error?.serverCode == "CROSSSLOT")
        }
    }

    @Test func scansAllMastersAlsoWhenSlotsMoveMeanwhile() async throws {
        let names = (0..<600).map { "scan:\($0)" } + keys("scan:", in: 16370...16383, count: 20)
        try await withClusterClient(cluster.url) { client in
            _ = try await client.send(RedisCommand("MSET", arguments: (names + ["scanother"]).flatMap { [$0, "v"] }))
            var found: Set<String> = []
            var cursor: String?
            var pages = 0
            var hasMoved = false
            repeat {
                let page = try await client.scan(pattern: "*scan:*", cursor: cursor, count: 20)
                found.formUnion(page.names)
                cursor = page.cursor
                pages += 1
                if !hasMoved, let place = cursor.flatMap({ ClusterScanCursor(text: $0) }), place.done.first == 0 {
                    // Away from a node that is yet to come, to one that has been.
                    for slot in 16370...16383 { try move(slot, from: 2, to: 0) }
                    hasMoved = true
                }
            } while cursor != nil && pages < 10_000
            #expect(found == Set(names))
            #expect(hasMoved && pages > 25)
            for slot in 16370...16383 { try move(slot, from: 0, to: 2) }
            let error = await redisError { try await client.scan(pattern: "*", cursor: "17", count: 10) }
            #expect(error?.code == .invalidCommand)
            _ = try await client.send(RedisCommand("UNLINK", arguments: names))
        }
    }

    private func move(_ slot: Int, from: Int, to: Int) throws {
        try cluster.move(slot: slot, from: cluster.masters[from], to: cluster.masters[to])
    }

    @Test func isReshardedUnderLoadWithoutAFailedRead() async throws {
        try await withClusterClient(cluster.url) { client in
            let load = ClusterLoad(client, keys: keys("load", in: 100...119, count: 150) + (0..<150).map { "l\($0)" })
            try await load.fill()
            let outcome = try await load.run {
                try await load.more(100)
                for slot in 100...119 { try cluster.move(slot: slot, from: first, to: second) }
                try await load.more(100)
                for slot in 100...119 { try cluster.move(slot: slot, from: second, to: first) }
                try await load.more(100)
            }
            #expect(outcome.failedReads == [])
            #expect(outcome.failedWrites == [])
            #expect(outcome.wrong == 0)
            #expect(outcome.reads >= 300 && outcome.writes > 0)
            #expect(client.clusterState.movedRedirects > 0)
        }
    }

    @Test func startsWithSomeSeedsDownAndKeepsItsPromisesAsATier() async throws {
        try await FakeServer.with({ _, _ in .nothing }) { silent in
            let silentPort = try #require(try RedisURL(silent.url).endpoints.first).port
            let seeds = [deadPort, silentPort, cluster.masters[2].port]
            try await withClusterClient(cluster.url(seeds: seeds)) { client in
                #expect(client.state.status == .idle)
                try await client.connect()
                let state = client.clusterState
                #expect(state.masters == 3 && state.nodes.count == 3 && state.servedSlots == 16384)
                #expect(state.connectedNodes == 3)
                #expect(client.state.isConnected && client.state.server?.isClusterNode == true)
                try await RemoteTierConformance(tier: RedisTier(client: client), prefix: "tier:").checkAll()
            }
        }
    }

    /// Nobody listens there.
    private let deadPort = 1

    @Test func failsAtOnceWhereItIsNotLetInOrThereIsNoCluster() async throws {
        let wrong = cluster.url.replacing(":secret@", with: ":wrong@")
        try await withClusterClient(wrong) { client in
            let error = await redisError { try await client.send(RedisCommand("GET", "k"), timeout: .seconds(60)) }
            #expect(error?.code == .authenticationFailed && error?.serverCode == "WRONGPASS")
            #expect(error?.description.contains("wrong@") == false)
        }
        try await withRedisServer { server in
            try await withClusterClient("redis+cluster://127.0.0.1:\(server.port)") { client in
                let error = await redisError { try await client.connect() }
                #expect(error?.code == .invalidCommand)
                #expect(error?.message.contains("redis://") == true)
            }
        }
        try await withClusterClient("redis+cluster://127.0.0.1:\(deadPort)") { client in
            let error = await redisError {
                try await client.send(RedisCommand("GET", "k"), timeout: .milliseconds(300))
            }
            #expect(error?.code == .connectFailed)
            #expect(error?.message.contains("ECONNREFUSED") == true && error?.message.contains(":\(deadPort)") == true)
            #expect(error?.mayHaveExecuted == false)
        }
    }

    @Test func endsCleanly() async throws {
        let states = Shared<[RedisClientState.Status]>([])
        try await withClusterClient(cluster.url, onStateChange: { state in states.change { $0.append(state.status) } })
        {
            client in
            try await client.connect()
            let cancelled = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await client.send(RedisCommand("GET", "k"))
            }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            await client.shutdown()
            let error = await redisError { try await client.send(RedisCommand("GET", "k")) }
            #expect(error?.code == .shutDown)
            let pipeline = await redisError { try await client.pipeline([RedisCommand("GET", "k")]) }
            #expect(pipeline?.code == .shutDown)
            let connect = await redisError { try await client.connect() }
            #expect(connect?.code == .shutDown)
            #expect(client.nodes.commandsInFlight == 0)
        }
        #expect(states.value == [.connected, .shutDown])
    }
}
