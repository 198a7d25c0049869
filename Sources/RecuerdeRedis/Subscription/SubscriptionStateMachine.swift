import NIOCore

/// One subscription over all its connections: what is confirmed, what waits for the consumer, and when to stop reading.
///
/// At most one consumer waits. It leaves through exactly one `Wake`, and every event is handed out once, in order.
/// No I/O here.
struct SubscriptionStateMachine<Waiter> {
    private enum State {
        /// No connection. Goes to `confirming` or `held`.
        case away
        /// There is a connection, and the consumer lags too far behind to subscribe. Goes to `confirming`.
        case held
        /// So many confirmations are missing. Goes to `live`.
        case confirming(Int)
        /// All is subscribed to.
        case live
        /// Nothing comes any more but what is kept already; then the error, if there is one.
        case finished(RedisError?)
    }

    enum Outcome: Equatable {
        case event(RedisSubscriptionEvent)
        case end(RedisError?)
    }

    /// A waiting consumer and what it gets.
    struct Wake {
        let waiter: Waiter
        let outcome: Outcome
    }

    enum NextAction: Equatable {
        /// Hand it out; if `follows`, call `follow()` on the event loop.
        case take(Outcome, follows: Bool)
        /// The consumer waits.
        case wait
    }

    struct ReceiveAction {
        var wake: Wake?
        /// Stop reading.
        var pauses = false
    }

    struct FollowAction: Equatable {
        var reads: Bool
        var subscribes: Bool
    }

    private var state = State.away
    private var events = CircularBuffer<RedisSubscriptionEvent>()
    private var waiter: Waiter?
    /// All was subscribed to once.
    private(set) var hasBeenLive = false
    private(set) var isPaused = false
    private let confirmations: Int
    private let capacity: Int

    /// - Parameters:
    ///   - confirmations: how many channels and patterns there are.
    ///   - capacity: how many events wait before reading stops.
    init(confirmations: Int, capacity: Int) {
        self.confirmations = max(1, confirmations)
        self.capacity = max(1, capacity)
    }

    var isFinished: Bool {
        if case .finished = state { true } else { false }
    }

    /// A connection is usable. True if the channels are to be subscribed to now.
    mutating func opened() -> Bool {
        if isFinished { return false }
        isPaused = false
        // A server that throws out a consumer that lags would be asked, again and again, for more than is taken.
        if events.count >= capacity {
            state = .held
            return false
        }
        state = .confirming(confirmations)
        return true
    }

    mutating func received(_ notice: SubscriptionNotice) -> ReceiveAction {
        if isFinished { return ReceiveAction() }
        var action = ReceiveAction()
        switch notice {
        case .message(let message):
            action.wake = add(.message(message))
        case .confirmation:
            guard case .confirming(let missing) = state else { return action }
            state = missing > 1 ? .confirming(missing - 1) : .live
            guard case .live = state else { return action }
            action.wake = add(hasBeenLive ? .resubscribed : .subscribed)
            hasBeenLive = true
        case .other:
            return action
        }
        if events.count >= capacity, !isPaused {
            isPaused = true
            action.pauses = true
        }
        return action
    }

    /// The connection is gone; another will come.
    mutating func closed() -> Wake? {
        if isFinished { return nil }
        isPaused = false
        defer { state = .away }
        guard case .live = state else { return nil }
        return add(.interrupted)
    }

    private mutating func add(_ event: RedisSubscriptionEvent) -> Wake? {
        guard let waiting = waiter.take() else {
            events.append(event)
            return nil
        }
        return Wake(waiter: waiting, outcome: .event(event))
    }

    /// The consumer wants the next event. A second consumer at the same time gets the end.
    mutating func next(_ candidate: Waiter) -> NextAction {
        if let event = events.popFirst() {
            // Half of it must be free, so that reading does not stop and go with every message.
            return .take(.event(event), follows: wantsMore && (isPaused || isHeld))
        }
        if case .finished(let error) = state {
            state = .finished(nil)
            return .take(.end(error), follows: false)
        }
        guard waiter == nil else { return .take(.end(nil), follows: false) }
        waiter = candidate
        return .wait
    }

    private var wantsMore: Bool { events.count <= capacity / 2 }

    private var isHeld: Bool {
        if case .held = state { true } else { false }
    }

    /// On the event loop, after the consumer has made room.
    mutating func follow() -> FollowAction {
        guard wantsMore else { return FollowAction(reads: !isPaused, subscribes: false) }
        isPaused = false
        guard isHeld else { return FollowAction(reads: true, subscribes: false) }
        state = .confirming(confirmations)
        return FollowAction(reads: true, subscribes: true)
    }

    /// Nothing more is to come. What is kept is still handed out before the error, unless it is dropped.
    mutating func finish(_ error: RedisError?, dropsRest: Bool) -> Wake? {
        if dropsRest { events.removeAll() }
        if isFinished { return nil }
        state = .finished(error)
        isPaused = false
        guard let waiting = waiter.take() else { return nil }
        state = .finished(nil)
        return Wake(waiter: waiting, outcome: .end(error))
    }
}
