public import Recuerde

/// Keeps calls from a provider that is down: after some failures in a row none is let through for a while, then one
/// as a probe, and all again once a probe succeeds.
///
/// Free of I/O and clocks. Every `admit(at:)` that lets a call through hands out a ticket, and the ticket comes back
/// through `record(_:ticket:at:)` exactly once; a result that comes back after the breaker has changed is ignored.
public struct ProviderBreaker: Sendable {
    /// When the breaker opens, and for how long.
    public struct Configuration: Sendable, Hashable {
        /// Failures in a row that open it, at least 1.
        public var failureThreshold: Int
        /// How long it stays open the first time.
        public var openDuration: Duration
        /// The longest that it stays open; each failed probe doubles the time up to this.
        public var maximumOpenDuration: Duration

        /// Makes a configuration.
        public init(
            failureThreshold: Int = 3,
            openDuration: Duration = .seconds(10),
            maximumOpenDuration: Duration = .seconds(120)
        ) {
            self.failureThreshold = failureThreshold
            self.openDuration = openDuration
            self.maximumOpenDuration = maximumOpenDuration
        }
    }

    /// What the breaker is doing, for health and metrics.
    public enum Phase: String, Sendable, Hashable {
        /// Calls go through.
        case closed
        /// No call goes through.
        case open
        /// One call is on its way as a probe, or the next may be one.
        case halfOpen = "half_open"
    }

    /// How a call ended.
    enum Outcome: Sendable, Hashable {
        case success
        case failure
        /// The provider gave an answer that was understood, but that is of no use.
        case neutral
        /// It says nothing about the provider: the caller went away before the end.
        case abandoned
    }

    enum Admission: Sendable, Hashable {
        case pass(ticket: UInt64)
        case probe(ticket: UInt64)
        case refuse(until: MonotonicInstant)
    }

    private enum State: Sendable {
        /// Calls go through; `failures` ended badly in a row.
        case closed(failures: Int)
        /// Nothing goes through before `until`; it has opened `trips` times in a row.
        case open(until: MonotonicInstant, trips: Int)
        /// The probe is under way; whoever comes meanwhile is refused.
        case probing(since: MonotonicInstant, trips: Int)
    }

    private let configuration: Configuration
    private var state = State.closed(failures: 0)
    /// Grows whenever the state changes its kind, so that late results are recognised.
    private var generation: UInt64 = 0

    /// Makes a closed breaker.
    public init(configuration: Configuration = .init()) {
        self.configuration = configuration
    }

    /// What the breaker is doing at `now`.
    public func phase(at now: MonotonicInstant) -> Phase {
        switch state {
        case .closed: .closed
        case .open(let until, _): now < until ? .open : .halfOpen
        case .probing: .halfOpen
        }
    }

    mutating func admit(at now: MonotonicInstant) -> Admission {
        switch state {
        case .closed:
            return .pass(ticket: generation)
        case .open(let until, let trips):
            guard now >= until else { return .refuse(until: until) }
            generation &+= 1
            state = .probing(since: now, trips: trips)
            return .probe(ticket: generation)
        case .probing(let since, _):
            return .refuse(until: since.advanced(by: configuration.openDuration))
        }
    }

    mutating func record(_ outcome: Outcome, ticket: UInt64, at now: MonotonicInstant) {
        guard ticket == generation else { return }
        switch (state, outcome) {
        case (.closed, .success):
            state = .closed(failures: 0)
        case (.closed(let failures), .failure):
            if failures + 1 >= configuration.failureThreshold {
                open(at: now, trips: 1)
            } else {
                state = .closed(failures: failures + 1)
            }
        case (.probing, .success), (.probing, .neutral):
            generation &+= 1
            state = .closed(failures: 0)
        case (.probing(_, let trips), .failure):
            open(at: now, trips: trips + 1)
        case (.probing(_, let trips), .abandoned):
            // The next caller probes at once: nothing was learned.
            generation &+= 1
            state = .open(until: now, trips: trips)
        case (.closed, .neutral), (.closed, .abandoned), (.open, _):
            break
        }
    }

    private mutating func open(at now: MonotonicInstant, trips: Int) {
        generation &+= 1
        var duration = configuration.openDuration
        for _ in 1..<max(1, min(trips, 32)) where duration < configuration.maximumOpenDuration {
            duration = min(duration + duration, configuration.maximumOpenDuration)
        }
        state = .open(until: now.advanced(by: duration), trips: min(trips, 1_000))
    }
}
