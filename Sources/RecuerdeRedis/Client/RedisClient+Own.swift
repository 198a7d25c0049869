extension RedisClient {
    /// Sends a command of the client's own: about the role of a server, or the topology.
    ///
    /// It is taken whatever the caps, because it is those who wait within them that it gets on. There is one such command
    /// at a time; it is not repeated.
    ///
    /// - Throws: as `send(_:timeout:)`.
    func sendOwn(_ command: RedisCommand, timeout: Duration) async throws -> RESPValue {
        let pending = try ownReply(command.name, deadline: deadline(timeout))
        let value = try await reply(to: command, for: pending)
        if case .error(let error) = value { throw RedisError(reply: error) }
        return value
    }
}
