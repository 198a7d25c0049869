/// What happens in a cache from the moment on at which it was asked for, in order as far as one task has caused it; see
/// ``Cache/events(bufferSize:)``.
///
/// For one reader: two of them divide the events among themselves. Nobody is told any more once this and its iterators are let go of.
public struct CacheEvents: AsyncSequence, Sendable {
    public typealias Element = CacheEvent
    public typealias Failure = Never

    let subscription: EventSubscription

    init(_ subscription: EventSubscription) {
        self.subscription = subscription
    }

    /// How many events were dropped so far since the buffer was full, whether the reader has been told of them yet or not.
    public var dropped: Int { subscription.buffer.dropped }

    /// Goes on with the first event that nobody has read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(subscription: subscription)
    }

    /// Waits for one event after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let subscription: EventSubscription

        /// The next event; nil once the cache is closed or gone and all were read, and where the task is cancelled.
        public mutating func next() async -> CacheEvent? {
            await subscription.buffer.next()
        }

        /// The same, for whoever is isolated.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> CacheEvent? {
            await subscription.buffer.next()
        }
    }
}

/// Ends a subscription with its last reference.
final class EventSubscription: Sendable {
    let buffer: EventBuffer
    private let hub: EventHub

    init(_ buffer: EventBuffer, hub: EventHub) {
        self.buffer = buffer
        self.hub = hub
    }

    deinit {
        hub.leave(buffer)
    }
}
