import NIOCore
import Synchronization

/// The subscriptions of a client that are under way, so that the client's end is theirs.
final class SubscriptionRegistry: Sendable {
    private struct State {
        var members: [ObjectIdentifier: any SubscriptionMember] = [:]
        var isShutDown = false
        var made = 0
    }

    let home: SubscriptionHome
    private let state = Mutex(State())

    init(_ home: SubscriptionHome) {
        self.home = home
    }

    /// Where it leads, without credentials.
    var address: String {
        switch home {
        case .server(let shared, _): shared.address
        case .route(_, let address): address
        }
    }

    /// How many are under way.
    var count: Int { state.withLock { $0.members.count } }

    /// A place for a connection to the one server, on the loops in turn; nil for a client of several servers.
    func makeSlot(observer: any ConnectionObserver, keepsDialing: Bool) -> ConnectionSlot? {
        guard case .server(let shared, let loops) = home, !loops.isEmpty else { return nil }
        let number = state.withLock { state in
            state.made &+= 1
            return state.made
        }
        return ConnectionSlot(
            shared: shared.derived(),
            eventLoop: loops[Int(UInt(bitPattern: number) % UInt(loops.count))],
            fallback: nil,
            role: ConnectionRole(keepsDialing: keepsDialing, observer: observer)
        )
    }

    /// False if the client has been shut down.
    func add(_ member: any SubscriptionMember) -> Bool {
        state.withLock { state in
            guard !state.isShutDown else { return false }
            state.members[ObjectIdentifier(member)] = member
            return true
        }
    }

    func remove(_ member: any SubscriptionMember) {
        _ = state.withLock { $0.members.removeValue(forKey: ObjectIdentifier(member)) }
    }

    /// Ends all of them.
    func shutDown() -> [EventLoopFuture<Void>] {
        let members = state.withLock { state in
            state.isShutDown = true
            return Array(state.members.values)
        }
        return members.map { $0.endWithClient() }
    }

    /// Ends all of them, and returns when their connections are closed.
    func shutDownAndWait() async {
        for future in shutDown() { try? await future.get() }
    }
}
