import NIOCore
import Synchronization

/// Hands what tracked connections, or a subscription, tell to whoever listens: the tiers that stand on one client.
///
/// Made with the client, since connections are told whom to tell before they are opened; who comes later is told of those that stand.
package final class RedisTrackingHub: Sendable {
    private struct State {
        var relays: [TrackingRelay] = []
        var open: Set<UInt64> = []
    }

    private let state = Mutex(State())
    /// In nanoseconds; see ``RedisTrackingConfiguration/probePace``.
    private let pace = Atomic<Int64>(1_000_000_000)

    /// What connections are told.
    var configuration: RedisTrackingConfiguration {
        // With NOLOOP the server would not tell either of what it lets go of while a command of the same connection is carried out: eviction, a
        // full tracking table. So it tells of own writes too, and the cache knows them.
        var configuration = RedisTrackingConfiguration(mode: .default(noLoop: false)) { [self] in handle($0) }
        configuration.presentPace = { [self] in presentPace }
        return configuration
    }

    /// The pace that the most demanding listener wants, in nanoseconds.
    var presentPace: Int64 { pace.load(ordering: .relaxed) }

    /// Whether nobody listens, or nobody any more.
    var isDeserted: Bool { state.withLock { $0.relays.allSatisfy(\.isOver) } }

    func add(_ relay: TrackingRelay, pace wanted: Int64) {
        state.withLock { state in
            state.relays.removeAll { $0.isOver }
            state.relays.append(relay)
            for identity in state.open { relay.handle(.opened(identity: identity)) }
        }
        if wanted < pace.load(ordering: .relaxed) { pace.store(max(1, wanted), ordering: .relaxed) }
    }

    /// Events of one connection come one after the other.
    func handle(_ event: RedisTrackingEvent) {
        switch event {
        case .opened(let identity):
            // Under the lock, so that nobody who comes at this moment hears of it twice, or not at all.
            state.withLock { state in
                state.open.insert(identity)
                for relay in state.relays { relay.handle(event) }
            }
        case .closed(let identity):
            state.withLock { state in
                state.open.remove(identity)
                for relay in state.relays { relay.handle(event) }
            }
        case .invalidated, .invalidatedAll, .proved:
            // Whoever comes after this has read nothing yet over the connections that tell it.
            for relay in state.withLock({ $0.relays }) { relay.handle(event) }
        }
    }
}
