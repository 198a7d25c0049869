import Synchronization

/// Keys whose loads have failed of late while a stale value was there to be served: they are not loaded again for a while.
///
/// Bounded: where it is full, what is over goes first, and then nothing is taken in, so that the key is loaded as if it had not failed.
final class ThrottleBook: Sendable {
    private let limit: Int
    private let until = Mutex<[CacheKey: MonotonicInstant]>([:])
    /// Read without the lock by those who find nothing stale to serve, which is nearly everybody.
    private let count = Atomic(0)

    init(limit: Int = 10_000) {
        self.limit = limit
    }

    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    func add(_ key: CacheKey, until end: MonotonicInstant, now: MonotonicInstant) {
        until.withLock { until in
            if until[key] == nil, until.count >= limit { until = until.filter { now < $0.value } }
            if until[key] != nil || until.count < limit { until[key] = end }
            count.store(until.count, ordering: .relaxed)
        }
    }

    func remove(_ key: CacheKey) {
        guard !isEmpty else { return }
        until.withLock { until in
            until[key] = nil
            count.store(until.count, ordering: .relaxed)
        }
    }

    /// Whether the key is not to be loaded now.
    func holds(_ key: CacheKey, now: MonotonicInstant) -> Bool {
        guard !isEmpty else { return false }
        return until.withLock { until in
            guard let end = until[key] else { return false }
            if now < end { return true }
            until[key] = nil
            count.store(until.count, ordering: .relaxed)
            return false
        }
    }
}
