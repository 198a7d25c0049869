/// When a pipeline as a whole may be sent again.
enum PipelineRetry {
    /// The failure for whose sake the whole pipeline is worth another attempt; nil if there is none, or if some command of
    /// it must not be executed a second time.
    ///
    /// It is all or nothing, since commands that are repeated alone would come out of order.
    static func failure(
        in results: [Result<RESPValue, RedisError>],
        of commands: [RedisCommand],
        rediscovers: Bool
    ) -> RedisError? {
        var found: RedisError?
        for case .failure(let error) in results {
            guard repetition(error, rediscovers) != .never else { continue }
            found = error
            break
        }
        guard let found, results.count == commands.count else { return nil }
        for (result, command) in zip(results, commands) where !command.isRepeatable {
            guard case .failure(let error) = result else { return nil }
            let own = repetition(error, rediscovers)
            guard own == .refused || own == .unsent else { return nil }
        }
        return found
    }

    private static func repetition(_ error: RedisError, _ rediscovers: Bool) -> RetryStateMachine.Repetition {
        RetryStateMachine.repetition(
            after: error,
            of: .init(isRepeatable: true, rediscovers: rediscovers, deadline: .max)
        )
    }
}
