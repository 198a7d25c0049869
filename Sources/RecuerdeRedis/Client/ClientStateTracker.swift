import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Adds up what the connections report, and tells the owner of the client once per change, in order.
final class ClientStateTracker: Sendable {
    private struct Storage {
        var state = RedisClientState(status: .idle, sinceUnixMilliseconds: ClientStateTracker.unixMilliseconds())
        var connections = 0
        /// Changes that have not been told yet.
        var untold: [RedisClientState] = []
        /// Somebody is telling; whoever adds a change meanwhile leaves it to them, which keeps the order.
        var isTelling = false
    }

    private let storage = Mutex(Storage())
    private let onChange: (@Sendable (RedisClientState) -> Void)?

    init(onChange: (@Sendable (RedisClientState) -> Void)?) {
        self.onChange = onChange
    }

    var state: RedisClientState {
        storage.withLock { $0.state }
    }

    var isConnected: Bool {
        storage.withLock { $0.connections > 0 }
    }

    func connected(_ facts: RedisServerFacts) {
        if noteConnected(facts) { tellUntold() }
    }

    /// As `connected`, for whoever holds a lock: true if `tellUntold()` is to be called when it no longer does.
    func noteConnected(_ facts: RedisServerFacts) -> Bool {
        note { storage in
            storage.connections += 1
            storage.state.server = facts
            storage.state.lastError = nil
            return .connected
        }
    }

    /// Another connection has taken the place of an open one.
    func renewed(_ facts: RedisServerFacts) {
        storage.withLock { $0.state.server = facts }
    }

    /// Returns what was known before.
    @discardableResult
    func tracking(_ state: RedisTrackingState) -> RedisTrackingState {
        storage.withLock { storage in
            defer { storage.state.tracking = state }
            return storage.state.tracking
        }
    }

    func connectionLost(_ error: RedisError) {
        if noteConnectionLost(error) { tellUntold() }
    }

    /// As `connectionLost`; see `noteConnected`.
    func noteConnectionLost(_ error: RedisError) -> Bool {
        note { storage in
            storage.connections = max(0, storage.connections - 1)
            guard storage.connections == 0 else { return nil }
            storage.state.lastError = .init(error)
            if storage.state.tracking.isOn { storage.state.tracking = .off("there is no connection") }
            return .lost
        }
    }

    func dialFailed(_ error: RedisError) {
        change { storage in
            guard storage.connections == 0 else { return nil }
            storage.state.lastError = .init(error)
            return .lost
        }
    }

    func shutDown() {
        change { _ in .shutDown }
    }

    private func change(_ body: (inout Storage) -> RedisClientState.Status?) {
        if note(body) { tellUntold() }
    }

    /// Returns true if somebody has to tell.
    private func note(_ body: (inout Storage) -> RedisClientState.Status?) -> Bool {
        storage.withLock { storage in
            guard storage.state.status != .shutDown, let status = body(&storage) else { return false }
            guard status != storage.state.status else { return false }
            storage.state.status = status
            storage.state.sinceUnixMilliseconds = Self.unixMilliseconds()
            guard onChange != nil else { return false }
            storage.untold.append(storage.state)
            guard !storage.isTelling else { return false }
            storage.isTelling = true
            return true
        }
    }

    /// Tells what has been noted, in order. To be called by the one who was told to, and not under any lock.
    func tellUntold() {
        guard let onChange else { return }
        while let next = nextUntold() { onChange(next) }
    }

    private func nextUntold() -> RedisClientState? {
        storage.withLock { storage in
            guard storage.untold.isEmpty else { return storage.untold.removeFirst() }
            storage.isTelling = false
            return nil
        }
    }

    private static func unixMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension RedisClientState.LastError {
    init(_ error: RedisError) {
        self.init(code: error.code, serverCode: error.serverCode, message: error.message)
    }
}
