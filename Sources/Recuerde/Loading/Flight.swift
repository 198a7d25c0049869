import Synchronization

/// One load in progress, and all who wait for it.
///
/// Whoever waits can leave at any time without harm to the load or to the others, and each is resumed exactly once. Who is not willing to
/// wait for the whole load gets a stale value, if there is one that may be served.
final class Flight<Value: Sendable>: Sendable {
    typealias Outcome = Result<CacheResult<Value>, any Error>
    /// Looks for a value that may be served in the load's place at that moment to the owner of a seat.
    typealias StandIn = @Sendable (_ seat: UInt64) -> StandInAnswer<Value>
    typealias Waiter = CheckedContinuation<CacheResult<Value>, any Error>

    struct State {
        var seats = FlightSeats<Value, Waiter>()
        var standIn: StandIn?
        /// What is known of what is being loaded; see ``loads(_:)``.
        var cargo: (@Sendable () -> TagCargo?)?
        /// What is known of what is handed out, and the last seat that may have it however its tags stand; see ``brings(_:upTo:)``.
        var brought: (cargo: TagCargo, seat: UInt64)?
        var onAbandoned: (@Sendable () -> Void)?
        /// Ends the load where it is given up.
        var cancel: (@Sendable () -> Void)?
        /// Whether it is to end as soon as nobody waits for it.
        var isDoomed = false
        /// Its place among the loads for which nobody waits, from the moment on at which nobody did.
        var place: UInt64?
        /// Loads whose seats these are, and which wait for this one until it has its outcome.
        var loads: [UInt64: WaitGraph.Node] = [:]
    }

    let state = Mutex(State())
    /// What it is called among those that wait for each other.
    let node: WaitGraph.Node

    init(node: WaitGraph.Node = WaitGraph.Node()) {
        self.node = node
    }

    // MARK: Waiting

    /// A seat for one who will wait; nil where the load was given up, or what it brings is void already, or may be.
    func takeSeat() -> UInt64? {
        state.withLock { $0.cargo?()?.isGood == false ? nil : $0.seats.takeSeat() }
    }

    /// Waits for the outcome, as long as the caller's patience lasts; throws `CancellationError` when this caller is cancelled.
    func wait(
        in seat: UInt64,
        patience: Patience,
        watch: DeadlineWatch,
        timeSource: any TimeSource
    ) async throws -> CacheResult<Value> {
        var timers: [UInt64] = []
        if !patience.isEndless {
            let now = timeSource.now()
            timers = [
                timer(patience.softEnd, now: now, watch: watch) { self.softTimeout(of: seat) },
                timer(patience.hardEnd, now: now, watch: watch) { self.hardTimeout(of: seat, after: patience.hard) },
            ].compactMap(\.self)
        }
        defer { for timer in timers { watch.remove(timer) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let early = state.withLock { $0.seats.wait(waiter, in: seat) }
                if let early { waiter.resume(with: early) }
            }
        } onCancel: {
            settle(seat, .failure(CancellationError()))
        }
    }

    /// Nil where the time is up already, or never is.
    private func timer(
        _ deadline: MonotonicInstant?,
        now: MonotonicInstant,
        watch: DeadlineWatch,
        end: @escaping @Sendable () -> Void
    ) -> UInt64? {
        guard let deadline else { return nil }
        guard now < deadline else {
            end()
            return nil
        }
        return watch.add(deadline: deadline, now: now, end: end)
    }

    /// The owner of a seat is a load, which waits for this one from now on, until this one has its outcome or the load takes leave of it;
    /// false where this one waits for that already.
    func isAwaited(by load: WaitGraph.Node, in seat: UInt64) -> Bool {
        guard WaitGraph.shared.begin(load, for: node) else { return false }
        let isOver = state.withLock { state in
            if state.seats.outcome == nil { state.loads[seat] = load }
            return state.seats.outcome != nil
        }
        if isOver { WaitGraph.shared.end(load, for: node) }
        return true
    }

    /// The load that has this seat does not wait any more.
    func isAwaitedNoMore(in seat: UInt64) {
        guard let load = state.withLock({ $0.loads.removeValue(forKey: seat) }) else { return }
        WaitGraph.shared.end(load, for: node)
    }

    private func softTimeout(of seat: UInt64) {
        let standIn = state.withLock { state in
            state.seats.becomeImpatient(seat)
            return state.standIn
        }
        if let standIn { serve(seat, from: standIn) }
    }

    /// Gives the owner of a seat what stands in, if anything does.
    private func serve(_ seat: UInt64, from standIn: StandIn) {
        switch standIn(seat) {
        case .value(let value): settle(seat, .success(value))
        case .askAgain: settle(seat, .failure(AskAgain()))
        case .nothing: break
        }
    }

    private func hardTimeout(of seat: UInt64, after timeout: Duration?) {
        let standIn = state.withLock(\.standIn)
        if case .value(let value) = standIn?(seat) { return settle(seat, .success(value)) }
        let error = CacheError(
            .waitTimedOut,
            "the load did not end within \(timeout ?? .zero), and no stale value is at hand; ask again later"
        )
        settle(seat, .failure(error))
    }

