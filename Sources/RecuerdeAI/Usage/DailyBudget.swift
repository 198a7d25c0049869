import Recuerde

/// The day's money: reserved before a call, settled after it, so that calls at once cannot overrun it together.
///
/// It lives in memory: each process has its own, and a restart begins it anew.
///
/// Free of I/O and clocks. A day is one of UTC. Where the clock is set back by less than a day, the day goes on, since
/// a second budget for the same day would be wrong; further back, the clock was wrong before, and what is spent stays
/// spent until the next day.
struct DailyBudget: Sendable {
    /// What a call may come to; goes back through ``settle(_:actual:)`` exactly once.
    struct Reservation: Sendable, Hashable {
        fileprivate var generation: UInt64
        fileprivate var microdollars: UInt64
    }

    let limit: UInt64
    private var day: CivilDay
    /// Grows with each new day; a clock that is set back begins none.
    private var generation: UInt64 = 0
    private var spent: UInt64 = 0
    private var reserved: UInt64 = 0
    /// What was asked for last, where it was refused.
    private var refused: UInt64?

    init(limitMicrodollars: UInt64, at time: UnixTime) {
        limit = limitMicrodollars
        day = CivilDay(time)
    }

    /// Puts money aside for a call; nil where too little is left.
    mutating func reserve(_ microdollars: UInt64, at time: UnixTime) -> Reservation? {
        turn(to: CivilDay(time))
        guard allows(microdollars) else {
            refused = microdollars
            return nil
        }
        refused = nil
        reserved += microdollars
        return Reservation(generation: generation, microdollars: microdollars)
    }

    /// Replaces what was put aside with what the call came to. What belongs to a day that is over changes nothing.
    mutating func settle(_ reservation: Reservation, actual: UInt64) {
        guard reservation.generation == generation else { return }
        reserved -= min(reserved, reservation.microdollars)
        let (sum, overflow) = spent.addingReportingOverflow(actual)
        spent = overflow ? .max : sum
    }

    /// How much is gone.
    mutating func status(at time: UnixTime) -> BudgetStatus {
        turn(to: CivilDay(time))
        return BudgetStatus(
            limitMicrodollars: limit,
            spentMicrodollars: spent,
            reservedMicrodollars: reserved,
            isRefusing: refused.map { !allows($0) } ?? false
        )
    }

    private func allows(_ microdollars: UInt64) -> Bool {
        let (committed, overflow) = spent.addingReportingOverflow(reserved)
        return !overflow && spent < limit && committed <= limit && microdollars <= limit - committed
    }

    private mutating func turn(to today: CivilDay) {
        if today > day {
            day = today
            generation &+= 1
            spent = 0
            reserved = 0
            refused = nil
        } else if today.number < day.number - 1 {
            day = today
        }
    }
}
