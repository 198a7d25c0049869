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
    func reserve(
        for request: ProviderRequest,
        provider: String
    ) throws(ProviderError) -> DailyBudget.Reservation? {
        let estimate = estimate(for: request, provider: provider)
        let (isLimited, reservation) = budget.withLock { budget in
            (budget != nil, budget?.reserve(estimate, at: timeSource.unixTime()))
        }
        guard !isLimited || reservation != nil else {
            throw ProviderError(.budgetSpent, message: "the day's money is spent, or too little is left for this call")
        }
        return reservation
    }

    /// What tokens came to.
    func price(of usage: TokenUsage?, provider: String, model: String) -> Price {
        guard let usage, let row = row(provider: provider, model: model, inputTokens: usage.totalInput) else {
            return Price()
        }
        return Price(microdollars: row.microdollars(for: usage), row: row.id)
    }

    /// Books a call that has ended. Tokens of an unknown price are booked at the conservative one, and a call that may
    /// have been billed although its tokens are not known is booked at the whole estimate.
    func settle(
        _ reservation: DailyBudget.Reservation?,
        request: ProviderRequest,
        provider: String,
        usage: TokenUsage?,
        mayHaveBeenBilled: Bool
    ) {
        guard let reservation else { return }
        let actual: UInt64
        if let usage {
            let row = row(provider: provider, model: request.model, inputTokens: usage.totalInput) ?? fallback
            actual = row.microdollars(for: usage)
        } else {
            actual = mayHaveBeenBilled ? estimate(for: request, provider: provider) : 0
        }
        budget.withLock { $0?.settle(reservation, actual: actual) }
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
