/// Keys whose copies in memory are to be checked against the remote tier, each once, and whether somebody is at it. Free of I/O.
struct VerificationQueue {
    /// What is served unverified beyond this waits for its next hit.
    static let limit = 10_000
    /// So many are checked in one exchange.
    static let part = 128

    private var waiting: Set<CacheKey> = []
    private var isBusy = false

    var count: Int { waiting.count }

    /// True if the caller has to begin.
    mutating func add(_ key: CacheKey) -> Bool {
        if waiting.count < Self.limit { waiting.insert(key) }
        if isBusy { return false }
        isBusy = true
        return true
    }

    /// The next ones; empty where none are left, and then nobody is at it any more.
    mutating func take() -> [CacheKey] {
        let part = Array(waiting.prefix(Self.part))
        waiting.subtract(part)
        isBusy = !part.isEmpty
        return part
    }

    /// The remote tier does not answer: nobody is at it any more, and nobody waits.
    mutating func giveUp() {
        waiting = []
        isBusy = false
    }
}
