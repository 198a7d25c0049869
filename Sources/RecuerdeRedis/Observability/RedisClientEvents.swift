/// That something is sent again.
public struct RedisRepetition: Sendable, Equatable {
    /// Why. More may be added, so a `switch` over them needs a default.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        private enum Name: String, Sendable { case retry, moved, ask }

        private let name: Name

        /// After a failure that lets it be repeated; see ``RedisConfiguration/retry``.
        public static let retry = Kind(name: .retry)
        /// The slot has moved to another node (MOVED).
        public static let moved = Kind(name: .moved)
        /// The slot is on its way to another node, which has the key already (ASK).
        public static let ask = Kind(name: .ask)

        /// The name of the kind: a label for metrics.
        public var description: String { name.rawValue }
    }

    /// Why.
    public let kind: Kind
    /// What the attempt before came to.
    public let error: RedisError
}

/// That a connection has begun or ended to be used.
public struct RedisConnectionChange: Sendable, Equatable {
    /// True at the beginning, false at the end.
    public let isOpen: Bool
    /// The server.
    public let server: RedisServerAddress
    /// At the beginning: the connection takes the place of one that has ended before, for whatever reason.
    public let isReconnect: Bool
    /// At the end: why; nil if a younger connection has taken its place (``RedisConfiguration/maximumAge``).
    public let error: RedisError?
}

/// What a client has done since it was made, and what it has in hand. Counted whether anybody listens or not.
///
/// The counters of clusters and sentinels are those of the connections to nodes and masters; connections to the sentinels
/// themselves do not count.
public struct RedisClientFigures: Sendable, Hashable {
    /// Connections that are usable now, those of lanes and subscriptions included.
    public var openConnections: Int
    /// Connections that have become usable so far.
    public var connectionsOpened: Int
    /// How many of them took the place of one that had ended before.
    public var reconnects: Int
    /// Commands queued or written whose place is taken now.
    public var commandsInFlight: Int
    /// Repetitions after failures so far.
    public var retries: Int
    /// MOVED and ASK that have been followed so far.
    public var redirects: Int
}
