import Logging
import NIOCore
import NIOPosix
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeRedis

/// A client with tracking, and all that it has heard.
struct TrackedClient {
    let client: RedisClient
    let events: Shared<[RedisTrackingEvent]>

    /// Keys that changed, once all connections have proved that nothing more is on its way; forgets them then.
    ///
    /// The notice precedes the reply to any command that the server executes after the change.
    func notices() async throws -> [String] {
        for connection in 0..<client.connectionCount {
            _ = try await client.send(RedisCommand("ECHO", key(of: connection)))
        }
        let heard = events.value
        events.change { $0 = $0.filter { $0.isAboutLife } }
        return heard.flatMap { event -> [String] in
            switch event {
            case .invalidated(let keys, _): keys.map { String(buffer: $0) }
            case .invalidatedAll: ["ALL"]
            default: []
            }
        }
    }

    /// Some key that belongs to a connection.
    func key(of connection: Int) -> String {
        (0...).lazy.map { "probe:\($0)" }.first { client.connection(forKey: $0) == connection } ?? "probe"
    }

    /// Opens all connections.
    func open() async throws {
        try await client.connect()
        try await until {
            for connection in 0..<client.connectionCount {
                _ = try await client.send(RedisCommand("ECHO", key(of: connection)))
            }
            return openIdentities.count == client.connectionCount
        }
    }

    /// The connections that are open as far as one has heard.
    var openIdentities: Set<UInt64> { events.value.openIdentities }

    @discardableResult
    func run(_ words: String...) async throws -> RESPValue {
        try await client.send(RedisCommand(words[0], arguments: Array(words.dropFirst())))
    }
}

extension RedisTrackingEvent {
    /// True for those that say whether a connection is there.
    var isAboutLife: Bool {
        switch self {
        case .opened, .closed: true
        default: false
        }
    }
}

extension [RedisTrackingEvent] {
    var openIdentities: Set<UInt64> {
        reduce(into: []) { open, event in
            switch event {
            case .opened(let identity): open.insert(identity)
            case .closed(let identity): open.remove(identity)
            default: break
            }
        }
    }

    /// All identities that were ever opened, in order.
    var identities: [UInt64] {
        compactMap { if case .opened(let identity) = $0 { identity } else { nil } }
    }

    /// The identities that have proved to be alive, in order.
    var proofs: [UInt64] {
        compactMap { if case .proved(let identity, _) = $0 { identity } else { nil } }
    }
}

/// Runs a body with a client that has so many connections and is tracked.
func withTrackedClient<Result>(
    _ url: String,
    mode: RedisTrackingConfiguration.Mode = .default(noLoop: true),
    connections: Int = 1,
    probePace: Duration? = nil,
    logger: Logger = quiet,
    change: (inout RedisConfiguration) -> Void = { _ in },
    _ body: (TrackedClient) async throws -> Result
) async throws -> Result {
    let events = Shared<[RedisTrackingEvent]>([])
    let group = MultiThreadedEventLoopGroup(numberOfThreads: connections)
    var configuration = RedisConfiguration(url: try RedisURL(url))
    configuration.commandTimeout = .seconds(10)
    configuration.connectTimeout = .seconds(10)
    configuration.tracking = RedisTrackingConfiguration(mode: mode) { event in events.change { $0.append(event) } }
    configuration.tracking?.probePace = probePace
    change(&configuration)
    let client = RedisClient(configuration: configuration, eventLoopGroup: group, logger: logger)
    do {
        let result = try await body(TrackedClient(client: client, events: events))
        await client.shutdown()
        try await group.shutdownGracefully()
        return result
    } catch {
        await client.shutdown()
        try await group.shutdownGracefully()
        throw error
    }
}
