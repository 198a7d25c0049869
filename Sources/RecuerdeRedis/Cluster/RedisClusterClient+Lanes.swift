/// Lanes and subscriptions of a cluster.
extension RedisClusterClient {
    /// Sends a command to the node that serves its key, over a kind of connection that the caller chooses.
    ///
    /// Lanes belong to nodes, and so do their limits: `maximumBlockingConnections` commands may block at each of them. Redirects
    /// are followed within the lane; a command that blocks at a node which loses its slot is sent on by it. What has keys of
    /// several slots is divided as by `send(_:timeout:)`, each part going over the lane of its node. The phase of an error says
    /// where the deadline was lost: `waiting` for a topology, `connecting` to a node, `queued` there, or `reply`.
    ///
    /// Repeated as by `send(_:timeout:)`, but for blocking commands: of those only what the server refused before it began.
    ///
    /// - Parameters:
    ///   - command: what to send.
    ///   - timeout: until when the reply must be there, redirects and repetitions included; `commandTimeout` if nil. For a
    ///     blocking command it must be longer than the time that the command itself may wait.
    ///   - lane: the kind of connection.
    /// - Throws: `RedisError`, also for an error reply, and with the code `overloaded` if no blocking connection of the node is
    ///   free; `CancellationError` if the task is cancelled.
    public func send(_ command: RedisCommand, timeout: Duration? = nil, lane: RedisLane) async throws -> RESPValue {
        if let observer = nodes.recorder.observer {
            return try await sendObserved(command, timeout: timeout, lane: lane, by: observer)
        }
        return try await sendUnobserved(command, timeout: timeout, lane: lane)
    }

    func sendUnobserved(_ command: RedisCommand, timeout: Duration?, lane: RedisLane) async throws -> RESPValue {
        let deadline = deadline(timeout)
        if options.splitsMultiKeyCommands, let split = CommandSplit(command) {
            return try split.assemble(
                try await split.together { part in try await self.sendWhole(part, deadline: deadline, lane: lane) }
            ).get()
        }
        return try await sendWhole(command, deadline: deadline, lane: lane)
    }

    private func sendWhole(_ command: RedisCommand, deadline: Int64, lane: RedisLane) async throws -> RESPValue {
        guard let node = route(command, retry: nil) else {
            return try await send(command, deadline: deadline, lane: lane, failure: nil)
        }
        retries.count(1)
        do {
            let timeout = Duration.nanoseconds(deadline &- ClientShared.now())
            return try await node.client.send(command, timeout: timeout, lane: lane)
        } catch let error as RedisError {
            return try await send(command, deadline: deadline, lane: lane, failure: (error, node))
        }
    }

    /// A subscription at one of the nodes, and at another one when that is lost.
    ///
    /// Each node hears every message that is published anywhere in the cluster, but for sharded channels (SPUBLISH).
    public func subscription(to channels: [String], patterns: [String], buffer: Int) -> RedisSubscription {
        RedisSubscription(registry: subscriptions, channels: channels, patterns: patterns, capacity: buffer)
    }
}

/// Leads a subscription to the masters in turn.
struct ClusterSubscriptionRoute: SubscriptionRoute {
    let nodes: ClusterNodes
    let refresher: ClusterRefresher

    var configuration: RedisConfiguration { nodes.configuration }

    func place(after failures: Int) async throws -> SubscriptionRegistry {
        // Whoever could not be reached may have been replaced.
        if failures > 0 { refresher.want() }
        let end = ClientShared.now() + max(1, configuration.connectTimeout.clampedNanoseconds)
        while true {
            let seen = refresher.gate.generation
            if nodes.isShutDown { throw RedisError.shutDown(configuration.url.address, phase: .waiting) }
            if let node = nodes.anyMaster() { return node.client.subscriptions }
            refresher.want()
            await refresher.gate.wait(after: seen, until: end, on: nodes.eventLoop)
            try Task.checkCancellation()
            if nodes.isReady || nodes.isShutDown { continue }
            if let error = refresher.lastError { throw error }
            guard ClientShared.now() < end else {
                throw RedisError(
                    .connectFailed,
                    phase: .waiting,
                    message: "the topology of \(configuration.url.address) is not known"
                )
            }
        }
    }

    func pause(until moment: Int64) async {
        let seen = refresher.gate.generation
        await refresher.gate.wait(after: seen, until: moment, on: nodes.eventLoop)
    }
}
