import NIOCore

/// One attempt to connect, from the name lookup to the end of the handshake.
final class Dial {
    let attempt: Int
    var phase = RedisError.Phase.connecting
    var handshake: Handshake?
    var credentials: RedisCredentials?
    /// The socket, once there is one.
    var channel: (any Channel)?
    var timer: Scheduled<Void>?
    /// Asks the provider of credentials.
    var credentialsTask: Task<Void, Never>?

    init(attempt: Int) {
        self.attempt = attempt
    }
}
