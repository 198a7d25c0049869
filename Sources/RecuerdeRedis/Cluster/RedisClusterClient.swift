public import Logging
public import NIOCore
public import NIOPosix
import Synchronization

/// A client of a Redis or Valkey cluster: one `RedisClient` for each node, and a table of who serves which slot.
///
/// A command goes to the master of its key's slot. Redirects are followed, what a failing node has not executed is sent
/// again, and the table follows the cluster through failover and resharding: within the caller's deadline, none of this
/// is seen. Commands without a key go to the masters in turn.
///
/// A command with keys of several slots is refused by the server (`CROSSSLOT`), but for those that can be divided: see
/// `RedisClusterOptions.splitsMultiKeyCommands`. Connections are opened by the first command that needs them; nothing
/// has to be run. The connections of nodes that have left are closed when their commands have ended.
public final class RedisClusterClient: RedisExecutor {
    let nodes: ClusterNodes
    package let trackingHub: RedisTrackingHub?
    let refresher: ClusterRefresher
    let counters = Counters()
    let retries: ClusterRetryGate
    /// The calls that have had to wait for a node to send to, until they are over. The commands at each node are counted there.
    let waiting: InFlight
    let subscriptions: SubscriptionRegistry

    /// The configuration as given; its limits hold for each node, and once more for the commands that wait for one.
    public var configuration: RedisConfiguration { nodes.configuration }

    /// The options as given.
    public var options: RedisClusterOptions { nodes.options }

    /// How often something has happened.
    struct Counters: ~Copyable, Sendable {
        let moved = Atomic<Int>(0)
        let asked = Atomic<Int>(0)
        let retries = Atomic<Int>(0)
    }

