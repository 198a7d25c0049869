import NIOCore
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeRedis

/// Calls back into a client whenever it is called: reads what can be read, and sends a command.
private final class Caller: Sendable {
    private struct Storage {
        var client: (any RedisExecutor)?
        var look: (@Sendable () -> Void)?
        var counts: [String: Int] = [:]
        var tasks: [Task<Void, Never>] = []
    }

    private let storage = Mutex(Storage())

    /// What it has been called for.
    var heard: Set<String> { storage.withLock { Set($0.counts.keys) } }

    /// - Parameter look: reads everything that a client tells without suspension.
    func use(_ client: any RedisExecutor, look: @escaping @Sendable () -> Void) {
        storage.withLock {
            $0.client = client
            $0.look = look
        }
    }

    func called(_ what: String) {
        let (client, look) = storage.withLock { storage in
            storage.counts[what, default: 0] += 1
            // A command calls back itself; somewhere that must end.
            return (storage.counts[what] ?? 0) <= 20 ? (storage.client, storage.look) : (nil, nil)
        }
        look?()
        guard let client else { return }
        let task = Task { _ = try? await client.send(RedisCommand("ECHO", what, key: nil), timeout: .seconds(10)) }
        storage.withLock { $0.tasks.append(task) }
    }

    /// Waits until all that was sent has been answered or has failed, and lets go of the client.
    func finish() async {
        let tasks = storage.withLock { storage in
            storage.client = nil
            storage.look = nil
            return storage.tasks
        }
        for task in tasks { await task.value }
    }

    var observer: some RedisClientObserver { Observer(caller: self) }

    private struct Observer: RedisClientObserver {
        let caller: Caller

        func operationStarted(_ operation: RedisOperation) { caller.called("started") }
        func operationEnded(_ operation: RedisOperation, _ end: RedisOperationEnd, _ context: Void) {
            caller.called("ended")
        }
        func repeated(_ repetition: RedisRepetition) { caller.called("repeated") }
        func connectionChanged(_ change: RedisConnectionChange) {
            caller.called(change.isOpen ? "opened" : "closed")
        }
    }
}

