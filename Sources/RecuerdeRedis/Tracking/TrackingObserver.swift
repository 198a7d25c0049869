import Logging
import NIOCore
import Synchronization

/// Asks for tracking on the connections of one place, and hands on what the server tells.
final class TrackingObserver: ConnectionObserver {
    private struct State {
        /// How the server answered the last CLIENT TRACKING; nil until it has.
        var answer: RedisTrackingState?
        /// True between `opened` and `closed`.
        var isOpen = false
    }

    private let connection: Int
    private let connections: Int
    private let configuration: RedisTrackingConfiguration
    private let shared: ClientShared
    private let state = Mutex(State())

    init(connection: Int, of connections: Int, configuration: RedisTrackingConfiguration, shared: ClientShared) {
        self.connection = connection
        self.connections = max(1, connections)
        self.configuration = configuration
        self.shared = shared
    }

    func handshakeSteps() -> [HandshakeStep] {
        state.withLock { $0.answer = nil }
        return [
            HandshakeStep(configuration.command) { reply in
                // A refusal is no reason to go without a connection, but one to go without tracking.
                self.state.withLock { $0.answer = Self.outcome(reply) }
                return nil
            }
        ]
    }

    static func outcome(_ reply: RESPValue) -> RedisTrackingState {
        if let error = reply.serverError { return .off("the server refuses it: \(RedisError(reply: error).message)") }
        return reply.string == "OK" ? .on : .off("the server answers CLIENT TRACKING by something else than OK")
    }

    func opened(_ handler: RedisChannelHandler, facts: RedisServerFacts) {
        let outcome: RedisTrackingState = state.withLock { state in
            // Without pushes there is no way for a notice to come.
            let outcome =
                facts.protocolVersion < 3
                ? RedisTrackingState.off("the server speaks RESP2 only")
                : state.answer ?? .off("the server did not answer CLIENT TRACKING")
            state.isOpen = outcome.isOn
            return outcome
        }
        shared.tracking(outcome)
        if outcome.isOn { configuration.handler(.opened(connection: connection)) }
    }

    func closed() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if wasOpen { configuration.handler(.closed(connection: connection)) }
    }

    func received(push elements: [RESPValue], from handler: RedisChannelHandler) {
        guard state.withLock({ $0.isOpen }), elements.count == 2, elements[0].string == "invalidate" else { return }
        guard let names = elements[1].elements else {
            if elements[1].isNull { configuration.handler(.invalidatedAll(connection: connection)) }
            return
        }
        var keys = names.compactMap(\.buffer)
        if case .broadcast = configuration.mode.kind {
            // Every connection hears of every key; the one to which the key belongs hands it on.
            keys.removeAll { RedisKeySlot.connection(of: $0, count: connections) != connection }
        }
        if !keys.isEmpty { configuration.handler(.invalidated(keys: keys, connection: connection)) }
    }
}

extension ClientShared {
    /// Notes whether the connection opened last is tracked; a refusal is said once, not on each connect.
    func tracking(_ state: RedisTrackingState) {
        tracker.tracking(state)
        guard let reason = warnsOfTracking(state) else { return }
        logger.warning(
            "redis_tracking_off",
            metadata: [
                "recuerde.redis.address": "\(address)", "recuerde.redis.reason": "\(reason)",
                "recuerde.redis.advice": "changes by others are not told to this client until a new connection may",
            ]
        )
    }
}

extension RedisKeySlot {
    /// The connection of a key among so many.
    static func connection(of key: ByteBuffer, count: Int) -> Int {
        Int(key.withUnsafeReadableBytes { slot(of: $0) }) % max(1, count)
    }
}
