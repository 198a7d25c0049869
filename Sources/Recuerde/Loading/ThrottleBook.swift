import Synchronization

/// Keys whose loads have failed of late while a stale value was there to be served: they are not loaded again for a while.
///
/// Bounded: where it is full, what is over goes first, and then nothing is taken in, so that the key is loaded as if it had not failed.
final class ThrottleBook: Sendable {
    private let limit: Int
    private struct State {
        var until: [CacheKey: MonotonicInstant] = [:]
        /// Nothing that is there is over before this.
        var nextSweep = MonotonicInstant.distantFuture
    }

    private let state = Mutex(State())
    /// Read without the lock by those who find nothing stale to serve, which is nearly everybody.
    private let count = Atomic(0)

    init(limit: Int = 10_000) {
        self.limit = limit
    }

    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    func add(_ key: CacheKey, until end: MonotonicInstant, now: MonotonicInstant) {
        state.withLock { state in
            if state.until[key] == nil, state.until.count >= limit, state.nextSweep <= now {
                state.until = state.until.filter { now < $0.value }
                state.nextSweep = state.until.values.min() ?? .distantFuture
            }
            guard state.until[key] != nil || state.until.count < limit else { return }
            state.until[key] = end
            state.nextSweep = min(state.nextSweep, end)
            count.store(state.until.count, ordering: .relaxed)
        }
    }

    func remove(_ key: CacheKey) {
        guard !isEmpty else { return }
        state.withLock { state in
            state.until[key] = nil
            count.store(state.until.count, ordering: .relaxed)
        }
    }

    func removeAll() {
        guard !isEmpty else { return }
        state.withLock { state in
            state.until = [:]
            count.store(0, ordering: .relaxed)
        }
    }

    /// For how long the key is not to be loaded; nil where it may be. For operators: changes nothing.
    func pause(of key: CacheKey, now: MonotonicInstant) -> Duration? {
        guard !isEmpty else { return nil }
        return state.withLock { state in state.until[key].flatMap { now < $0 ? now.duration(to: $0) : nil } }
    }

    /// Whether the key is not to be loaded now.
    func holds(_ key: CacheKey, now: MonotonicInstant) -> Bool {
        guard !isEmpty else { return false }
        return state.withLock { state in
            guard let end = state.until[key] else { return false }
            if now < end { return true }
            state.until[key] = nil
            count.store(state.until.count, ordering: .relaxed)
            return false
        }
    }
}
