/// Lanes and subscriptions of whichever server is the master.
extension RedisSentinelClient {
    /// Sends a command to the master, over a kind of connection that the caller chooses, and returns its reply.
    ///
    /// Lanes and their limits belong to the connections of the present master; those of a former one are closed within
    /// `shutdownTimeout`. A command that blocks there fails then, or when the sentinels close all connections of that server, with
    /// the code `connectionLost`, and may have been executed; only if the server has said that it took nothing (`UNBLOCKED`),
    /// which sentinels leave it no time for, is the command repeated on the new master. The phase of an
    /// error says where the deadline was lost: `connecting` while there is no master, `queued`, or `reply`.
    ///
    /// - Parameters:
    ///   - command: what to send.
    ///   - timeout: until when the reply must be there, search and repetitions included; `commandTimeout` if nil. For a blocking
    ///     command it must be longer than the time that the command itself may wait.
    ///   - lane: the kind of connection.
    /// - Throws: `RedisError`, also for an error reply, and with the code `overloaded` if no blocking connection is free;
    ///   `CancellationError` if the task is cancelled.
    public func send(_ command: RedisCommand, timeout: Duration? = nil, lane: RedisLane) async throws -> RESPValue {
        if let observer = core.recorder.observer {
            return try await sendObserved(command, timeout: timeout, lane: lane, by: observer)
        }
        return try await sendUnobserved(command, timeout: timeout, lane: lane)
    }

    func sendUnobserved(_ command: RedisCommand, timeout: Duration?, lane: RedisLane) async throws -> RESPValue {
        try await onMaster(
            isRepeatable: command.isRepeatable && !command.isBlocking && lane != .blocking,
            call: CallSize(command),
            deadline: Self.deadline(timeout ?? commandTimeout)
        ) { server, left in
            core.count(1)
            return .answer(try await server.client.send(command, timeout: left, lane: lane))
        }
    }

    /// A subscription at the master, and at the next one after a failover.
    public func subscription(to channels: [String], patterns: [String], buffer: Int) -> RedisSubscription {
        RedisSubscription(registry: subscriptions, channels: channels, patterns: patterns, capacity: buffer)
    }
}

/// Leads a subscription to the present master. That the master has changed is noticed by the end of the former one's client.
struct SentinelSubscriptionRoute: SubscriptionRoute {
    let core: SentinelCore

    var configuration: RedisConfiguration { core.configuration }

    func place(after failures: Int) async throws -> SubscriptionRegistry {
        let limit = max(1, configuration.connectTimeout.clampedNanoseconds)
        return try await core.master(by: ClientShared.now() + limit, for: CallSize(name: "SUBSCRIBE")).client
            .subscriptions
    }

    func pause(until moment: Int64) async {
        await core.changes.wait(after: core.changes.number, until: moment)
    }
}