    /// Makes a client; opens no connection.
    ///
    /// - Parameters:
    ///   - configuration: the seeds, as a URL of `redis+cluster://` or `rediss+cluster://`, and how to speak to nodes.
    ///     Credentials, TLS and all limits hold for each node.
    ///   - options: what is particular to clusters.
    ///   - eventLoopGroup: where connections live; it must outlive the client.
    ///   - logger: receives debug and trace events.
    ///   - onStateChange: called once for each change of `state.status`, in order, on any thread; must not block.
    public init(
        configuration: RedisConfiguration,
        options: RedisClusterOptions = RedisClusterOptions(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger,
        onStateChange: (@Sendable (RedisClientState) -> Void)? = nil
    ) {
        // What is read from a replica is told of by nobody: masters would keep track of keys in vain.
        let isTracked = options.readsFrom == .master
        if configuration.tracksKeys, !isTracked { Self.sayUntracked(configuration.url.masked, logger) }
        let configuration = isTracked ? configuration.withTrackingHub() : configuration
        trackingHub = configuration.trackingHub
        let watch = ClusterTrackingWatch()
        nodes = ClusterNodes(
            configuration: watch.watching(configuration),
            options: options,
            eventLoopGroup: eventLoopGroup,
            logger: logger,
            onStateChange: onStateChange
        )
        refresher = ClusterRefresher(nodes: nodes, logger: logger)
        watch.tell(refresher)
        retries = ClusterRetryGate(policy: configuration.retry)
        waiting = InFlight(configuration)
        subscriptions = SubscriptionRegistry(
            .route(ClusterSubscriptionRoute(nodes: nodes, refresher: refresher), address: configuration.url.masked)
        )
    }

    private static func sayUntracked(_ address: String, _ logger: Logger) {
        logger.warning(
            "redis_tracking_off",
            metadata: [
                "recuerde.redis.address": "\(address)",
                "recuerde.redis.reason": "replicas are read, and tell nobody on another connection what changes",
                "recuerde.redis.advice": "read from masters, or ask Redis first (remoteFirst)",
            ]
        )
    }

    deinit {
        // The way of a subscription leads on without the client.
        _ = subscriptions.shutDown()
    }

    /// The masked URL.
    public var address: String { configuration.url.masked }

    /// As configured.
    public var commandTimeout: Duration { configuration.commandTimeout }

    /// Connected while any node is; with the facts of the node that connected last.
    public var state: RedisClientState { nodes.tracker.state }

    /// The nodes, and how often commands have been sent on.
    public var clusterState: RedisClusterState {
        RedisClusterState(
            nodes: nodes.summary().sorted { "\($0.endpoint)" < "\($1.endpoint)" },
            servedSlots: nodes.servedSlots().count,
            refreshes: refresher.refreshes,
            movedRedirects: counters.moved.load(ordering: .relaxed),
            askRedirects: counters.asked.load(ordering: .relaxed),
            retries: counters.retries.load(ordering: .relaxed)
        )
    }

    /// What the client has done and has in hand, with all nodes together.
    public var figures: RedisClientFigures { nodes.recorder.figures(commandsInFlight: nodes.commandsInFlight) }

    /// Finds out the topology and connects to all masters.
    ///
    /// - Throws: `RedisError` if no seed tells the topology within `connectTimeout`, or no master can be reached.
    public func connect() async throws {
        let deadline = deadline(configuration.connectTimeout)
        try await makeReady(deadline)
        let errors = await withTaskGroup(of: (any Error)?.self) { group in
            let masters = nodes.masters()
            for node in masters {
                group.addTask {
                    do {
                        try await Self.connect(to: node, by: deadline)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: [(any Error)?]()) { $0.append($1) }
        }
        if let error = errors.first ?? nil, errors.allSatisfy({ $0 != nil }) { throw error }
    }

    /// Has one node connected before a moment: what is left of the time when the topology is known.
    private static func connect(to node: ClusterNode, by deadline: Int64) async throws {
        guard !node.client.state.isConnected else { return }
        node.client.dialNow()
        do {
            let timeout = Duration.nanoseconds(deadline - ClientShared.now())
            _ = try await node.client.send(RedisCommand("PING", key: nil), timeout: timeout)
        } catch let error as RedisError where error.code == .server {
            // Whatever it says, it has been reached.
        }
    }

    /// Refuses new commands, lets those in flight finish within `shutdownTimeout`, and closes. May be called again.
    public func shutdown() async {
        async let refresher: Void = refresher.shutDown()
        async let subscriptions: Void = subscriptions.shutDownAndWait()
        await nodes.shutDown()
        await refresher
        await subscriptions
    }

    // MARK: Commands

    /// Sends a command to the node that serves its key, and returns its reply.
    ///
    /// - Parameters:
    ///   - command: what to send.
    ///   - timeout: until when the reply must be there, redirects and repetitions included; `commandTimeout` if nil.
    /// - Throws: `RedisError`, also for an error reply; `CancellationError` if the task is cancelled.
    public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws -> RESPValue {
        if let observer = nodes.recorder.observer {
            return try await sendObserved(command, timeout: timeout, by: observer)
        }
        return try await sendUnobserved(command, timeout: timeout)
    }

    @inline(__always)
    func sendUnobserved(_ command: RedisCommand, timeout: Duration?) async throws -> RESPValue {
        let timeout = timeout ?? commandTimeout
        let deadline = deadline(timeout)
        if options.splitsMultiKeyCommands, let split = CommandSplit(command) {
            let replies = try await run(split.parts.map(\.command), byConnection: true, deadline: deadline)
            return try split.assemble(replies).get()
        }
        guard let node = route(command, retry: nil) else {
            return try await send(command, deadline: deadline, lane: nil, failure: nil)
        }
        retries.count(1)
        do {
            return try await node.client.send(command, timeout: timeout)
        } catch let error as RedisError {
            return try await send(command, deadline: deadline, lane: nil, failure: (error, node))
        }
    }

    /// Divides keys by their slots: those of one group may be touched by one command.
    public func groups(of keys: [String]) -> [[String]] {
        var positions: [UInt16: Int] = [:]
        var groups: [[String]] = []
        for key in keys {
            let slot = Array(key.utf8).withUnsafeBytes { RedisKeySlot.slot(of: $0) }
            if let position = positions[slot] {
                groups[position].append(key)
            } else {
                positions[slot] = groups.count
                groups.append([key])
            }
        }
        return groups
    }
}
