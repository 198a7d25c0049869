import NIOCore
import Synchronization

/// A subscription and its connection: does what the state machine says.
final class SubscriptionConnection: ConnectionObserver {
    typealias Machine = SubscriptionStateMachine<Waiter>
    typealias Waiter = CheckedContinuation<RedisSubscriptionEvent?, any Error>

    private let shared: ClientShared
    private let eventLoop: any EventLoop
    private let registry: SubscriptionRegistry
    private let commands: [RedisCommand]
    private let machine: Mutex<Machine>
    /// The place for the connection, from the first `next()` to the end.
    private let slot = Mutex<ConnectionSlot?>(nil)

    init(
        channels: [String],
        patterns: [String],
        capacity: Int,
        eventLoop: any EventLoop,
        registry: SubscriptionRegistry
    ) {
        let channels = Set(channels).sorted()
        let patterns = Set(patterns).sorted()
        var commands: [RedisCommand] = []
        if !channels.isEmpty { commands.append(RedisCommand("SUBSCRIBE", arguments: channels, key: nil)) }
        if !patterns.isEmpty { commands.append(RedisCommand("PSUBSCRIBE", arguments: patterns, key: nil)) }
        self.commands = commands
        self.eventLoop = eventLoop
        self.registry = registry
        shared = registry.shared.derived()
        machine = Mutex(Machine(confirmations: channels.count + patterns.count, capacity: capacity))
    }

    // MARK: The consumer's side

    func next() async throws -> RedisSubscriptionEvent? {
        startOnce()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let action = machine.withLock { $0.next(continuation) }
                guard case .take(let outcome, let follows) = action else { return }
                if follows { follow() }
                Self.resume(continuation, outcome)
            }
        } onCancel: {
            end()
        }
    }

    private func startOnce() {
        let started: ConnectionSlot? = slot.withLock { slot in
            guard slot == nil else { return nil }
            let new = ConnectionSlot(
                shared: shared,
                eventLoop: eventLoop,
                fallback: nil,
                role: ConnectionRole(observer: self)
            )
            slot = new
            return new
        }
        guard let started else { return }
        guard !commands.isEmpty, commands.allSatisfy({ $0.fault == nil }) else {
            finish(
                RedisError(
                    .invalidCommand,
                    phase: .checking,
                    message: "a subscription needs at least one channel or pattern, and none above 512 MiB"
                )
            )
            return
        }
        guard registry.add(self) else {
            finish(.shutDown(shared.address, phase: .checking))
            return
        }
        started.connect().whenFailure { error in
            // Waiting mends a server that is away; it mends neither a wrong password nor an untrusted certificate.
            guard let error = error as? RedisError, error.code == .authenticationFailed || error.code == .tls else {
                return
            }
            self.finish(error)
        }
    }

    /// The consumer is gone: nothing is kept for it, and the connection is closed.
    func end() {
        finish(nil, dropsRest: true)
    }

    /// Ends the subscription. The future succeeds when the connection is closed.
    @discardableResult
    func finish(_ error: RedisError?, dropsRest: Bool = false) -> EventLoopFuture<Void> {
        let wake = machine.withLock { $0.finish(error, dropsRest: dropsRest) }
        wake.map(Self.resume)
        registry.remove(self)
        let slot = slot.withLock { $0 }
        return slot?.shutDown() ?? eventLoop.makeSucceededVoidFuture()
    }

    private static func resume(_ wake: Machine.Wake) {
        resume(wake.waiter, wake.outcome)
    }

    private static func resume(_ waiter: Waiter, _ outcome: Machine.Outcome) {
        switch outcome {
        case .event(let event): waiter.resume(returning: event)
        case .end(nil): waiter.resume(returning: nil)
        case .end(let error?): waiter.resume(throwing: error)
        }
    }

    private func follow() {
        guard let slot = slot.withLock({ $0 }) else { return }
        eventLoop.execute {
            guard let handler = slot.onLoop.handler else { return }
            let action = self.machine.withLock { $0.follow() }
            if action.subscribes { self.subscribe(handler) }
            handler.setReading(action.reads)
        }
    }

    // MARK: The connection's side

    var ownsReplies: Bool { true }

    var isPaused: Bool { machine.withLock { $0.isPaused } }

    func opened(_ handler: RedisChannelHandler, facts: RedisServerFacts) {
        // One read at a time: what is read beyond the capacity is at most that.
        handler.readOneMessageAtATime()
        if machine.withLock({ $0.opened() }) { subscribe(handler) }
    }

    private func subscribe(_ handler: RedisChannelHandler) {
        for command in commands { handler.writeAndFlush(command.encoded) }
    }

    func closed() {
        let wake = machine.withLock { $0.closed() }
        wake.map(Self.resume)
    }

    func received(push elements: [RESPValue], from handler: RedisChannelHandler) {
        _ = receive(elements, handler)
    }

    func received(reply: RESPValue, from handler: RedisChannelHandler) -> Bool {
        switch reply {
        case .array(let elements): return receive(elements, handler)
        case .simple("PONG"): return true
        case .error(let error):
            // Of SUBSCRIBE or PSUBSCRIBE; PING has no reason to fail, and if it does, nothing works.
            finish(RedisError(reply: error))
            return true
        default: return false
        }
    }

    /// False if the server has sent what no subscriber gets.
    private func receive(_ elements: [RESPValue], _ handler: RedisChannelHandler) -> Bool {
        guard let notice = SubscriptionNotice(elements) else { return false }
        let action = machine.withLock { $0.received(notice) }
        if action.pauses { handler.setReading(false) }
        action.wake.map(Self.resume)
        return true
    }
}
