import Logging
import NIOCore
import Synchronization

/// One node of a cluster with the client that speaks to it.
struct ClusterNode: Sendable {
    let id: ClusterRouter.NodeID
    let endpoint: RedisURL.Endpoint
    let client: RedisClient
}

/// The nodes that are known, and one client for each that has been needed.
final class ClusterNodes: Sendable {
    private struct State {
        var router = ClusterRouter()
        var clients: [ClusterRouter.NodeID: RedisClient] = [:]
        /// Clients of nodes that have left, until their commands have ended.
        var leaving: [ClusterRouter.NodeID: Task<Void, Never>] = [:]
        /// How often commands of a slot were sent to another node than that of the table.
        var detours: [Int: UInt64] = [:]
        var isShutDown = false
    }

    let configuration: RedisConfiguration
    let options: RedisClusterOptions
    let tracker: ClientStateTracker
    let recorder: ClientRecorder
    private let notices = ClientNotices()
    private let eventLoopGroup: any EventLoopGroup
    private let logger: Logger
    private let state = Mutex(State())

    init(
        configuration: RedisConfiguration,
        options: RedisClusterOptions,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger,
        onStateChange: (@Sendable (RedisClientState) -> Void)?
    ) {
        self.configuration = configuration
        self.options = options
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
        tracker = ClientStateTracker(onChange: onStateChange)
        recorder = ClientRecorder(observer: configuration.observer)
    }

    var eventLoop: any EventLoop { eventLoopGroup.next() }

    // MARK: Routing

    /// The node for a slot; nil if nobody serves it, or the cluster is not known yet.
    func route(_ slot: UInt16, reads: Bool) -> ClusterNode? {
        state.withLock { state in
            let id =
                reads && options.readsFrom != .master
                ? state.router.reader(of: Int(slot), from: options.readsFrom) : state.router.master(of: Int(slot))
            return id.flatMap { node($0, &state) }
        }
    }

    /// A master in turn.
    func anyMaster() -> ClusterNode? {
        state.withLock { state in state.router.anyMaster().flatMap { node($0, &state) } }
    }

    /// Notes that a slot has moved. Returns its node.
    func moved(slot: Int, to endpoint: RedisURL.Endpoint) -> ClusterNode? {
        state.withLock { state in
            let former = state.router.master(of: slot)
            let id = state.router.moved(slot: slot, to: endpoint)
            if let former, former != id { state.clients[former]?.renewTracking() }
            return node(id, &state)
        }
    }

    /// The node at an address, known or not.
    func node(at endpoint: RedisURL.Endpoint) -> ClusterNode? {
        state.withLock { state in node(state.router.node(at: endpoint), &state) }
    }

    /// The node to which a command goes this once, though it is not that of its slot.
    func detour(of slot: UInt16?, to endpoint: RedisURL.Endpoint) -> ClusterNode? {
        state.withLock { state in
            if let slot { state.detours[Int(slot), default: 0] &+= 1 }
            return node(state.router.node(at: endpoint), &state)
        }
    }

    /// The tracked connection of a slot's node, with all that has changed its way so far.
    func trackingRoute(_ slot: UInt16) -> RedisTrackingRoute? {
        state.withLock { state in
            guard !state.isShutDown, let id = state.router.master(of: Int(slot)),
                let route = state.clients[id]?.trackingRoute(forSlot: slot)
            else { return nil }
            // Neither ever becomes less, so that the sum stays the same only if both do.
            let detours = UInt64(state.router.changes) &+ state.detours[Int(slot), default: 0]
            return RedisTrackingRoute(identity: route.identity, detours: detours)
        }
    }

    private func node(_ id: ClusterRouter.NodeID, _ state: inout State) -> ClusterNode? {
        guard !state.isShutDown, let endpoint = state.router.endpoint(of: id) else { return nil }
        if let client = state.clients[id] { return ClusterNode(id: id, endpoint: endpoint, client: client) }
        let client = makeClient(endpoint)
        state.clients[id] = client
        return ClusterNode(id: id, endpoint: endpoint, client: client)
    }

    /// Opens nothing yet.
    private func makeClient(_ endpoint: RedisURL.Endpoint) -> RedisClient {
        var configuration = configuration
        configuration.url = configuration.url.only(endpoint)
        // There may be another node to ask by the time that this one is back.
        configuration.failsWhileDisconnected = true
        // Repeating is done by the cluster's client, which knows where else to go.
        configuration.retry = .never
        configuration.recorder = recorder
        configuration.notices = notices
        // By slots at least, so that a whole command comes here only if all of its keys are of one.
        configuration.dividesCommands = false
        if options.readsFrom != .master {
            let step = HandshakeStep(RedisCommand("READONLY", key: nil)) { reply in
                reply.serverError.map { error in
                    RedisError(
                        .connectFailed,
                        serverCode: error.code,
                        phase: .handshake,
                        message:
                            "\(endpoint) does not let replicas be read; the user needs +readonly. It says: \(error.text)"
                    )
                }
            }
            configuration.handshakeSteps.append(step)
        }
        let watch = ClusterNodeWatch(tracker: tracker)
        return RedisClient(
            configuration: configuration,
            eventLoopGroup: eventLoopGroup,
            logger: logger,
            onStateChange: { watch.changed(to: $0) }
        )
    }

