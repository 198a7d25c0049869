import NIOCore
import RecuerdeTesting
import Synchronization

@testable import RecuerdeRedis

/// A cache of a few lines.
final class Keeper: Sendable {
    private struct State {
        var open: Set<Int> = []
        var guards: [String: Int] = [:]
        var kept: [String: String] = [:]
        var guardNumber = 0
        var stores = 0
        var isOver = false
    }

    private let state = Mutex(State())
    private let connections = 2

    var kept: [String: String] { state.withLock { $0.kept } }
    var stores: Int { state.withLock { $0.stores } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func end() { state.withLock { $0.isOver = true } }

    func hear(_ event: RedisTrackingEvent) {
        state.withLock { state in
            switch event {
            case .opened(let connection):
                state.open.insert(connection)
            case .closed(let connection):
                state.open.remove(connection)
                forget(&state) { RedisKeySlot.connection(of: ByteBuffer(string: $0), count: connections) == connection }
            case .invalidated(let keys, _):
                let names = Set(keys.map { String(buffer: $0) })
                forget(&state) { names.contains($0) }
            case .invalidatedAll:
                forget(&state) { _ in true }
            }
        }
    }

    private func forget(_ state: inout State, _ isMeant: (String) -> Bool) {
        state.kept = state.kept.filter { !isMeant($0.key) }
        state.guards = state.guards.filter { !isMeant($0.key) }
    }

    func read(_ key: String, _ client: RedisClient) async throws {
        let number: Int? = state.withLock { state in
            guard state.open.contains(client.connection(forKey: key)) else { return nil }
            state.guardNumber += 1
            state.guards[key] = state.guardNumber
            return state.guardNumber
        }
        guard let value = try? await client.send(RedisCommand("GET", key)).string ?? "(nil)" else { return }
        state.withLock { state in
            guard let number, state.guards[key] == number else { return }
            state.kept[key] = value
            state.stores += 1
        }
    }
}
