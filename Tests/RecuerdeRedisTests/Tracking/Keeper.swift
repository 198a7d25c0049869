import NIOCore
import RecuerdeTesting
import Synchronization

@testable import RecuerdeRedis

/// A cache of a few lines.
final class Keeper: Sendable {
    private struct Kept {
        var value: String
        var identity: UInt64
    }

    private struct State {
        var open: Set<UInt64> = []
        var guards: [String: Int] = [:]
        var kept: [String: Kept] = [:]
        var guardNumber = 0
        var stores = 0
        var isOver = false
    }

    private let state = Mutex(State())

    var kept: [String: String] { state.withLock { $0.kept.mapValues(\.value) } }
    var stores: Int { state.withLock { $0.stores } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func end() { state.withLock { $0.isOver = true } }

    func hear(_ event: RedisTrackingEvent) {
        state.withLock { state in
            switch event {
            case .opened(let identity):
                state.open.insert(identity)
            case .closed(let identity):
                state.open.remove(identity)
                state.kept = state.kept.filter { $0.value.identity != identity }
            case .invalidated(let keys, _):
                for key in keys {
                    state.kept[String(buffer: key)] = nil
                    state.guards[String(buffer: key)] = nil
                }
            case .invalidatedAll:
                state.kept = [:]
                state.guards = [:]
            case .proved:
                break
            }
        }
    }

    func read(_ key: String, _ client: some RedisTrackedExecutor) async throws {
        let number = state.withLock { state in
            state.guardNumber += 1
            state.guards[key] = state.guardNumber
            return state.guardNumber
        }
        let route = client.trackingRoute(forKey: key)
        guard let value = try? await client.send(RedisCommand("GET", key), timeout: nil).string ?? "(nil)" else {
            return
        }
        guard let route, client.trackingRoute(forKey: key) == route else { return }
        state.withLock { state in
            guard state.guards[key] == number, state.open.contains(route.identity) else { return }
            state.kept[key] = Kept(value: value, identity: route.identity)
            state.stores += 1
        }
    }
}
