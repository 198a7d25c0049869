import Recuerde
import Synchronization

/// Counts what was asked of the provider and what hits saved. One short lock: calls to a provider are rare, and a hit
/// takes it once.
final class UsageRecorder: Sendable {
    /// More rows than this are counted together under `other`, so that the table of counts is bounded.
    private static let maximumRows = 64

    private struct State {
        var usage = UsageSnapshot()
        var savings = Savings()
    }

    private let state = Mutex(State())

    var usage: UsageSnapshot {
        state.withLock { $0.usage }
    }

    var savings: Savings {
        state.withLock { $0.savings }
    }

    /// Counts a call that has ended; `microdollars` is nil where its price is not known.
    func callEnded(kind: AnswerKind, outcome: String, attempts: Int, usage: TokenUsage?, microdollars: UInt64?) {
        count(kind) { counters in
            counters.calls += 1
            counters.outcomes[outcome, default: 0] += 1
            counters.attempts += attempts
            guard let usage else { return }
            counters.tokensIn += usage.totalInput
            counters.tokensOut += usage.output
            if let microdollars {
                counters.microdollars = Self.sum(counters.microdollars, microdollars)
            } else {
                counters.unpricedCalls += 1
            }
        }
    }

    /// Counts a question that was not put to the provider.
    func refused(kind: AnswerKind, reason: String) {
        count(kind) { $0.refusals[reason, default: 0] += 1 }
    }

    /// Counts an answer that the tutor gave in the provider's place.
    func standIn(kind: AnswerKind, reason: AnswerProvenance.Reason) {
        count(kind) { $0.standIns[reason.rawValue, default: 0] += 1 }
    }

    /// Counts an answer of a provider that the cache gave. `priceRow` is nil where the price was not known; `savesTime`
    /// is false for whoever waited for another's call.
    func hit(cost: LoadCost?, priceRow: String?, savesTime: Bool) {
        state.withLock { state in
            state.savings.calls += 1
            if let cost {
                state.savings.tokensIn += Int(cost.tokensIn)
                state.savings.tokensOut += Int(cost.tokensOut)
                if savesTime { state.savings.duration += cost.duration }
            }
            guard let cost, let priceRow else {
                state.savings.unpricedCalls += 1
                return
            }
            state.savings.microdollars = Self.sum(state.savings.microdollars, cost.microdollars)
            let rows = state.savings.callsByPriceRow
            let row = rows[priceRow] != nil || rows.count < Self.maximumRows ? priceRow : "other"
            state.savings.callsByPriceRow[row, default: 0] += 1
        }
    }

    private func count(_ kind: AnswerKind, _ change: (inout UsageSnapshot.Counters) -> Void) {
        state.withLock { state in
            change(&state.usage.total)
            change(&state.usage.perKind[kind.rawValue, default: .init()])
        }
    }

    private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
