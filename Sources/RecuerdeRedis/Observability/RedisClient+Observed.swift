/// The ways of commands past an observer. Not inlined, so that those without one stay as small as they are.
extension RedisClient {
    @inline(never)
    func sendObserved(
        _ command: RedisCommand,
        timeout: Duration?,
        lane: RedisLane? = nil,
        by observer: some RedisClientObserver
    ) async throws -> RESPValue {
        let url = configuration.url
        return try await ObservedOperation.send(
            RedisOperation(command, database: url.database),
            observer: observer,
            server: { RedisServerAddress(url) }
        ) {
            guard let lane else { return try await sendUnobserved(command, timeout: timeout) }
            return try await sendUnobserved(command, timeout: timeout, lane: lane)
        }
    }

    @inline(never)
    func pipelineObserved(
        _ commands: [RedisCommand],
        timeout: Duration?,
        by observer: some RedisClientObserver
    ) async throws -> [Result<RESPValue, RedisError>] {
        let url = configuration.url
        return try await ObservedOperation.pipeline(
            RedisOperation(commands, database: url.database),
            observer: observer,
            server: { RedisServerAddress(url) }
        ) {
            try await pipelineUnobserved(commands, timeout: timeout)
        }
    }
}
