import Synchronization

/// One load for several keys, each of which has a flight of its own, so that whoever wants one of them can join it.
///
/// It goes on for as long as somebody waits for any of them. When nobody does, it takes one place among the loads in the background, or is
/// cancelled where there is none; and with it all of its flights are given up.
final class BulkFlight<Value: Sendable>: Sendable {
    private struct State {
        /// Those that have no outcome yet.
        var open: [CacheKey: Flight<Value>] = [:]
        /// Among them those that were left by all who had waited; somebody may have come again.
        var deserted: Set<CacheKey> = []
        /// Among them those that nobody can join any more.
        var givenUp: Set<CacheKey> = []
        var task: Task<Void, Never>?
        var place: UInt64?
        /// Whether it is to end as soon as nobody waits.
        var isDoomed = false

        /// The task, where all that it has to do yet was given up.
        var unwanted: Task<Void, Never>? { !open.isEmpty && givenUp.count == open.count ? task : nil }
    }

    private let state = Mutex(State())
    /// What all of its flights are called among those that wait for each other: what one waits for, all do.
    let node = WaitGraph.Node()
    /// A flight that was given up is to be joined no more.
    private let onGivenUp: @Sendable (CacheKey, Flight<Value>) -> Void

    init(onGivenUp: @escaping @Sendable (CacheKey, Flight<Value>) -> Void) {
        self.onGivenUp = onGivenUp
    }

    /// Before it begins.
    func add(_ key: CacheKey, _ flight: Flight<Value>) {
        state.withLock { $0.open[key] = flight }
    }

    /// Who carries it out.
    ///
    /// - Parameters:
    ///   - task: To be cancelled where it is given up.
    ///   - takePlace: A place in the background; nil where there is none.
    func begin(_ task: Task<Void, Never>, takePlace: @escaping @Sendable () -> UInt64?) {
        let open = state.withLock { state in
            if !state.open.isEmpty { state.task = task }
            return state.open
        }
        for (key, flight) in open {
            flight.begin(
                cancel: { self.gaveUp(key) },
                onAbandoned: {
                    self.state.withLock { state in
                        if state.open[key] != nil { state.deserted.insert(key) }
                    }
                    self.settle(takePlace)
                }
            )
        }
    }

    /// The flight of a key has its outcome now, which is for the caller to tell; nil where it had one before.
    func land(_ key: CacheKey) -> Flight<Value>? {
        let (flight, task) = state.withLock { state in
            state.deserted.remove(key)
            state.givenUp.remove(key)
            let flight = state.open.removeValue(forKey: key)
            return (flight, state.unwanted)
        }
        task?.cancel()
        return flight
    }

    /// Gives it up, or finds it a place, where nobody waits for any of its flights.
    func settle(_ takePlace: @escaping @Sendable () -> UInt64?) {
        let open = state.withLock { state in
            !state.open.isEmpty && state.deserted.count == state.open.count ? state.open : [:]
        }
        guard !open.isEmpty else { return }
        for (key, flight) in open where flight.openSeats > 0 {
            // Somebody came again, and will tell when they leave.
            state.withLock { _ = $0.deserted.remove(key) }
            if flight.openSeats > 0 { return }
            state.withLock { state in
                if state.open[key] != nil { state.deserted.insert(key) }
            }
        }
        let goesOn = state.withLock { state in
            if state.place == nil { state.place = takePlace() }
            return state.place != nil && !state.isDoomed
        }
        if !goesOn { giveUp(open) { $0.giveUp() } }
    }

    /// It is to end as soon as nobody waits.
    func doom() {
        let open = state.withLock { state in
            state.isDoomed = true
            return state.open
        }
        giveUp(open) { $0.doom() }
    }

    private func giveUp(_ open: [CacheKey: Flight<Value>], _ giveUp: (Flight<Value>) -> Bool) {
        for (key, flight) in open where giveUp(flight) { onGivenUp(key, flight) }
    }

    private func gaveUp(_ key: CacheKey) {
        let task = state.withLock { state in
            if state.open[key] != nil { state.givenUp.insert(key) }
            return state.unwanted
        }
        task?.cancel()
    }

    /// It has ended. Returns the place that it had, for the caller to free.
    func end() -> UInt64? {
        state.withLock { state in
            defer { (state.task, state.place) = (nil, nil) }
            return state.place
        }
    }
}
