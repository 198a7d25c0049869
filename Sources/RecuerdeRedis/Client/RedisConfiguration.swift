import NIOCore
import NIOPosix

/// What a `RedisClient` needs to know.
public struct RedisConfiguration: Sendable {
    /// The server.
    public var url: RedisURL

    /// Most connections to the server for usual commands, which use one per event loop. Those of the lanes
    /// (`maximumBulkConnections`, `maximumBlockingConnections`) and of subscriptions come on top.
    public var maximumConnections = 10

    /// The time for name lookup, TCP, TLS and handshake together.
    public var connectTimeout: Duration = .seconds(2)

    /// The deadline of a command that names none.
    public var commandTimeout: Duration = .milliseconds(250)

    /// Most commands in hand at once over the usual connections, and once more over those of the lanes: queued, written, or
    /// waiting for another attempt. Past it a command fails with `overloaded`. In a cluster it holds for each node, and
    /// once more for the commands that wait for a node to send to.
    public var maximumCommandsInFlight = 16_384

    /// Most bytes of commands in hand at once over all connections of the client; past it a command fails with
    /// `overloaded`, unless it is the only one. Commands of up to 4096 bytes are not counted: their number bounds them; each of
    /// the others is counted for 4096 bytes more than it has, for the memory around it. In a cluster as with the number.
    public var maximumBytesInFlight = 256 * 1024 * 1024

    /// The largest reply that is read, in bytes; each element of a list counts its place in memory too. Larger
    /// ones are a protocol violation. More than just under 2 GiB is taken as that.
    public var maximumReplyBytes = 512 * 1024 * 1024

    /// The deepest nesting of a reply.
    public var maximumReplyDepth = 32

    /// A connection is replaced when three commands in a row have missed their deadlines and the server has
    /// not sent a byte for this long although it owes replies.
    public var silenceLimit: Duration = .seconds(2)

    /// A connection that has brought nothing for this long is asked for a sign of life (PING), and replaced if none comes
    /// within four times `commandTimeout` (at least 100 ms, at most 10 s). Nil: never asked.
    public var keepAlive: Duration? = .seconds(30)

    /// A connection for small commands is replaced before it is this old, at a moment drawn from the last fifth of the time. The next one is
    /// opened first, and takes over when all replies are in, so that no command fails by it. Nil: never.
    public var maximumAge: Duration?

    /// Asks the server not to close this client's connections when `maxmemory-clients` is reached (CLIENT NO-EVICT ON,
    /// from Redis 7.0 on). A server that refuses is used all the same.
    public var protectsFromEviction = true

    /// Commands whose encoded size is above this, in bytes, go over bulk connections, so that small ones do not wait
    /// behind them; see ``RedisLane``. `Int.max`: none does by itself.
    public var bulkThreshold = 256 * 1024

    /// Most connections for bulk commands, opened when they are needed; zero: bulk commands go with all others.
    public var maximumBulkConnections = 2

    /// Most connections for blocking commands, one for each command that blocks; past it, such a command fails with
    /// `overloaded`.
    public var maximumBlockingConnections = 8

    /// How long `shutdown()` lets commands in flight finish.
    public var shutdownTimeout: Duration = .seconds(2)

    /// The name shown in the server's CLIENT LIST. No spaces or line ends.
    public var clientName: String?

    /// Trust and identity for `rediss://` URLs.
    public var tls = RedisTLSConfiguration()

    /// Asked at each connect, so that rotated passwords are used; takes the place of the URL's credentials.
    public var credentials: (@Sendable () async throws -> RedisCredentials)?

    /// Of a client behind sentinels: asked at each connect to a sentinel, so that rotated passwords are used; takes the place
    /// of the credentials for the sentinels in the URL (`sentinelUsername`, `sentinelPassword`).
    public var sentinelCredentials: (@Sendable () async throws -> RedisCredentials)?

    /// The waits between attempts to connect.
    public var backoff = RedisBackoff()

    /// Whether and how failed commands are repeated.
    public var retry = RedisRetryPolicy()

    /// A number in 0..<1, for jitter. Tests replace it.
    public var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// Receives every RESP3 push message, on the connection's event loop; must not block.
    public var onPush: (@Sendable ([RESPValue]) -> Void)?

    /// Hears of operations and connections, for spans and metrics; nil: nobody does, and nothing is spent on it.
    public var observer: (any RedisClientObserver)?

    /// Whether the server is asked to tell of changes of the keys that are read over the usual connections (client tracking), so that a cache
    /// on the client may serve from memory. Costs the server a note for each key that was read, and a PING a second for each connection.
    public var tracksKeys = false

    /// Whom tracked connections tell, if `tracksKeys` is true; made with the client.
    var trackingHub: RedisTrackingHub?

    /// The same with someone whom tracked connections tell, where that is wanted.
    func withTrackingHub() -> RedisConfiguration {
        guard tracksKeys, tracking == nil else { return self }
        var configuration = self
        let hub = RedisTrackingHub()
        configuration.trackingHub = hub
        configuration.tracking = hub.configuration
        return configuration
    }

    /// Asks the server to tell which keys have changed, on the usual connections; nil: not asked for.
    package var tracking: RedisTrackingConfiguration?

    /// How long a PING may take before the connection counts as dead, in nanoseconds.
    var pingTimeout: Int64 {
        min(max(4 * min(commandTimeout.clampedNanoseconds, 10_000_000_000), 100_000_000), 10_000_000_000)
    }

    /// That of the client to which this one belongs, and which itself tells the observer of operations.
    var recorder: ClientRecorder?

    /// What the log says once, shared with the client to which this one belongs.
    var notices: ClientNotices?

    /// The caps, shared with the client to which this one belongs.
    var inFlight: InFlight?

    /// Looks up the names of hosts for one attempt to connect; nil: the system does. Tests replace it.
    var resolver: (@Sendable (any EventLoop) -> any Resolver & Sendable)?

    /// Said on each new connection after the usual handshake.
    var handshakeSteps: [HandshakeStep] = []

    /// True if commands fail at once while there is no connection and no attempt under way, for a client that has other
    /// servers to turn to. If false they wait for the next attempt that their deadlines allow.
    var failsWhileDisconnected = false

    /// False if commands with many keys have been divided by whoever asks this client.
    var dividesCommands = true

    /// Makes the default configuration for a server.
    public init(url: RedisURL) {
        self.url = url
    }
}