/// Whoever is told something may use the client at once, from wherever it is told: nothing waits for itself.
@Suite(.timeLimit(.minutes(2))) struct CallingBack {
    @Test func fromObserversPushesTrackingAndChangesOfState() async throws {
        let caller = Caller()
        try await withRedisServer { server in
            try await withTrackedClient(
                server.url,
                connections: 2,
                change: {
                    $0.observer = caller.observer
                    $0.onPush = { _ in caller.called("push") }
                    if let handler = $0.tracking?.handler {
                        $0.tracking?.handler = { event in
                            handler(event)
                            switch event {
                            case .opened: caller.called("tracked")
                            case .closed: caller.called("untracked")
                            case .invalidated: caller.called("invalidated")
                            case .invalidatedAll: caller.called("flushed")
                            case .proved: caller.called("proved")
                            }
                        }
                    }
                }
            ) { tracked in
                let client = tracked.client
                caller.use(client) { _ = (client.state, client.figures, client.commandsInFlight, client.bytesInFlight) }
                try await tracked.open()
                try await tracked.run("GET", "k")
                try server.command("SET", "k", "v")
                try await until { caller.heard.contains("invalidated") }
                try server.command("FLUSHALL")
                try await until { caller.heard.contains("flushed") }
                try server.command("CLIENT", "KILL", "TYPE", "normal")
                try await until {
                    _ = try? await tracked.run("GET", "k")
                    return caller.heard.isSuperset(of: ["untracked", "closed"])
                }
                try await eventually { try await client.ping() }
                await caller.finish()
            }
        }
        #expect(caller.heard.isSuperset(of: ["push", "tracked", "untracked", "invalidated", "flushed"]))
        #expect(caller.heard.isSuperset(of: ["started", "ended", "opened", "closed"]))
    }

    @Test func fromChangesOfStateAndRepetitions() async throws {
        let caller = Caller()
        let refusals = Shared(5)
        let script = FakeServer.greeted { _, _ in
            guard refusals.value > 0 else { return .bytes("+v\r\n") }
            refusals.change { $0 -= 1 }
            return .bytes("-LOADING wait\r\n")
        }
        try await FakeServer.with(script) { server in
            try await withClient(
                server.url,
                change: { $0.observer = caller.observer },
                onStateChange: { caller.called("\($0.status)") }
            ) { client in
                caller.use(client) { _ = (client.state, client.figures, client.commandsInFlight) }
                _ = try await client.send(RedisCommand("GET", "k"))
                await caller.finish()
            }
        }
        #expect(caller.heard.isSuperset(of: ["connected", "shutDown", "repeated", "opened", "closed"]))
    }

    @Test func ofAClientBehindSentinels() async throws {
        let caller = Caller()
        try await withRedisServer { server in
            try await FakeServer.with(FakeServer.sentinel(Shared(server.port))) { sentinel in
                try await withSentinelClient(
                    "redis+sentinel://\(sentinel.hostAndPort)/mymaster",
                    change: {
                        $0.observer = caller.observer
                        $0.onPush = { _ in caller.called("push") }
                    },
                    onStateChange: { caller.called("\($0.status)") }
                ) { client in
                    caller.use(client) {
                        _ = (client.state, client.figures, client.master, client.sentinels, client.sentinelFaults)
                    }
                    _ = try await client.send(RedisCommand("SET", "k", "v"))
                    for _ in 0..<3 {
                        server.kill()
                        try await until { !client.state.isConnected }
                        try server.restart()
                        _ = try await eventually { try await client.send(RedisCommand("SET", "k", "v")) }
                    }
                    await caller.finish()
                }
            }
        }
        #expect(caller.heard.isSuperset(of: ["connected", "lost", "shutDown", "started", "ended", "opened", "closed"]))
    }

    /// A consumer of messages publishes, reads, and in the end shuts the client down, within its own loop.
    @Test func fromTheConsumerOfASubscription() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await Self.consume(client) { _ = (client.state, client.figures, client.commandsInFlight) }
            }
        }
    }

    static func consume(_ client: any RedisExecutor, look: () -> Void) async throws {
        var messages = 0
        for try await event in client.subscribe(to: ["news"], buffer: 1) {
            look()
            if case .message = event { messages += 1 }
            if messages < 10 {
                _ = try await client.send(RedisCommand("PUBLISH", "news", messages, key: nil), timeout: nil)
            } else {
                await client.shutdown()
            }
        }
        #expect(messages == 10)
    }

    /// The one that runs on the very loop of the connection, and the one that is told of it.
    @Test func toShutTheClientDown() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await client.ping()
                await Task(executorPreference: client.executor(forKey: "k")) { await client.shutdown() }.value
                #expect(client.state.status == .shutDown)
            }
            let ends = Shared<[Task<Void, Never>]>([])
            let client = Shared<RedisClient?>(nil)
            try await withClient(
                server.url,
                onStateChange: { state in
                    guard state.isConnected, let client = client.value else { return }
                    ends.change { $0.append(Task { await client.shutdown() }) }
                }
            ) { made in
                client.change { $0 = made }
                _ = try? await made.send(RedisCommand("GET", "k"))
                try await until { !ends.value.isEmpty }
                for end in ends.value { await end.value }
                #expect(made.state.status == .shutDown)
                client.change { $0 = nil }
            }
        }
    }
}

@Suite(.onOneCluster, .timeLimit(.minutes(2))) struct CallingBackOfACluster {
    @Test func fromObserversPushesAndChangesOfState() async throws {
        let cluster = try #require(OnOneCluster.cluster)
        let caller = Caller()
        try await withClusterClient(
            cluster.url,
            change: { configuration, _ in configuration.observer = caller.observer },
            onStateChange: { caller.called("\($0.status)") }
        ) { client in
            caller.use(client) { _ = (client.state, client.figures, client.clusterState) }
            for index in 0..<20 { _ = try await client.send(RedisCommand("GET", "k\(index)")) }
            for node in cluster.nodes { try node.command("CLIENT", "KILL", "TYPE", "normal") }
            try await until { caller.heard.contains("closed") }
            for index in 0..<20 {
                _ = try await eventually { try await client.send(RedisCommand("GET", "k\(index)")) }
            }
            await caller.finish()
        }
        #expect(caller.heard.isSuperset(of: ["connected", "shutDown", "started", "ended", "opened", "closed"]))
    }

    @Test func fromTheConsumerOfASubscription() async throws {
        let cluster = try #require(OnOneCluster.cluster)
        try await withClusterClient(cluster.url) { client in
            try await CallingBack.consume(client) { _ = (client.state, client.figures, client.clusterState) }
        }
    }
}
