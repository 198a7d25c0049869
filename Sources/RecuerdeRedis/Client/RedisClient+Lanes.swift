extension RedisClient {
    /// Sends a command over a kind of connection that the caller chooses, and returns its reply.
    ///
    /// `send(_:timeout:)` chooses by itself: blocking commands go over blocking connections, and commands above
    /// `bulkThreshold` over bulk connections, unless they have a key and tracking is on, which binds keys to their
    /// connections.
    ///
    /// Repeated as by `send(_:timeout:)` (see ``RedisRetryPolicy``), but for blocking commands: of those only what the server
    /// refused before it began.
    ///
    /// - Parameters:
    ///   - command: what to send.
    ///   - timeout: until when the reply must be there; `commandTimeout` if nil. For a blocking command it must be
    ///     longer than the time that the command itself may wait.
    ///   - lane: the kind of connection. A command with keys of several connections is sent whole: it is the caller who chooses.
    /// - Throws: `RedisError`, also for an error reply, and with the code `overloaded` if no blocking connection is
    ///   free; `CancellationError` if the task is cancelled.
    public func send(_ command: RedisCommand, timeout: Duration? = nil, lane: RedisLane) async throws -> RESPValue {
        if let observer { return try await sendObserved(command, timeout: timeout, lane: lane, by: observer) }
        return try await sendUnobserved(command, timeout: timeout, lane: lane)
    }

    func sendUnobserved(_ command: RedisCommand, timeout: Duration?, lane: RedisLane) async throws -> RESPValue {
        guard lane != .key, let connections = self.lane(lane) else {
            return try await sendByKey(command, timeout: timeout)
        }
        return try await sendRepeatedly(command, timeout: timeout, over: connections)
    }
}
