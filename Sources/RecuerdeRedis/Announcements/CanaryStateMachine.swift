import Recuerde

/// Whether a subscription brings what is published, as canaries tell: messages that a node publishes over a usual connection and that
/// have to come back over the subscription.
///
/// Messages of one server come in the order in which they were published. So a canary that is back proves that everything has been heard
/// that happened until it was sent. Free of I/O and of timers; all instants are told to it.
struct CanaryStateMachine {
    private enum State {
        /// No subscription, or it has broken. Goes to `confirmed`.
        case away
        /// Subscribed, and no canary is back yet. Goes to `open`, or to `away`.
        case confirmed
        /// A canary has come back. Goes to `away`.
        case open
    }

    private struct Canary {
        let number: UInt64
        let sentAt: MonotonicInstant
        /// Whether the server has said that it published it.
        var isOut = false
    }

    enum Tick: Equatable {
        case nothing
        /// Publish it.
        case publish(UInt64)
        /// The server publishes and the subscription is silent: begin another one.
        case renew
    }

    enum Return: Equatable {
        case nothing
        /// The path is alive: from here on all is heard.
        case opens
        /// All that happened until so long ago has been heard.
        case proves(before: Duration)
    }

    /// So many on their way are remembered; those before them have been overtaken by time.
    static let limit = 16

    private var state = State.away
    private var last: UInt64 = 0
    private var underWay: [Canary] = []

    var isOpen: Bool {
        if case .open = state { true } else { false }
    }

    /// How long canaries that are out may stay away before another subscription is better.
    static func patience(pace: Duration) -> Duration {
        max(pace * 5, .seconds(2))
    }

    /// All is subscribed to. Returns the canary to publish.
    mutating func subscribed(now: MonotonicInstant) -> UInt64 {
        state = .confirmed
        underWay = []
        return send(now: now)
    }

    /// Time for another one.
    mutating func tick(now: MonotonicInstant, pace: Duration) -> Tick {
        if case .away = state { return .nothing }
        if let first = underWay.first(where: \.isOut),
            first.sentAt.duration(to: now) >= Self.patience(pace: pace)
        {
            return .renew
        }
        return .publish(send(now: now))
    }

    private mutating func send(now: MonotonicInstant) -> UInt64 {
        last += 1
        // The oldest that is out tells how long the silence has lasted.
        if underWay.count >= Self.limit { underWay.remove(at: underWay[0].isOut ? 1 : 0) }
        underWay.append(Canary(number: last, sentAt: now))
        return last
    }

    /// The server has said that it published one.
    mutating func published(_ number: UInt64) {
        guard let index = underWay.firstIndex(where: { $0.number == number }) else { return }
        underWay[index].isOut = true
    }

    /// One has come back.
    mutating func returned(_ number: UInt64, now: MonotonicInstant) -> Return {
        guard let canary = underWay.first(where: { $0.number == number }) else { return .nothing }
        // Those sent before it are not waited for: a canary may be lost on its way to the server.
        underWay.removeAll { $0.number <= number }
        switch state {
        case .away: return .nothing
        case .confirmed:
            state = .open
            return .opens
        case .open: return .proves(before: max(.zero, canary.sentAt.duration(to: now)))
        }
    }

    /// The subscription is gone. True if it was open.
    mutating func interrupted() -> Bool {
        defer {
            state = .away
            underWay = []
        }
        return isOpen
    }
}
