public import Logging
public import NIOCore
public import NIOPosix

/// Whatever can carry out commands: a client of one server, of a cluster, or of the master that sentinels name.
///
/// The remote tier of the cache speaks to this and does not know which it is. Scripts and the small commands that everyone
/// needs come with it.
public protocol RedisExecutor: Sendable {
    /// Where it leads, without credentials.
    var address: String { get }

    /// The deadline of a command that names none.
    var commandTimeout: Duration { get }

    /// What it has done and has in hand.
    var figures: RedisClientFigures { get }

    /// Makes one attempt to connect, within the configured time. Nobody has to: the first command connects as well.
    ///
    /// - Throws: ``RedisError`` that says why not; the executor goes on trying.
    func connect() async throws

    /// Sends one command and returns its reply.
    ///
    /// - Throws: ``RedisError``, also for an error reply; `CancellationError` if the task is cancelled.
    func send(_ command: RedisCommand, timeout: Duration?) async throws -> RESPValue

    /// Sends one command over a kind of connection that the caller chooses, and returns its reply.
    ///
    /// - Throws: as `send(_:timeout:)`, and ``RedisError`` with the code `overloaded` if no connection of the lane is free.
    func send(_ command: RedisCommand, timeout: Duration?, lane: RedisLane) async throws -> RESPValue

    /// Messages of channels and of all channels whose names match patterns; see `subscribe(to:patterns:buffer:)`, which calls it.
    func subscription(to channels: [String], patterns: [String], buffer: Int) -> RedisSubscription

    /// Sends commands together and returns one result for each, in order. Those that go to the same server go in order.
    ///
    /// - Throws: ``RedisError`` if nothing was sent; `CancellationError` if the task is cancelled.
    func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws -> [Result<RESPValue, RedisError>]

    /// One page of the key names that match a pattern, over all servers that hold keys.
    ///
    /// - Parameters:
    ///   - pattern: as in SCAN's MATCH.
    ///   - cursor: nil at first, then what the page before returned. It means something to this executor only.
    ///   - count: how much the server looks at; a hint.
    ///   - timeout: for this page; ``commandTimeout`` if nil.
    /// - Returns: the names, possibly none or some twice, and the cursor of the next page; nil after the last.
    func scan(pattern: String, cursor: String?, count: Int, timeout: Duration?) async throws -> RedisScanPage

    /// Divides keys into groups that one command may touch together.
    func groups(of keys: [String]) -> [[String]]

    /// Refuses new commands, lets those in flight finish within a bound, and closes. May be called again.
    func shutdown() async
}

/// One page of a walk over the key names.
public struct RedisScanPage: Sendable, Hashable {
    /// The names of this page; possibly none, and possibly some that were there before.
    public var names: [String]
    /// What the next call takes; nil when the walk is over.
    public var cursor: String?

    /// Makes a page.
    public init(names: [String], cursor: String?) {
        self.names = names
        self.cursor = cursor
    }
}

extension RedisExecutor {
    /// All keys of one server may be touched together.
    public func groups(of keys: [String]) -> [[String]] {
        keys.isEmpty ? [] : [keys]
    }

    /// SCAN of the one server.
    public func scan(
        pattern: String,
        cursor: String?,
        count: Int,
        timeout: Duration? = nil
    ) async throws -> RedisScanPage {
        let command = RedisCommand("SCAN", cursor ?? "0", "MATCH", pattern, "COUNT", count, key: nil)
        return try RedisScanPage(reply: try await send(command, timeout: timeout))
    }
}

extension RedisScanPage {
    init(reply: RESPValue) throws(RedisError) {
        guard let parts = reply.elements, parts.count == 2, let next = parts[0].string, let names = parts[1].elements
        else {
            throw RedisError(.protocolViolation, phase: .reply, message: "SCAN was answered by an unexpected type")
        }
        self.init(names: names.compactMap(\.string), cursor: next == "0" ? nil : next)
    }
}

extension RedisConfiguration {
    /// The client for what the URL names: one server, a cluster, or the master behind sentinels. Opens nothing.
    ///
    /// - Parameters:
    ///   - eventLoopGroup: where connections live; it must outlive the client.
    ///   - logger: receives debug and trace events, and warnings about what is not as the URL says.
    /// - Throws: ``RedisURLError`` where the URL does not say what such a client needs.
    public func makeExecutor(
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger
    ) throws -> any RedisExecutor {
        if url.scheme.isCluster {
            return RedisClusterClient(configuration: self, eventLoopGroup: eventLoopGroup, logger: logger)
        }
        if url.scheme.isSentinel {
            return try RedisSentinelClient(configuration: self, eventLoopGroup: eventLoopGroup, logger: logger)
        }
        return RedisClient(configuration: self, eventLoopGroup: eventLoopGroup, logger: logger)
    }
}

extension RedisClient: RedisExecutor {
    /// The masked URL.
    public var address: String { configuration.url.masked }

    /// As configured.
    public var commandTimeout: Duration { configuration.commandTimeout }
}
