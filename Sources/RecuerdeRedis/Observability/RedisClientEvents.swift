/// That something is sent again.
public struct RedisRepetition: Sendable, Equatable {
    /// Why. More may be added, so a `switch` over them needs a default.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        private enum Name: String, Sendable, CaseIterable { case retry, moved, ask }

        private let name: Name

        /// After a failure that lets it be repeated; see ``RedisConfiguration/retry``.
        public static let retry = Kind(name: .retry)
        /// The slot has moved to another node (MOVED).
        public static let moved = Kind(name: .moved)
        /// The slot is on its way to another node, which has the key already (ASK).
        public static let ask = Kind(name: .ask)

        /// All of them, for metrics that are made before anything has been repeated.
        package static var all: [Kind] { Name.allCases.map { Kind(name: $0) } }

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
    /// At the end: why; nil if the client has ended it by itself: because it is shut down, nobody uses a lane any more, or a
    /// younger connection has taken its place (``RedisConfiguration/maximumAge``).
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

    /// Makes figures, for executors of one's own; those of this library count by themselves.
    public init(
        openConnections: Int = 0,
        connectionsOpened: Int = 0,
        reconnects: Int = 0,
        commandsInFlight: Int = 0,
        retries: Int = 0,
        redirects: Int = 0
    ) {
        self.openConnections = openConnections
        self.connectionsOpened = connectionsOpened
        self.reconnects = reconnects
        self.commandsInFlight = commandsInFlight
        self.retries = retries
        self.redirects = redirects
    }
}
