/// The ways of commands past an observer: one operation, however many nodes it takes.
extension RedisClusterClient {
    @inline(never)
    func sendObserved(
        _ command: RedisCommand,
        timeout: Duration?,
        by observer: some RedisClientObserver
    ) async throws -> RESPValue {
        try await ObservedOperation.send(
            RedisOperation(command, database: configuration.url.database),
            observer: observer,
            server: { server(of: command) }
        ) {
            try await sendUnobserved(command, timeout: timeout)
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
            server: { nil }
        ) {
            try await pipelineUnobserved(commands, timeout: timeout)
        }
    }

    /// The server that answered, as far as the table tells: a redirect has changed the table.
    private func server(of command: RedisCommand) -> RedisServerAddress? {
        let isSplit = options.splitsMultiKeyCommands && ClusterCommandTraits.split(command.name) != nil
        // Which of several replicas was asked is not kept.
        guard let slot = command.slot, !isSplit, options.readsFrom == .master else { return nil }
        return nodes.route(slot, reads: false).map { RedisServerAddress($0.endpoint) }
    }
}
