extension RedisClient {
    private static let asking = RedisCommand("ASKING", key: nil)

    /// Sends a command to a node that is about to take over its slot.
    ///
    /// ASKING holds for the next command of its connection only, so that both are written together. A command that may
    /// wait at the server has a connection for itself here too: over the shared one, all others would wait behind it.
    func sendAsking(_ command: RedisCommand, timeout: Duration) async throws -> RESPValue {
        if command.isBlocking, let blocking = lane(.blocking) {
            try check(command)
            return try await blocking.send(command, after: Self.asking, deadline: deadline(timeout))
        }
        let replies = try await pipeline([Self.asking, command], timeout: timeout)
        guard let reply = replies.last else { throw RedisClusterClient.unanswered }
        return try reply.get()
    }
}
