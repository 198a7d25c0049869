/// Who waits for a load, and what each of them gets. Free of I/O: what it returns is for the caller to carry out.
///
/// Everybody who wants the outcome takes a seat first, and waits in it then; what happens to a seat in between is kept there.
struct FlightSeats<Value: Sendable, Waiter> {
    typealias Outcome = Result<CacheResult<Value>, any Error>

    private enum Seat {
        /// Taken; goes to waiting, or to settled.
        case taken(isImpatient: Bool)
        /// Goes away with its outcome.
        case waiting(Waiter, isImpatient: Bool)
        /// Has its outcome before its owner has come to wait for it.
        case settled(Outcome)
    }

    private var seats: [UInt64: Seat] = [:]
    private var lastSeat: UInt64 = 0
    /// Seats that have no outcome yet.
    private var open = 0
    /// How many seats there are.
    var count: Int { seats.count }
    /// The number of the seat that was taken last.
    var latest: UInt64 { lastSeat }
    private(set) var outcome: Outcome?
    /// Seats that were taken after this one have an outcome of their own.
    private var latecomers: (after: UInt64, outcome: Outcome)?
    /// How many wait for the load, or are about to.
    var waiting: Int { open }
    /// Nobody may take a seat any more: the load was given up.
    private(set) var isGivenUp = false

    /// A seat; nil where the load was given up, so that another has to be started.
    mutating func takeSeat() -> UInt64? {
        guard !isGivenUp else { return nil }
        lastSeat &+= 1
        seats[lastSeat] = .taken(isImpatient: false)
        open += 1
        return lastSeat
    }

    /// The owner of a seat has come to wait; returns what is there for it already.
    mutating func wait(_ waiter: Waiter, in number: UInt64) -> Outcome? {
        if case .settled(let outcome) = seats[number] {
            seats[number] = nil
            return outcome
        }
        if let outcome = outcome(of: number) {
            if seats.removeValue(forKey: number) != nil { open -= 1 }
            return outcome
        }
        guard case .taken(let isImpatient) = seats[number] else { return .failure(CancellationError()) }
        seats[number] = .waiting(waiter, isImpatient: isImpatient)
        return nil
    }

    /// A seat gets an outcome of its own. Returns who waits in it; and whether nobody waits for the load any more.
    mutating func settle(_ number: UInt64, _ outcome: Outcome) -> (waiter: Waiter?, isAbandoned: Bool) {
        guard self.outcome == nil else { return (nil, false) }
        switch seats[number] {
        case .waiting(let waiter, _):
            seats[number] = nil
            open -= 1
            return (waiter, open == 0)
        case .taken:
            seats[number] = .settled(outcome)
            open -= 1
            return (nil, open == 0)
        case .settled, nil:
            return (nil, false)
        }
    }

    /// The owner of a seat goes without an outcome; nobody ever waits in it. Returns whether nobody wants the load any more.
    mutating func leave(_ number: UInt64) -> Bool {
        switch seats[number] {
        case .taken:
            seats[number] = nil
            open -= 1
            return open == 0 && outcome == nil
        case .settled:
            seats[number] = nil
            return false
        case .waiting, nil:
            return false
        }
    }

    /// The owner of a seat takes a stale value as soon as there is one.
    mutating func becomeImpatient(_ number: UInt64) {
        switch seats[number] {
        case .waiting(let waiter, _): seats[number] = .waiting(waiter, isImpatient: true)
        case .taken: seats[number] = .taken(isImpatient: true)
        case .settled, nil: break
        }
    }

    /// The seats of all who are.
    var impatient: [UInt64] {
        seats.compactMap { number, seat in
            switch seat {
            case .waiting(_, isImpatient: true), .taken(isImpatient: true): number
            case .waiting, .taken, .settled: nil
            }
        }
    }

    /// The load has ended. Returns who waits. What comes after the first outcome is ignored.
    mutating func finish(_ outcome: Outcome) -> [Waiter] {
        finish(outcome, after: .max, outcome).inTime
    }

    /// The same, with another outcome for the seats that were taken after the one of this number.
    mutating func finish(
        _ outcome: Outcome,
        after last: UInt64,
        _ others: Outcome
    ) -> (inTime: [Waiter], late: [Waiter]) {
        guard self.outcome == nil else { return ([], []) }
        self.outcome = outcome
        latecomers = (last, others)
        var (inTime, late): ([Waiter], [Waiter]) = ([], [])
        for (number, seat) in seats {
            guard case .waiting(let waiter, _) = seat else { continue }
            if number > last { late.append(waiter) } else { inTime.append(waiter) }
            seats[number] = nil
            open -= 1
        }
        return (inTime, late)
    }

    private func outcome(of number: UInt64) -> Outcome? {
        guard let outcome else { return nil }
        return latecomers.flatMap { number > $0.after ? $0.outcome : nil } ?? outcome
    }

    /// Nobody waits and nobody is to be let in any more; false where somebody has come, or the load has ended.
    mutating func giveUp() -> Bool {
        guard open == 0, outcome == nil, !isGivenUp else { return false }
        isGivenUp = true
        return true
    }
}
