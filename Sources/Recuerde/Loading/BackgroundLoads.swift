import Synchronization

/// The loads for which nobody waits, or did once: bounded in number, and told to end with the cache. One that begins to be in the background
/// during a drain is cancelled.
final class BackgroundLoads: Sendable {
    private struct State {
        /// What cancels each of them.
        var loads: [UInt64: @Sendable () -> Void] = [:]
        var last: UInt64 = 0
        var isClosed = false
        var isDraining = false
        var drained: [CheckedContinuation<Void, Never>] = []
    }

    private let maximum: Int
    private let state = Mutex(State())

    init(maximum: Int) {
        self.maximum = max(0, maximum)
    }

    /// How many there are.
    var count: Int { state.withLock { $0.loads.count } }

    /// Whether all places are taken.
    var isFull: Bool { state.withLock { $0.loads.count >= maximum } }

    /// Whether no other may begin until those that are there have ended.
    var isDraining: Bool { state.withLock(\.isDraining) }

    /// A place; nil where all are taken, or the cache is about to end.
    func take(cancel: @escaping @Sendable () -> Void) -> UInt64? {
        state.withLock { state in
            guard state.loads.count < maximum, !state.isClosed, !state.isDraining else { return nil }
            state.last &+= 1
            state.loads[state.last] = cancel
            return state.last
        }
    }

    /// A load has ended.
    func free(_ place: UInt64) {
        let (gone, drained) = state.withLock { state in
            let gone = state.loads.removeValue(forKey: place)
            guard state.loads.isEmpty else { return (gone, [CheckedContinuation<Void, Never>]()) }
            defer { state.drained = [] }
            return (gone, state.drained)
        }
        withExtendedLifetime(gone) {}
        for waiter in drained { waiter.resume() }
    }

    /// Cancels them all, and lets no other begin.
    func close() {
        state.withLock { $0.isClosed = true }
        cancelAll()
    }

    /// Lets no other begin, and returns when all have ended. To be followed by ``endDrain()``.
    func drain() async {
        await withCheckedContinuation { waiter in
            let isEmpty = state.withLock { state in
                state.isDraining = true
                if !state.loads.isEmpty { state.drained.append(waiter) }
                return state.loads.isEmpty
            }
            if isEmpty { waiter.resume() }
        }
    }

    /// Those that are still under way are cancelled; others may begin again.
    func endDrain() {
        cancelAll()
        state.withLock { $0.isDraining = false }
    }

    private func cancelAll() {
        for cancel in state.withLock({ Array($0.loads.values) }) { cancel() }
    }
}
