/// Hears what happens to the connections of one place, one after the other, on their event loop.
///
/// Tracking and subscriptions are built on it; places that have neither have no observer and pay nothing.
protocol ConnectionObserver: AnyObject, Sendable {
    /// What is to be said at the end of the handshake of a new connection.
    func handshakeSteps() -> [HandshakeStep]

    /// A connection is usable. Nothing has been sent over it but the handshake.
    func opened(_ handler: RedisChannelHandler, facts: RedisServerFacts)

    /// The end of this place has begun: commands in flight are still answered, and no others follow.
    func willClose()

    /// The connection that was opened last is no longer used. Replies that it still brought have been handed out.
    func closed()

    /// A RESP3 push of the connection that was opened last.
    func received(push elements: [RESPValue], from handler: RedisChannelHandler)

    /// A reply that no command in the queue waits for. False if it means nothing here either: the peer breaks the rules.
    func received(reply: RESPValue, from handler: RedisChannelHandler) -> Bool

    /// How often the connection that was opened last is to be asked, in nanoseconds, however busy it is; nil: only when it
    /// has been silent.
    var probePace: Int64? { get }

    /// What to ask the connection that was opened last, in one write; empty: only PING, and nobody wants its reply.
    func probe() -> [RedisCommand]

    /// The replies to the last `probe()`; those of a connection that has ended do not come here.
    ///
    /// - Parameter sentBefore: how long ago it was asked, in nanoseconds.
    /// - Returns: why the connection must not be used any longer; nil if it may.
    func answered(_ replies: [Result<RESPValue, RedisError>], sentBefore: Int64) -> RedisError?

    /// True if no command ever goes through the queue, so that a PING must not either.
    var ownsReplies: Bool { get }

    /// True while nothing is read, so that silence proves nothing.
    var isPaused: Bool { get }
}

extension ConnectionObserver {
    func handshakeSteps() -> [HandshakeStep] { [] }

    func willClose() {}

    func received(reply: RESPValue, from handler: RedisChannelHandler) -> Bool { false }

    var probePace: Int64? { nil }

    func probe() -> [RedisCommand] { [] }

    func answered(_ replies: [Result<RESPValue, RedisError>], sentBefore: Int64) -> RedisError? { nil }

    var ownsReplies: Bool { false }

    var isPaused: Bool { false }
}
