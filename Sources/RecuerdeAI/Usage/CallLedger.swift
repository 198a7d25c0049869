import Synchronization

/// The money put aside for one question while its provider tries, so that a repeated attempt has money of its own.
///
/// Reaches the provider as a task-local value, since a provider of one's own need not know of it.
final class CallLedger: Sendable {
    /// The ledger of the question that this task puts.
    @TaskLocal static var current: CallLedger?

    private let spending: SpendingGuard
    private let estimate: UInt64
    private let reservations: Mutex<[DailyBudget.Reservation]>

    init(spending: SpendingGuard, estimate: UInt64, reservation: DailyBudget.Reservation) {
        self.spending = spending
        self.estimate = estimate
        reservations = Mutex([reservation])
    }

    /// Makes sure that so many attempts have their money put aside; false where too little is left.
    func allows(attempts: Int) -> Bool {
        reservations.withLock { reservations in
            while reservations.count < attempts {
                guard let reservation = spending.reserve(estimate) else { return false }
                reservations.append(reservation)
            }
            return true
        }
    }

    /// Books what the question came to in place of what was put aside.
    func settle(actual: UInt64) {
        let taken = reservations.withLock { reservations in
            defer { reservations = [] }
            return reservations
        }
        spending.settle(taken, actual: actual)
    }

    /// What is booked for an attempt of which nobody can say what it came to.
    func booked(attempts: Int) -> UInt64 {
        let (product, overflow) = estimate.multipliedReportingOverflow(by: UInt64(max(0, attempts)))
        return overflow ? .max : product
    }
}
