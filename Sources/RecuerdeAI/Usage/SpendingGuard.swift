import Recuerde
import Synchronization

/// Prices calls and keeps them within the day's money.
final class SpendingGuard: Sendable {
    /// What a call used and came to.
    struct Price: Sendable, Hashable {
        /// nil where the price is not known.
        var microdollars: UInt64?
        /// The row that it was reckoned with.
        var row: String?
    }

    private let table: PriceTable
    private let fallback: PriceRow
    private let timeSource: any TimeSource
    /// nil where no limit is set.
    private let budget: Mutex<DailyBudget?>

    init(configuration: AIServiceConfiguration, timeSource: any TimeSource) {
        table = configuration.priceTable
        fallback = configuration.unknownModelPrice
        self.timeSource = timeSource
        budget = Mutex(
            configuration.dailyBudgetDollars.map { dollars in
                let held = dollars.isFinite ? min(max(0, dollars), 1_000_000_000) : 0
                return DailyBudget(limitMicrodollars: UInt64((held * 1_000_000).rounded()), at: timeSource.unixTime())
            }
        )
    }

    var status: BudgetStatus? {
        budget.withLock { $0?.status(at: timeSource.unixTime()) }
    }

    /// Puts aside what a request may come to at most: its bytes over three in tokens (text in Latin script takes some
    /// four bytes a token, so this errs upwards), and every token that the model may write.
    ///
    /// - Returns: nil where no limit is set.
    /// - Throws: ``ProviderError`` with code `budgetSpent`.
    func ledger(for request: ProviderRequest, provider: String) throws(ProviderError) -> CallLedger? {
        guard budget.withLock({ $0 != nil }) else { return nil }
        let estimate = estimate(for: request, provider: provider)
        guard let reservation = reserve(estimate) else {
            throw ProviderError(.budgetSpent, message: "the day's money is spent, or too little is left for this call")
        }
        return CallLedger(spending: self, estimate: estimate, reservation: reservation)
    }

    /// Puts a sum aside; nil where too little is left.
    func reserve(_ microdollars: UInt64) -> DailyBudget.Reservation? {
        budget.withLock { $0?.reserve(microdollars, at: timeSource.unixTime()) }
    }

    /// What tokens came to.
    func price(of usage: TokenUsage?, provider: String, model: String) -> Price {
        guard let usage, let row = row(provider: provider, model: model, inputTokens: usage.totalInput) else {
            return Price()
        }
        return Price(microdollars: row.microdollars(for: usage), row: row.id)
    }

    /// Books a question that has ended: what its tokens came to, at the conservative price where theirs is not known,
    /// and the whole estimate for each attempt that may have been billed although its tokens are not known.
    func settle(
        _ ledger: CallLedger?,
        request: ProviderRequest,
        provider: String,
        usage: TokenUsage?,
        unaccountedAttempts: Int
    ) {
        guard let ledger else { return }
        let known = usage.map { usage in
            let row = row(provider: provider, model: request.model, inputTokens: usage.totalInput) ?? fallback
            return row.microdollars(for: usage)
        }
        let (sum, overflow) = (known ?? 0).addingReportingOverflow(ledger.booked(attempts: unaccountedAttempts))
        ledger.settle(actual: overflow ? .max : sum)
    }

    /// Replaces the sums that were put aside for one question with what it came to.
    func settle(_ reservations: [DailyBudget.Reservation], actual: UInt64) {
        budget.withLock { budget in
            // The last one belongs to the day on which the question ended.
            for (index, reservation) in reservations.enumerated() {
                budget?.settle(reservation, actual: index == reservations.count - 1 ? actual : 0)
            }
        }
    }

    private func estimate(for request: ProviderRequest, provider: String) -> UInt64 {
        let input = (request.system.utf8.count + request.user.utf8.count) / 3 + 16
        let usage = TokenUsage(input: input, output: request.maximumTokens)
        let row = row(provider: provider, model: request.model, inputTokens: input) ?? fallback
        return row.microdollars(for: usage)
    }

    private func row(provider: String, model: String, inputTokens: Int) -> PriceRow? {
        table.row(provider: provider, model: model, inputTokens: inputTokens, at: timeSource.unixTime())
    }
}
