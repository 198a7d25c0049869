/// Something more that is said on each new connection after HELLO, AUTH and SELECT: being let read from a replica, being
/// tracked, proving the role.
struct HandshakeStep: Sendable {
    let command: RedisCommand
    /// Looks at the reply; an error means that the connection must not be used. Nil: the reply is of no interest.
    let check: (@Sendable (RESPValue) -> RedisError?)?
    /// True if it is of no use in RESP2, and left out there.
    let needsPushes: Bool

    init(
        _ command: RedisCommand,
        needsPushes: Bool = false,
        check: (@Sendable (RESPValue) -> RedisError?)? = nil
    ) {
        self.command = command
        self.needsPushes = needsPushes
        self.check = check
    }
}
