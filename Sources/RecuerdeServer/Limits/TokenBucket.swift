import Recuerde

/// A token bucket: so many tokens at most, refilled evenly.
///
/// Kept in nanoseconds of refill time, so that it neither rounds nor overflows.
struct TokenBucket: Sendable, Hashable {
    /// Up to when refilling is counted in `credit`.
    private var refilled: MonotonicInstant

    /// Makes a full bucket.
    init(_ rate: Rate, now: MonotonicInstant) {
        refilled = now
        credit = rate.full
    }

    /// Negative while a cost beyond the capacity is being paid off.
    private var credit: Int64

    /// How many tokens there are at most, and how fast they come back.
    struct Rate: Sendable, Hashable {
        let capacity: Int
        /// Nanoseconds until one more token is there.
        let interval: Int64

        /// As many tokens as `perMinute`, refilled in one minute.
        init(perMinute: Int) {
            capacity = min(max(perMinute, 1), 1_000_000)
            interval = 60_000_000_000 / Int64(capacity)
        }

        fileprivate var full: Int64 { Int64(capacity) * interval }

        /// What `tokens` cost; held to a million, so that nothing overflows.
        fileprivate func price(_ tokens: Int) -> Int64 { Int64(min(max(tokens, 0), 1_000_000)) * interval }
    }

    /// Takes `cost` tokens, or says how long to wait until it can.
    ///
    /// A full bucket gives any cost, since a larger one would never be given otherwise; what it did not have is owed, and
    /// is paid off before anything else is given.
    /// - Parameter needed: How many tokens have to be there for that; as many as are taken unless said otherwise.
    mutating func take(_ cost: Int, ifThereAre needed: Int? = nil, rate: Rate, now: MonotonicInstant) -> Duration? {
        if let wait = wait(for: needed ?? cost, rate: rate, now: now) { return wait }
        credit -= rate.price(cost)
        return nil
    }

    /// How long until `cost` tokens are there, or all that there can be; `nil` if they are.
    mutating func wait(for cost: Int, rate: Rate, now: MonotonicInstant) -> Duration? {
        refill(rate: rate, now: now)
        let price = min(rate.price(cost), rate.full)
        return credit >= price ? nil : .nanoseconds(price - credit)
    }

    private mutating func refill(rate: Rate, now: MonotonicInstant) {
        // A clock that is read by several threads may seem to step back: no credit then, and none taken away.
        guard now > refilled else { return }
        let elapsed = refilled.duration(to: now).saturatedNanoseconds
        refilled = now
        credit = elapsed >= rate.full - min(credit, rate.full) ? rate.full : credit + elapsed
    }
}