    // MARK: Topology

    var isReady: Bool { state.withLock { $0.router.isReady } }
    var isShutDown: Bool { state.withLock { $0.isShutDown } }

    /// Whom to ask for the topology. They get a client when they are asked.
    func candidates(atMost limit: Int) -> [RedisURL.Endpoint] {
        state.withLock { state in
            let seeds = configuration.url.endpoints
            // If there are more than can be asked, others are next time.
            var candidates = ClusterCandidates(seeds: seeds.count > limit / 2 ? seeds.shuffled() : seeds)
            for id in state.router.nodes.shuffled() {
                guard let endpoint = state.router.endpoint(of: id) else { continue }
                candidates.add(endpoint, isConnected: state.clients[id]?.state.isConnected ?? false)
            }
            return candidates.inOrder(atMost: limit)
        }
    }

    /// Takes a topology. Clients of nodes that are no longer part of it are shut down when their commands have ended.
    func install(_ topology: ClusterTopology) {
        state.withLock { state in
            guard !state.isShutDown else { return }
            let former = state.router
            let removed = state.router.install(topology)
            // A node tells nothing of what happens to keys that are another one's now.
            for id in former.losers(to: state.router) {
                guard let client = state.clients[id] else { continue }
                if removed.contains(id) { client.endTracking() } else { client.renewTracking() }
            }
            for id in removed {
                guard let client = state.clients.removeValue(forKey: id) else { continue }
                // Owned by this object, which cancels and awaits it at shutdown; else it ends with the commands, or
                // after its limit.
                state.leaving[id] = Task {
                    await Self.retire(client)
                    self.state.withLock { _ = $0.leaving.removeValue(forKey: id) }
                }
            }
        }
    }

    private static func retire(_ client: RedisClient) async {
        let limit = ContinuousClock.now + .seconds(30)
        while client.commandsInFlight > 0, !Task.isCancelled, ContinuousClock.now < limit {
            try? await Task.sleep(for: .milliseconds(20))
        }
        await client.shutdown()
    }

    /// The masters that serve slots.
    func masters() -> [ClusterNode] {
        state.withLock { state in state.router.masters.compactMap { node($0, &state) } }
    }

    func servedSlots() -> ClusterSlotSet { state.withLock { $0.router.servedSlots } }

    func slots(of node: ClusterNode) -> ClusterSlotSet { state.withLock { $0.router.slots(of: node.id) } }

    /// Addresses with whether they have a connection and whether they serve slots.
    func summary() -> [RedisClusterState.Node] {
        state.withLock { state in
            let masters = Set(state.router.masters)
            return state.router.nodes.compactMap { id in
                state.router.endpoint(of: id).map { endpoint in
                    RedisClusterState.Node(
                        endpoint: endpoint,
                        isMaster: masters.contains(id),
                        isConnected: state.clients[id]?.state.isConnected ?? false
                    )
                }
            }
        }
    }

    var clientCount: Int { state.withLock { $0.clients.count } }
    var leavingCount: Int { state.withLock { $0.leaving.count } }
    var commandsInFlight: Int { state.withLock { $0.clients.values.reduce(0) { $0 + $1.commandsInFlight } } }

    func shutDown() async {
        let (clients, leaving) = state.withLock { state in
            state.isShutDown = true
            return (Array(state.clients.values), Array(state.leaving.values))
        }
        // First, so that nobody is told of connections lost.
        tracker.shutDown()
        for task in leaving { task.cancel() }
        await withDiscardingTaskGroup { group in
            for client in clients { group.addTask { await client.shutdown() } }
            for task in leaving { group.addTask { await task.value } }
        }
    }
}

/// Adds up the states of the nodes: the cluster is connected while any node is.
private final class ClusterNodeWatch: Sendable {
    private let tracker: ClientStateTracker
    private let wasConnected = Mutex(false)

    init(tracker: ClientStateTracker) {
        self.tracker = tracker
    }

    /// Called in the order of the changes, one at a time.
    func changed(to state: RedisClientState) {
        let was = wasConnected.withLock { was in
            defer { was = state.isConnected }
            return was
        }
        if state.isConnected {
            if !was, let facts = state.server { tracker.connected(facts) }
            return
        }
        let last = state.lastError
        let error = RedisError(
            last?.code ?? .connectionLost,
            serverCode: last?.serverCode,
            phase: .connecting,
            message: last?.message ?? "the connection was closed"
        )
        if was { tracker.connectionLost(error) } else if last != nil { tracker.dialFailed(error) }
    }
}
