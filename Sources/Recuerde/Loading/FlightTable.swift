import Synchronization

/// The flights of a cache, by key. A key whose entry is written or removed lets go of its flights: who waits for them
/// still gets their outcome, and who comes later does not join them.
final class FlightTable: Sendable {
    /// What makes two calls for one key the same flight.
    struct Purpose: Hashable, Sendable {
        var type: ObjectIdentifier
        var refreshes: Bool
        /// A load before its time: nobody joins it who has something fresh to be served.
        var isEarly = false
    }

    private struct State {
        var flights: [CacheKey: [Purpose: any AnyObject & Sendable]] = [:]
    }

    private let state = Mutex(State())
    /// Changed under the lock, and read without it by who has just written a key. Either a flight lays its guard in memory after that
    /// write, and then it begins after it; or it does so before, and then that lock makes its count seen here.
    private let runningNow = Atomic(0)

    /// The flight to wait for, a seat in it, and whether the caller is the one who has to start it.
    ///
    /// - Parameter node: What a new one is called among those that wait for each other; nil for a name of its own.
    func join<Value>(
        _ key: CacheKey,
        purpose: Purpose,
        as type: Value.Type,
        node: WaitGraph.Node? = nil
    ) -> (flight: Flight<Value>, seat: UInt64, isNew: Bool) {
        state.withLock { state in
            if let present = state.flights[key]?[purpose] as? Flight<Value>, let seat = present.takeSeat() {
                return (present, seat, false)
            }
            let flight = add(Flight<Value>(node: node ?? WaitGraph.Node()), key, purpose, &state)
            // A new one has not been given up, so there is a seat; and whoever waits in none is told at once.
            return (flight, flight.takeSeat() ?? 0, true)
        }
    }

    /// A seat in a flight that there is.
    func joinPresent<Value>(
        _ key: CacheKey,
        purpose: Purpose,
        as type: Value.Type
    ) -> (flight: Flight<Value>, seat: UInt64)? {
        state.withLock { state in
            guard let flight = state.flights[key]?[purpose] as? Flight<Value>, let seat = flight.takeSeat() else {
                return nil
            }
            return (flight, seat)
        }
    }

    /// The tags of a flight that nobody is let into before it is known whether one of them has been invalidated.
    func doubtfulTags<Value: Sendable>(_ key: CacheKey, purpose: Purpose, as type: Value.Type) -> [TagMark] {
        state.withLock { state in
            guard let cargo = (state.flights[key]?[purpose] as? Flight<Value>)?.cargo, cargo.isInDoubt else {
                return []
            }
            return cargo.sets.flatMap(\.marks)
        }
    }

    /// A flight that nobody waits for; nil where there is one of the key already.
    func launch<Value>(_ key: CacheKey, purpose: Purpose, as type: Value.Type) -> Flight<Value>? {
        state.withLock { state in
            state.flights[key] == nil ? add(Flight<Value>(), key, purpose, &state) : nil
        }
    }

    private func add<Value>(
        _ flight: Flight<Value>,
        _ key: CacheKey,
        _ purpose: Purpose,
        _ state: inout State
    ) -> Flight<Value> {
        state.flights[key, default: [:]][purpose] = flight
        runningNow.wrappingAdd(1, ordering: .relaxed)
        return flight
    }

    /// Whether who comes now would join this flight.
    func holds(_ flight: AnyObject, _ key: CacheKey, purpose: Purpose) -> Bool {
        state.withLock { $0.flights[key]?[purpose] === flight }
    }

    /// Lets a flight be joined again that was let go of before its load had begun; false where another has taken its place.
    func rejoin(_ flight: any AnyObject & Sendable, _ key: CacheKey, purpose: Purpose) -> Bool {
        state.withLock { state in
            guard let present = state.flights[key]?[purpose] else {
                state.flights[key, default: [:]][purpose] = flight
                return true
            }
            return present === flight
        }
    }

    /// A flight has ended, or must not be joined any more.
    func leave(_ key: CacheKey, purpose: Purpose, flight: AnyObject) {
        state.withLock { state in
            guard state.flights[key]?[purpose] === flight else { return }
            state.flights[key]?[purpose] = nil
            if state.flights[key]?.isEmpty == true { state.flights[key] = nil }
        }
    }

    /// A flight's work is over.
    func landed() {
        runningNow.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Whoever comes from now on starts a flight of their own.
    func detach(_ key: CacheKey) {
        guard running > 0 else { return }
        state.withLock { $0.flights[key] = nil }
    }

    func detachAll() {
        state.withLock { $0.flights = [:] }
    }

    func contains(_ key: CacheKey) -> Bool {
        state.withLock { $0.flights[key] != nil }
    }

    /// The flights of a key, and how many wait for each. For operators.
    func present(_ key: CacheKey) -> [(purpose: Purpose, waiting: Int)] {
        state.withLock { state in
            (state.flights[key] ?? [:]).map { ($0.key, ($0.value as? any SeatedFlight)?.openSeats ?? 0) }
        }
    }

    /// Whether there is a flight of the key for this purpose.
    func contains(_ key: CacheKey, purpose: Purpose) -> Bool {
        state.withLock { $0.flights[key]?[purpose] != nil }
    }

    /// Flights whose work is not over yet, detached ones included.
    var running: Int {
        runningNow.load(ordering: .relaxed)
    }
}

/// A flight whose type of value does not matter.
protocol SeatedFlight: AnyObject, Sendable {
    /// How many wait for it, or are about to.
    var openSeats: Int { get }
}

extension Flight: SeatedFlight {}
