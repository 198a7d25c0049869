/// How long an entry lives: fresh until its logical expiry, then stale until its physical one.
struct Lifetime: Sendable, Hashable {
    /// A century: what is meant to live for ever is held to this, which Redis and all arithmetic can take.
    static let longest: Duration = .seconds(36_525 * 86_400)

    /// Time until logical expiry. Above zero.
    let fresh: Duration
    /// Time until physical expiry, at least ``fresh``.
    let total: Duration

    /// Clamps what was asked for; nil where the entry must not be kept at all.
    ///
    /// Microseconds are the finest unit that travels, so a shorter time to live is none.
    init?(timeToLive: Duration, maximumStaleness: Duration) {
        guard timeToLive >= .microseconds(1) else { return nil }
        let fresh = min(timeToLive, Self.longest)
        self.fresh = fresh
        self.total = min(fresh + min(max(.zero, maximumStaleness), Self.longest), Self.longest)
    }

    private init(fresh: Duration, total: Duration) {
        self.fresh = fresh
        self.total = total
    }

    /// The same, fresh for less time; past that it stands in for as long as before.
    func cut(by jitter: Jitter, chance: Double) -> Lifetime {
        let cut = jitter.cut(of: fresh, chance: chance)
        return Lifetime(fresh: fresh - cut, total: total - cut)
    }
}
