/// How much shorter than said an entry stays fresh, by chance, so that a fleet which has loaded in one moment does not load again in one
/// moment.
///
/// It takes time away and never adds any: an entry is fresh for its time to live at most, and for half of it at least, however large the
/// jitter is. How long it may stand in after that stays as it is, and so does the pause after a failure. The die is thrown once for each
/// entry that is kept, and both tiers keep it with what came of that. ``Cache/touch(_:timeToLive:maximumStaleness:)`` throws none.
public struct Jitter: Sendable, Hashable {
    private enum Wrapped: Hashable {
        case fraction(Double)
        case duration(Duration)
    }

    private let wrapped: Wrapped

    /// None: an entry is fresh for exactly its time to live.
    public static let none = Jitter(wrapped: .fraction(0))

    /// Up to this share of the time to live, 0 to 0.5; what is below or above counts as that, and what is no number as none.
    public static func fraction(_ fraction: Double) -> Jitter {
        Jitter(wrapped: .fraction(fraction))
    }

    /// Up to this time, and half the time to live at most; less than zero counts as none.
    public static func upTo(_ duration: Duration) -> Jitter {
        Jitter(wrapped: .duration(duration))
    }

    /// Whether it never takes anything away.
    var isNone: Bool {
        guard case .fraction(let fraction) = wrapped else { return false }
        return !(fraction > 0)
    }

    /// The most that it may take of a life, in microseconds.
    private func most(of life: Int64) -> Int64 {
        let half = life / 2
        switch wrapped {
        case .fraction(let fraction): return fraction > 0 ? min(half, Int64(Double(life) * min(fraction, 0.5))) : 0
        case .duration(let duration): return min(half, max(0, duration.saturatedMicroseconds))
        }
    }

    /// What it takes of a life of at most a century.
    ///
    /// - Parameter chance: A number in 0 ..< 1; what is not counts as the nearest.
    func cut(of life: Duration, chance: Double) -> Duration {
        let chance = chance > 0 ? min(chance, 1) : 0
        return .microseconds(Int64(Double(most(of: life.saturatedMicroseconds)) * chance))
    }

    /// Whether it says more than it can do.
    var isOutOfRange: Bool {
        switch wrapped {
        case .fraction(let fraction): !(fraction >= 0 && fraction <= 0.5)
        case .duration(let duration): duration < .zero
        }
    }

    /// Whether it would take more than half of a life.
    func isTooMuch(for life: Duration) -> Bool {
        guard case .duration(let duration) = wrapped else { return false }
        return duration > life / 2
    }
}
