/// The ways of commands past an observer: one operation, however many masters it takes.
extension RedisSentinelClient {
    @inline(never)
    func sendObserved(
        _ command: RedisCommand,
        timeout: Duration?,
        by observer: some RedisClientObserver
    ) async throws -> RESPValue {
        try await ObservedOperation.send(
            RedisOperation(command, database: configuration.url.database),
            observer: observer,
            server: { master.map { RedisServerAddress($0) } }
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
            server: { master.map { RedisServerAddress($0) } }
        ) {
            try await pipelineUnobserved(commands, timeout: timeout)
        }
    }
}
