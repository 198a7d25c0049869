import Logging
import Synchronization

/// Asks the nodes who serves what, one asking at a time and not too often.
final class ClusterRefresher: Sendable {
    private struct State {
        var policy = ClusterRefreshPolicy()
        var task: Task<Void, Never>?
        var lastError: RedisError?
        var refreshes = 0
        var isShutDown = false
    }

    let gate = ClusterGate()
    private let nodes: ClusterNodes
    private let logger: Logger
    private let state = Mutex(State())

    init(nodes: ClusterNodes, logger: Logger) {
        self.nodes = nodes
        self.logger = logger
    }

    /// How often the nodes have been asked.
    var refreshes: Int { state.withLock { $0.refreshes } }

    /// Why the last asking failed; nil if it did not.
    var lastError: RedisError? { state.withLock { $0.lastError } }

    /// Somebody wants a fresh topology, soon. Waiting for it is done at the gate.
    func want() {
        state.withLock { state in
            guard !state.isShutDown, let start = state.policy.wanted(now: ClientShared.now()) else { return }
            // Owned by this object, which cancels and awaits it at shutdown; else it ends when nobody wants a topology
            // any more. There is one at most, as the policy says when to begin one.
            state.task = Task { await self.run(from: start) }
        }
    }

    /// The same, unless the nodes have been asked less than so long ago, or nobody has asked for the topology yet.
    func want(ifOlderThan age: Int64) {
        let isOld = state.withLock { $0.policy.isOlder(than: age, now: ClientShared.now()) }
        if isOld { want() }
    }

    func shutDown() async {
        let task = state.withLock { state in
            state.isShutDown = true
            return state.task
        }
        task?.cancel()
        await task?.value
        gate.open()
    }

    private func run(from start: Int64) async {
        var next: Int64? = start
        while let moment = next, !Task.isCancelled {
            let wait = moment - ClientShared.now()
            if wait > 0 { try? await Task.sleep(for: .nanoseconds(wait)) }
            guard !Task.isCancelled else { break }
            state.withLock { state in
                state.policy.started(now: ClientShared.now())
                state.refreshes += 1
            }
            let failure = await ask()
            next = state.withLock { state in
                state.lastError = failure
                return state.policy.finished(succeeded: failure == nil, now: ClientShared.now())
            }
            if let failure {
                logger.debug("redis_cluster_unknown", metadata: ["recuerde.redis.reason": "\(failure.message)"])
                gate.open()
            }
        }
    }

    // MARK: Asking

    private enum Outcome: Sendable {
        case topology(ClusterTopology, RedisURL.Endpoint)
        case failed(RedisError)
        /// The one who was asked takes long; another is asked too.
        case isSlow
    }

    /// So long a node has for itself before the next one is asked as well.
    private static let patience = Duration.milliseconds(250)
    private static let limit: Int64 = 1_000_000_000
    private static let mostAsked = 32

    /// Returns why not, or nil once a topology has been installed.
    private func ask() async -> RedisError? {
        var candidates = nodes.candidates(atMost: Self.mostAsked)[...]
        let tls = nodes.configuration.url.tls
        return await withTaskGroup(of: Outcome.self) { group in
            var failure: RedisError?
            var asked = 0
            func askNext() {
                // None while the client is being shut down.
                guard let endpoint = candidates.popFirst(), let node = nodes.node(at: endpoint) else { return }
                asked += 1
                group.addTask { await Self.ask(node, tls: tls) }
                guard !candidates.isEmpty else { return }
                group.addTask {
                    try? await Task.sleep(for: Self.patience)
                    return .isSlow
                }
            }
            askNext()
            while asked > 0, let outcome = await group.next() {
                switch outcome {
                case .topology(let topology, let endpoint):
                    nodes.install(topology)
                    logger.debug(
                        "redis_cluster_topology",
                        metadata: [
                            "recuerde.redis.address": "\(endpoint)", "recuerde.redis.slots": "\(topology.servedSlots)",
                        ]
                    )
                    gate.open()
                    group.cancelAll()
                    return nil
                case .failed(let error):
                    asked -= 1
                    // That one node refuses us or is no cluster says more than that another one is away.
                    if failure == nil || error.code != .connectFailed { failure = error }
                    askNext()
                case .isSlow:
                    askNext()
                }
            }
            group.cancelAll()
            return failure
                ?? RedisError(.connectFailed, phase: .waiting, message: "there is no node of the cluster to ask")
        }
    }

    private static func ask(_ node: ClusterNode, tls: Bool) async -> Outcome {
        do {
            let deadline = ClientShared.now() + limit
            return .topology(try await topology(by: node, tls: tls, deadline: deadline), node.endpoint)
        } catch let error as RedisError {
            return .failed(explained(error, node.endpoint))
        } catch {
            return .failed(
                RedisError(.deadlineExceeded, phase: .waiting, message: "asking \(node.endpoint) was cancelled")
            )
        }
    }

    /// What one node says about the cluster, both questions together before the deadline.
    static func topology(by node: ClusterNode, tls: Bool, deadline: Int64) async throws -> ClusterTopology {
        let source = ClusterTopology.Source(asked: node.endpoint, tls: tls)
        // This is rare enough not to wait for the end of a pause between attempts to connect.
        if !node.client.state.isConnected { node.client.dialNow() }
        do {
            let reply = try await ask(node, RedisCommand("CLUSTER", "SHARDS", key: nil), deadline)
            return try ClusterTopology(shards: reply, source: source)
        } catch let error as RedisError where error.code == .server && !isTemporary(error) {
            // Servers before 7.0 do not know it.
            let reply = try await ask(node, RedisCommand("CLUSTER", "SLOTS", key: nil), deadline)
            return try ClusterTopology(slots: reply, source: source)
        }
    }

    private static func ask(_ node: ClusterNode, _ command: RedisCommand, _ deadline: Int64) async throws -> RESPValue {
        try await node.client.sendOwn(command, timeout: .nanoseconds(deadline - ClientShared.now()))
    }

    private static func isTemporary(_ error: RedisError) -> Bool {
        ["LOADING", "MASTERDOWN", "CLUSTERDOWN"].contains(error.serverCode ?? "")
    }

    private static func explained(_ error: RedisError, _ endpoint: RedisURL.Endpoint) -> RedisError {
        guard error.code == .server, !isTemporary(error) else { return error }
        let advice =
            error.serverCode == "NOPERM"
            ? "its user needs +cluster|shards or +cluster|slots" : "if it is no cluster node, use redis://"
        return RedisError(
            .invalidCommand,
            serverCode: error.serverCode,
            phase: .handshake,
            message: "\(endpoint) does not describe a cluster; \(advice). It says: \(error.message)"
        )
    }
}
