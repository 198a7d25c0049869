/// Messages of channels, as they come.
///
/// Each iteration is a subscription of its own over a connection of its own, which is opened by the first call of
/// `next()` and closed when the iterator is let go of, its task is cancelled, or the client is shut down; the sequence
/// ends then. After a lost connection it subscribes again by itself, for as long as it takes: `interrupted` and
/// `resubscribed` frame the time of which messages are lost.
///
/// A consumer that lags is not overrun: when `buffer` events wait, nothing more is read from the connection until half
/// of them are taken; one read, of at most some tens of kilobytes, may go beyond. The server keeps the rest, up to its
/// `client-output-buffer-limit pubsub`, and closes the connection past it; that is an `interrupted` like any other, and
/// the channels are subscribed to again only when the consumer has caught up.
///
/// A client of a cluster subscribes at any of its nodes, each of which hears every message (but those of sharded channels), and
/// goes on to another one when it loses the first. A client behind sentinels subscribes at the master, and again at the next
/// one after a failover. The time in between lies between `interrupted` and `resubscribed`, as after any loss.
///
/// Throws `RedisError` when the server refuses a channel, or, at the first attempt, the credentials or the certificate.
public struct RedisSubscription: AsyncSequence, Sendable {
    /// What comes out.
    public typealias Element = RedisSubscriptionEvent

    private enum Source: Sendable {
        case client(SubscriptionRegistry, channels: [String], patterns: [String], capacity: Int)
        case none(RedisError)
    }

    private let source: Source

    init(registry: SubscriptionRegistry, channels: [String], patterns: [String], capacity: Int) {
        source = .client(registry, channels: channels, patterns: patterns, capacity: capacity)
    }

    private init(_ source: Source) {
        self.source = source
    }

    /// A subscription that throws at its first `next()`: for executors that have none to offer.
    public static func failing(with error: RedisError) -> RedisSubscription {
        RedisSubscription(.none(error))
    }

    /// Begins a subscription with the first call of its `next()`.
    public func makeAsyncIterator() -> Iterator {
        switch source {
        case .client(let registry, let channels, let patterns, let capacity):
            let connection = SubscriptionConnection(
                channels: channels,
                patterns: patterns,
                capacity: capacity,
                registry: registry
            )
            return Iterator(handle: Handle(connection), failure: nil)
        case .none(let error):
            return Iterator(handle: Handle(nil), failure: error)
        }
    }

    /// Ends the subscription when nobody iterates any more.
    final class Handle: Sendable {
        let connection: SubscriptionConnection?

        init(_ connection: SubscriptionConnection?) {
            self.connection = connection
        }

        deinit { connection?.end() }
    }

    /// One subscription. Only one task may wait for its `next()` at a time; a second one gets nil.
    public struct Iterator: AsyncIteratorProtocol {
        let handle: Handle
        var failure: RedisError?

        /// The next event; nil at the end.
        public mutating func next() async throws -> RedisSubscriptionEvent? {
            if let error = failure.take() { throw error }
            return try await handle.connection?.next()
        }
    }
}

extension RedisExecutor {
    /// Messages of channels and of all channels whose names match patterns.
    ///
    /// Channels belong to the whole server, whatever the database. A message that comes by a channel and by a pattern
    /// comes twice.
    ///
    /// - Parameters:
    ///   - channels: names of channels.
    ///   - patterns: as in PSUBSCRIBE.
    ///   - buffer: how many events may wait for the consumer before reading pauses.
    public func subscribe(
        to channels: [String] = [],
        patterns: [String] = [],
        buffer: Int = 256
    ) -> RedisSubscription {
        subscription(to: channels, patterns: patterns, buffer: buffer)
    }
}

extension RedisClient {
    /// A subscription at the one server.
    public func subscription(to channels: [String], patterns: [String], buffer: Int) -> RedisSubscription {
        RedisSubscription(registry: subscriptions, channels: channels, patterns: patterns, capacity: buffer)
    }
}
