import NIOCore

/// What one call of a client does: a command, or a pipeline of them.
public struct RedisOperation: Sendable, Hashable {
    /// The name of the command as the caller gave it. Of a pipeline: `PIPELINE`, with the name behind it if all commands
    /// have the same one. A pipeline of one command is that command.
    public let name: String

    /// The family; of a pipeline that of its commands if they are of one, else `other`.
    public let family: RedisCommandFamily

    /// How many commands there are.
    public let commandCount: Int

    /// How many bytes all commands have as they are sent. Repetitions do not count.
    public let requestBytes: Int

    /// The database of the URL.
    public let database: Int

    init(_ command: RedisCommand, database: Int) {
        name = command.name
        family = RedisCommandFamily(of: command.name)
        commandCount = 1
        requestBytes = command.encoded.readableBytes
        self.database = database
    }

    init(_ commands: [RedisCommand], database: Int) {
        let first = commands.first?.name
        let isUniform = first != nil && commands.allSatisfy { $0.name == first }
        name = Self.name(of: commands.count, uniformName: isUniform ? first : nil)
        family = Self.family(of: commands, uniformName: isUniform ? first : nil)
        commandCount = commands.count
        requestBytes = commands.reduce(0) { $0 &+ $1.encoded.readableBytes }
        self.database = database
    }

    private static func name(of count: Int, uniformName: String?) -> String {
        guard let uniformName else { return "PIPELINE" }
        return count == 1 ? uniformName : "PIPELINE \(uniformName)"
    }

    private static func family(of commands: [RedisCommand], uniformName: String?) -> RedisCommandFamily {
        if let uniformName { return RedisCommandFamily(of: uniformName) }
        guard let first = commands.first.map({ RedisCommandFamily(of: $0.name) }) else { return .other }
        return commands.allSatisfy { RedisCommandFamily(of: $0.name) == first } ? first : .other
    }
}

/// How a call of a client has ended.
public struct RedisOperationEnd: Sendable, Equatable {
    /// How long it took, from the caller's side.
    public let duration: Duration

    /// How many bytes of content the replies had, without what the protocol puts around them; zero if none came.
    public let replyBytes: Int

    /// What the caller gets instead of a reply; of a pipeline the first failure among its results. Nil: success, or
    /// cancellation.
    public let error: RedisError?

    /// True if the caller's task was cancelled before the reply came.
    public let isCancelled: Bool

    /// The server that was asked last. Of a cluster the one that serves the key's slot now; nil if there is no one such
    /// server, as for a pipeline, or none is known.
    public let server: RedisServerAddress?
}

/// Where a server is, as `server.address` and `server.port` of OpenTelemetry want it.
public struct RedisServerAddress: Sendable, Hashable {
    /// The host name or address, without brackets; the path of a unix socket.
    public let address: String
    /// The port; nil for a unix socket.
    public let port: Int?

    init(_ url: RedisURL) {
        if let path = url.socketPath {
            address = path
            port = nil
        } else {
            address = url.host
            port = url.port
        }
    }

    init(_ endpoint: RedisURL.Endpoint) {
        address = endpoint.host
        port = endpoint.port
    }
}
