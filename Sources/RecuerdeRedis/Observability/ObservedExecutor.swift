/// An executor that tells an observer of what it is asked to do: one operation for each call, however many connections,
/// nodes and masters it takes. Only used where there is an observer.
protocol ObservedExecutor: RedisExecutor {
    var configuration: RedisConfiguration { get }

    /// The server that was asked last, as far as is known after the call.
    ///
    /// - Parameter command: nil for a pipeline.
    func server(asked command: RedisCommand?) -> RedisServerAddress?

    func sendUnobserved(_ command: RedisCommand, timeout: Duration?) async throws -> RESPValue

    func sendUnobserved(_ command: RedisCommand, timeout: Duration?, lane: RedisLane) async throws -> RESPValue

    func pipelineUnobserved(
        _ commands: [RedisCommand],
        timeout: Duration?
    ) async throws -> [Result<RESPValue, RedisError>]
}

// Not inlined, so that the ways of commands without an observer stay as small as they are.
extension ObservedExecutor {
    @inline(never)
    func sendObserved(
        _ command: RedisCommand,
        timeout: Duration?,
        by observer: some RedisClientObserver
    ) async throws -> RESPValue {
        try await ObservedOperation.send(
            RedisOperation(command, database: configuration.url.database),
            observer: observer,
            server: { server(asked: command) }
        ) {
            try await sendUnobserved(command, timeout: timeout)
        }
    }

    @inline(never)
    func sendObserved(
        _ command: RedisCommand,
        timeout: Duration?,
        lane: RedisLane,
        by observer: some RedisClientObserver
    ) async throws -> RESPValue {
        try await ObservedOperation.send(
            RedisOperation(command, database: configuration.url.database),
            observer: observer,
            server: { server(asked: command) }
        ) {
            try await sendUnobserved(command, timeout: timeout, lane: lane)
        }
    }

    @inline(never)
    func pipelineObserved(
        _ commands: [RedisCommand],
        timeout: Duration?,
        by observer: some RedisClientObserver
    ) async throws -> [Result<RESPValue, RedisError>] {
        try await ObservedOperation.pipeline(
            RedisOperation(commands, database: configuration.url.database),
            observer: observer,
            server: { server(asked: commands.count == 1 ? commands.first : nil) }
        ) {
            try await pipelineUnobserved(commands, timeout: timeout)
        }
    }
}

extension RedisClient: ObservedExecutor {
    func server(asked command: RedisCommand?) -> RedisServerAddress? { RedisServerAddress(configuration.url) }
}

extension RedisSentinelClient: ObservedExecutor {
    func server(asked command: RedisCommand?) -> RedisServerAddress? { master.map { RedisServerAddress($0) } }
}

extension RedisClusterClient: ObservedExecutor {
    /// The server that answered, as far as the table tells: a redirect has changed the table.
    func server(asked command: RedisCommand?) -> RedisServerAddress? {
        guard let command, let slot = command.slot else { return nil }
        let isSplit = options.splitsMultiKeyCommands && ClusterCommandTraits.split(command.name) != nil
        // Which of several replicas was asked is not kept.
        guard !isSplit, options.readsFrom == .master else { return nil }
        return nodes.route(slot, reads: false).map { RedisServerAddress($0.endpoint) }
    }

    /// A page of a scan is one operation, whatever it takes to get it.
    @inline(never)
    func scanObserved(
        _ command: RedisCommand,
        by observer: some RedisClientObserver,
        _ body: () async throws -> RedisScanPage
    ) async throws -> RedisScanPage {
        try await ObservedOperation.run(
            RedisOperation(command, database: configuration.url.database),
            observer: observer,
            server: { nil },
            outcome: { page in (page.names.reduce(0) { $0 &+ $1.utf8.count }, nil) },
            body
        )
    }
}
