import Logging
import NIOCore
import Synchronization

/// Asks for tracking on the connections of one place, hands on what the server tells, and has proved that it still does.
final class TrackingObserver: ConnectionObserver {
    private struct State {
        /// How the server answered the last CLIENT TRACKING; nil until it has.
        var answer: RedisTrackingState?
        /// Between `opened` and `closed`.
        var identity: UInt64?
        var probe: TrackingProbe
    }

    /// What `identity` is while there is none.
    private static let none: UInt64 = 0
    private static let last = Atomic<UInt64>(0)

    private let connection: Int
    private let connections: Int
    private let configuration: RedisTrackingConfiguration
    private let shared: ClientShared
    private let state: Mutex<State>
    /// For those who are not on the loop. Set after `opened` has been heard and taken back before `closed` is.
    private let present = Atomic<UInt64>(TrackingObserver.none)

    init(connection: Int, of connections: Int, configuration: RedisTrackingConfiguration, shared: ClientShared) {
        self.connection = connection
        self.connections = max(1, connections)
        self.configuration = configuration
        self.shared = shared
        state = Mutex(State(probe: TrackingProbe(isOfCluster: configuration.isOfCluster)))
    }

    /// The tracked connection that is open here; nil if none is. May be asked on any thread.
    var identity: UInt64? {
        let identity = present.load(ordering: .acquiring)
        return identity == Self.none ? nil : identity
    }

    // MARK: The life of connections

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
            state.probe = TrackingProbe(isOfCluster: configuration.isOfCluster)
            // Without pushes there is no way for a notice to come.
            return facts.protocolVersion < 3
                ? RedisTrackingState.off("the server speaks RESP2 only")
                : state.answer ?? .off("the server did not answer CLIENT TRACKING")
        }
        shared.tracking(outcome)
        if outcome.isOn { begin() }
    }

    func willClose() {
        end()
    }

    func closed() {
        end()
    }

    /// What is read from now on is told apart from what was read before, over the same connection: that one no longer tells of
    /// all of it. To be called on the loop.
    func renew() {
        if end() { begin() }
    }

    private func begin() {
        let identity = Self.last.wrappingAdd(1, ordering: .relaxed).newValue
        state.withLock { $0.identity = identity }
        configuration.handler(.opened(identity: identity))
        present.store(identity, ordering: .releasing)
    }

    /// False if there was nothing to end.
    @discardableResult
    private func end() -> Bool {
        guard let identity = state.withLock({ $0.identity.take() }) else { return false }
        present.store(Self.none, ordering: .releasing)
        configuration.handler(.closed(identity: identity))
        return true
    }

    // MARK: Notices

    func received(push elements: [RESPValue], from handler: RedisChannelHandler) {
        guard let identity = state.withLock({ $0.identity }), elements.count == 2, elements[0].string == "invalidate"
        else { return }
        guard let names = elements[1].elements else {
            if elements[1].isNull { configuration.handler(.invalidatedAll(identity: identity)) }
            return
        }
        var keys = names.compactMap(\.buffer)
        if case .broadcast = configuration.mode.kind {
            // Every connection hears of every key; the one to which the key belongs hands it on.
            keys.removeAll { RedisKeySlot.connection(of: $0, count: connections) != connection }
        }
        if !keys.isEmpty { configuration.handler(.invalidated(keys: keys, identity: identity)) }
    }

    // MARK: Proof of life

    var probePace: Int64? {
        state.withLock { $0.identity == nil || $0.probe.isRefused ? nil : configuration.pace }
    }

    func probe() -> [RedisCommand] {
        state.withLock { state in
            guard let identity = state.identity, configuration.probePace != nil, !state.probe.isRefused else {
                return []
            }
            return state.probe.ask(for: identity)
        }
    }

    func answered(_ replies: [Result<RESPValue, RedisError>], sentBefore: Int64) -> RedisError? {
        let (identity, outcome, isRefused) = state.withLock { state in
            let outcome = state.probe.answered(replies, mode: configuration.mode)
            return (state.identity, outcome, state.probe.isRefused)
        }
        if isRefused { shared.sayUnproved() }
        switch outcome {
        case .nothing: break
        case .proved(let asked):
            // What was asked for an identity that has been renewed since says nothing of the next one.
            guard asked == identity else { break }
            configuration.handler(.proved(identity: asked, sentBefore: .nanoseconds(sentBefore)))
        case .lost(let reason):
            return RedisError(
                .connectionLost,
                phase: .reply,
                message: "\(shared.address) no longer tells which keys change (\(reason)); the connection is replaced"
            )
        }
        return nil
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

extension ClientShared {
    /// Said once in the life of a client, whatever the number of its nodes.
    func sayUnproved() {
        guard notices.unprovedTracking.isFirst() else { return }
        logger.notice(
            "redis_tracking_unproved",
            metadata: [
                "recuerde.redis.address": "\(address)",
                "recuerde.redis.reason": "the user may not say PING (+ping)",
                "recuerde.redis.advice": "whether changes by others are still told is not known between replies",
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
