import NIOCore
import Synchronization

/// The subscriptions of a client that are under way, so that the client's end is theirs.
final class SubscriptionRegistry: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: SubscriptionConnection] = [:]
        var isShutDown = false
        var made = 0
    }

    let shared: ClientShared
    private let loops: [any EventLoop]
    private let state = Mutex(State())

    init(shared: ClientShared, loops: [any EventLoop]) {
        self.shared = shared
        self.loops = loops
    }

    /// How many are under way.
    var count: Int { state.withLock { $0.connections.count } }

    /// Makes a subscription that has not begun, on the loops in turn. Nil if there is no loop.
    func make(channels: [String], patterns: [String], capacity: Int) -> SubscriptionConnection? {
        let number = state.withLock { state in
            state.made &+= 1
            return state.made
        }
        guard !loops.isEmpty else { return nil }
        return SubscriptionConnection(
            channels: channels,
            patterns: patterns,
            capacity: capacity,
            eventLoop: loops[Int(UInt(bitPattern: number) % UInt(loops.count))],
            registry: self
        )
    }

    /// False if the client has been shut down.
    func add(_ connection: SubscriptionConnection) -> Bool {
        state.withLock { state in
            guard !state.isShutDown else { return false }
            state.connections[ObjectIdentifier(connection)] = connection
            return true
        }
    }

    func remove(_ connection: SubscriptionConnection) {
        _ = state.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// Ends all of them.
    func shutDown() -> [EventLoopFuture<Void>] {
        let connections = state.withLock { state in
            state.isShutDown = true
            return Array(state.connections.values)
        }
        return connections.map { $0.finish(nil) }
    }
}
