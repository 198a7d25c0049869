extension RedisClient {
    /// Sends a command of the client's own: about the role of a server, or the topology.
    ///
    /// It is taken whatever the caps, because it is those who wait within them that it gets on. There is one such command
    /// at a time; it is not repeated.
    ///
    /// - Throws: as `send(_:timeout:)`.
    func sendOwn(_ command: RedisCommand, timeout: Duration) async throws -> RESPValue {
        let pending = try ownReply(command.name, deadline: deadline(timeout))
        let value = try await withTaskCancellationHandler {
            // Unchecked, because `PendingReply` decides under a lock who resumes it; see there.
            try await withUnsafeThrowingContinuation { (continuation: PendingReply.Single) in
                guard pending.attach(continuation) else {
                    shared.freePlaces(1)
                    continuation.resume(throwing: CancellationError())
                    return
                }
                slot(for: command.slot).submit(.init(caller: pending, first: command.encoded))
            }
        } onCancel: {
            pending.cancel()
        }
        if case .error(let error) = value { throw RedisError(reply: error) }
        return value
    }
}