    private func settle(_ seat: UInt64, _ outcome: Outcome) {
        let (waiter, onAbandoned) = state.withLock { state in
            let (waiter, isAbandoned) = state.seats.settle(seat, outcome)
            return (waiter, isAbandoned ? state.onAbandoned : nil)
        }
        // Before the caller goes on, so that what it sees then is so.
        onAbandoned?()
        waiter?.resume(with: outcome)
    }

    // MARK: Loading

    /// How the load is ended once it is given up, and what is called each time when the last of those who waited has left.
    func begin(cancel: @escaping @Sendable () -> Void, onAbandoned: @escaping @Sendable () -> Void) {
        let isGivenUp = state.withLock { state in
            // One that has ended already would keep itself alive.
            guard state.seats.outcome == nil else { return false }
            state.cancel = cancel
            state.onAbandoned = onAbandoned
            return state.seats.isGivenUp
        }
        if isGivenUp { cancel() }
    }

    /// Puts a load for which nobody waits in a place, unless it has one that it keeps. False where there is none for it, so that it has to be given up.
    ///
    /// - Parameter take: Takes a place; called under this flight's lock.
    func occupy(_ take: () -> UInt64?) -> Bool {
        state.withLock { state in
            guard state.seats.outcome == nil else { return true }
            if state.place == nil { state.place = take() }
            return state.place != nil && !state.isDoomed
        }
    }

    /// The load is to end as soon as nobody waits for it: now, if so. True if it has been cancelled.
    func doom() -> Bool {
        state.withLock { $0.isDoomed = true }
        return giveUp()
    }

    /// The place that it had, for the caller to free.
    func vacate() -> UInt64? {
        state.withLock { state in
            defer { state.place = nil }
            return state.place
        }
    }

    /// One who has taken a seat does not wait after all.
    func leave(_ seat: UInt64) {
        let onAbandoned = state.withLock { $0.seats.leave(seat) ? $0.onAbandoned : nil }
        onAbandoned?()
    }

    /// How many wait for it, or are about to.
    var openSeats: Int { state.withLock { $0.seats.waiting } }

    /// The number of the seat that was taken last: who comes from now on gets a later one.
    var latestSeat: UInt64 { state.withLock { $0.seats.latest } }

    /// Where those who do not wait any longer get their value from, from now on; nil for nowhere.
    func offer(_ standIn: StandIn?) {
        let impatient = state.withLock { state in
            state.standIn = standIn
            return standIn == nil ? [] : state.seats.impatient
        }
        guard let standIn else { return }
        for seat in impatient { serve(seat, from: standIn) }
    }

    /// The load has ended. What comes after the first outcome is ignored. Who came too late for it, because of tags, has to begin anew.
    func finish(_ outcome: Outcome) {
        let overtaken = Outcome.failure(Overtaken())
        let (waiters, others, loads) = state.withLock { state in
            let last = state.brought.flatMap { $0.cargo.isGood ? nil : $0.seat } ?? .max
            let waiters = state.seats.finish(outcome, after: last, overtaken)
            let others = (state.standIn, state.onAbandoned, state.cancel)
            (state.standIn, state.onAbandoned, state.cancel) = (nil, nil, nil)
            let loads = Array(state.loads.values)
            state.loads = [:]
            return (waiters, others, loads)
        }
        for load in loads { WaitGraph.shared.end(load, for: node) }
        // What they hold may end here, and not under the lock.
        withExtendedLifetime(others) {}
        for waiter in waiters.inTime { waiter.resume(with: outcome) }
        for waiter in waiters.late { waiter.resume(with: overtaken) }
    }

    /// Cancels the load, unless somebody has come to wait for it; nobody is let in any more then.
    func giveUp() -> Bool {
        let (isGivenUp, cancel) = state.withLock { ($0.seats.giveUp(), $0.cancel) }
        if isGivenUp { cancel?() }
        return isGivenUp
    }
}

/// What stands in for a load at a moment.
enum StandInAnswer<Value: Sendable>: Sendable {
    case value(CacheResult<Value>)
    /// A value was read before this caller came, and may have been removed elsewhere since: the caller has to look by itself.
    case askAgain
    case nothing
}

/// See ``StandInAnswer/askAgain``.
struct AskAgain: Error {}

/// How long one caller waits for a load.
struct Patience: Sendable {
    /// After this, a stale value is as welcome.
    var soft: Duration?
    /// After this, nothing but a stale value or an error.
    var hard: Duration?
    /// When the caller came.
    var since: MonotonicInstant

    var isEndless: Bool { soft == nil && hard == nil }
    var softEnd: MonotonicInstant? { soft.map { since.advanced(by: $0) } }
    var hardEnd: MonotonicInstant? { hard.map { since.advanced(by: $0) } }
}
