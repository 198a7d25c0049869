extension RedisClient {
    private static let asking = RedisCommand("ASKING", key: nil)

    /// Sends a command to a node that is about to take over its slot.
    ///
    /// ASKING holds for the next command of its connection only, so that both are written together. A command that may
    /// wait at the server has a connection for itself here too: over the shared one, all others would wait behind it.
    func sendAsking(_ command: RedisCommand, timeout: Duration, lane: RedisLane? = nil) async throws -> RESPValue {
        if let connections = self.lane(lane ?? (command.isBlocking ? .blocking : .key)) {
            try check(command)
            try command.checkSharing()
            return try await connections.send(command, after: Self.asking, deadline: deadline(timeout))
        }
        let replies = try await pipeline([Self.asking, command], timeout: timeout)
        guard let asking = replies.first, let reply = replies.last else { throw RedisClusterClient.unanswered }
        return try Self.reply(reply, after: asking).get()
    }

    /// The reply to a command behind ASKING. Where the user may not ask, the node sends the command back to where it came from, and
    /// the two nodes would be gone between until the deadline.
    static func reply(
        _ reply: Result<RESPValue, RedisError>,
        after asking: Result<RESPValue, RedisError>
    ) -> Result<RESPValue, RedisError> {
        guard case .failure(let refusal) = asking, refusal.serverCode == "NOPERM",
            case .failure(let error) = reply, error.serverCode == "MOVED"
        else { return reply }
        return .failure(
            RedisError(
                .server,
                serverCode: refusal.serverCode,
                phase: .reply,
                message:
                    "the slot of the key is being moved, and the user needs +asking to follow it: \(refusal.message)"
            )
        )
    }
}
