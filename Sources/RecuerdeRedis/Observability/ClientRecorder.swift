import Synchronization

/// Counts what happens seldom, and tells the observer of it. Shared by all that belongs to one client: lanes,
/// subscriptions, the nodes of a cluster.
final class ClientRecorder: Sendable {
    /// Nil if nobody listens.
    let observer: (any RedisClientObserver)?

    private let openConnections = Atomic<Int>(0)
    private let connectionsOpened = Atomic<Int>(0)
    private let reconnects = Atomic<Int>(0)
    private let retries = Atomic<Int>(0)
    private let redirects = Atomic<Int>(0)

    init(observer: (any RedisClientObserver)?) {
        self.observer = observer
    }

    func connectionOpened(_ server: @autoclosure () -> RedisServerAddress, isReconnect: Bool) {
        openConnections.wrappingAdd(1, ordering: .relaxed)
        connectionsOpened.wrappingAdd(1, ordering: .relaxed)
        if isReconnect { reconnects.wrappingAdd(1, ordering: .relaxed) }
        observer?.connectionChanged(.init(isOpen: true, server: server(), isReconnect: isReconnect, error: nil))
    }

    func connectionClosed(_ server: @autoclosure () -> RedisServerAddress, error: RedisError?) {
        openConnections.wrappingSubtract(1, ordering: .relaxed)
        observer?.connectionChanged(.init(isOpen: false, server: server(), isReconnect: false, error: error))
    }

    func repeated(_ kind: RedisRepetition.Kind, after error: RedisError) {
        if kind == .retry {
            retries.wrappingAdd(1, ordering: .relaxed)
        } else {
            redirects.wrappingAdd(1, ordering: .relaxed)
        }
        observer?.repeated(RedisRepetition(kind: kind, error: error))
    }

    func figures(commandsInFlight: Int) -> RedisClientFigures {
        RedisClientFigures(
            openConnections: openConnections.load(ordering: .relaxed),
            connectionsOpened: connectionsOpened.load(ordering: .relaxed),
            reconnects: reconnects.load(ordering: .relaxed),
            commandsInFlight: commandsInFlight,
            retries: retries.load(ordering: .relaxed),
            redirects: redirects.load(ordering: .relaxed)
        )
    }
}
