/// How the service listens and what it lets a client do.
///
/// Every default suits a service on the loopback interface that nobody has configured.
public struct ServerConfiguration: Sendable {
    /// The host name or address to listen on.
    public var host = "127.0.0.1"

    /// The TCP port to listen on; 0 lets the system choose one.
    public var port = 8000

    /// The bearer token of the administrative routes; `nil` closes them with status 403.
    public var adminToken: String?

    /// The largest request body that is read, in bytes; more is answered with status 413.
    public var requestBodyLimit = 256 * 1024

    /// How long the body of a request may take to come in, and from then on its answer, before it is answered with status
    /// 408 or 503.
    public var requestTimeout: Duration = .seconds(30)

    /// How many requests for AI answers one client may make in a minute; 0 sets no limit.
    ///
    /// A batch counts as many requests as it has items. One of more items than that is admitted where the whole allowance is
    /// there; what goes beyond it is owed, and nothing is admitted until that is paid off.
    public var rateLimitPerClient = 120

    /// The most keys that one page of the key listing holds.
    public var maximumKeysPerPage = 1_000

    /// Whether the last address in `X-Forwarded-For` names the client.
    ///
    /// Only for a service that nothing but a trusted proxy can reach: anyone else may write what they like there.
    public var trustsForwardedFor = false

    /// The most connections at once; more wait in the system's queue until one ends.
    public var maximumConnections = 4_096

    /// How long a connection may stay open without a request in progress.
    public var idleTimeout: Duration = .seconds(75)

    /// How long a client may go on sending the body of a request that has been answered already, as one that is refused.
    ///
    /// Not more than ``requestBodyLimit`` bytes of it are read either; then the connection is closed.
    public var unreadBodyTimeout: Duration = .seconds(5)

    /// Wrong administrative tokens that one client may try in a minute.
    public var adminAttemptsPerClient = 5

    /// Wrong administrative tokens that all clients together may try in a minute.
    public var adminAttemptsInAll = 60

    /// Makes a configuration with the documented defaults.
    public init() {}
}
