import NIOCore
import NIOPosix
import Synchronization

/// A subscription and its connections, one after the other: does what the state machine says.
final class SubscriptionConnection: ConnectionObserver, SubscriptionMember {
    typealias Machine = SubscriptionStateMachine<Waiter>
    typealias Waiter = CheckedContinuation<RedisSubscriptionEvent?, any Error>

    /// The way of the connections, from the first `next()` to the end.
    private struct Way {
        var isStarted = false
        var isFinished = false
        /// The place for the present connection.
        var slot: ConnectionSlot?
        /// Where a subscription that may move has its connection.
        var stay: SubscriptionStay?
        /// Leads from one server to the next. Owned by the subscription, whose `finish` cancels it.
        var roaming: Task<Void, Never>?
    }

    private let registry: SubscriptionRegistry
    private let commands: [RedisCommand]
    private let machine: Mutex<Machine>
    private let way = Mutex(Way())

    init(channels: [String], patterns: [String], capacity: Int, registry: SubscriptionRegistry) {
        let channels = Set(channels).sorted()
        let patterns = Set(patterns).sorted()
        var commands: [RedisCommand] = []
        if !channels.isEmpty { commands.append(RedisCommand("SUBSCRIBE", arguments: channels, key: nil)) }
        if !patterns.isEmpty { commands.append(RedisCommand("PSUBSCRIBE", arguments: patterns, key: nil)) }
        self.commands = commands
        self.registry = registry
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
        let isFirst = way.withLock { way in
            defer { way.isStarted = true }
            return !way.isStarted
        }
        guard isFirst else { return }
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
            finish(.shutDown(registry.address, phase: .checking))
            return
        }
        switch registry.home {
        case .server: startAtOneServer()
        case .route(let route, _):
            let task = Task { await self.roam(route) }
            let isFinished = way.withLock { way in
                way.roaming = task
                return way.isFinished
            }
            if isFinished { task.cancel() }
        }
    }

    private func startAtOneServer() {
        guard let slot = registry.makeSlot(observer: self, keepsDialing: true), settle(at: slot, stay: nil) else {
            finish(nil)
            return
        }
        slot.connect().whenFailure { error in
            // Waiting mends a server that is away; it mends neither a wrong password nor an untrusted certificate.
            guard let error = error as? RedisError, Self.isLasting(error) else { return }
            self.finish(error)
        }
    }

    /// False if the subscription is finished.
    private func settle(at slot: ConnectionSlot, stay: SubscriptionStay?) -> Bool {
        way.withLock { way in
            guard !way.isFinished else { return false }
            way.slot = slot
            way.stay = stay
            return true
        }
    }

    static func isLasting(_ error: RedisError) -> Bool {
        error.code == .authenticationFailed || error.code == .tls
    }

    /// The consumer is gone: nothing is kept for it, and the connection is closed.
    func end() {
        finish(nil, dropsRest: true)
    }

    func endWithClient() -> EventLoopFuture<Void> {
        finish(nil) ?? MultiThreadedEventLoopGroup.singleton.any().makeSucceededVoidFuture()
    }

    /// Ends the subscription. The future succeeds when the connection is closed; nil if there is none.
    @discardableResult
    func finish(_ error: RedisError?, dropsRest: Bool = false) -> EventLoopFuture<Void>? {
        let wake = machine.withLock { $0.finish(error, dropsRest: dropsRest) }
        wake.map(Self.resume)
        registry.remove(self)
        let (slot, roaming) = way.withLock { way in
            way.isFinished = true
            return (way.slot, way.roaming)
        }
        roaming?.cancel()
        return slot?.shutDown()
    }

    // MARK: From one server to the next

    /// Stays at one server after the other until the subscription is finished.
    private func roam(_ route: any SubscriptionRoute) async {
        var failures = 0
        while !Task.isCancelled {
            let start = ClientShared.now()
            let failure: RedisError?
            do {
                failure = await stay(at: try await route.place(after: failures))
            } catch let error as RedisError {
                if error.code == .shutDown {
                    finish(nil)
                    return
                }
                failure = error
            } catch {
                return
            }
            if let failure, Self.isLasting(failure) || failure.code == .invalidCommand,
                !machine.withLock({ $0.hasBeenLive })
            {
                finish(failure)
                return
            }
            let now = ClientShared.now()
            // Whoever lets everybody in and throws them out at once is not asked without a pause.
            if failure == nil, now - start >= Self.longEnough {
                failures = 0
            } else {
                failures += 1
                let settings = route.configuration
                let delay = settings.backoff.delay(failures: failures, random: settings.random())
                await route.pause(until: now + delay)
            }
        }
    }

    /// A connection that has lasted so long, in nanoseconds, is replaced at once.
    private static let longEnough: Int64 = 1_000_000_000

    /// Returns when the connection to a server is closed: nil if it was open, else why it was not.
    private func stay(at place: SubscriptionRegistry) async -> RedisError? {
        guard let slot = place.makeSlot(observer: self, keepsDialing: false) else {
            return .shutDown(place.address, phase: .checking)
        }
        let stay = SubscriptionStay(slot: slot)
        guard place.add(stay) else { return .shutDown(place.address, phase: .checking) }
        defer { place.remove(stay) }
        var failure: RedisError?
        if settle(at: slot, stay: stay) {
            do {
                try await slot.connect().get()
                await stay.wait()
            } catch {
                failure =
                    error as? RedisError
                    ?? RedisError(.connectFailed, phase: .connecting, message: "\(place.address) was not reached")
            }
        }
        // The next connection is opened when this one has told of its end.
        try? await slot.shutDown().get()
        return failure
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
        guard let slot = way.withLock({ $0.slot }) else { return }
        slot.eventLoop.execute {
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
        way.withLock { $0.stay }?.end()
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
