import Synchronization

/// One load in progress, and all who wait for it.
///
/// Whoever waits can leave at any time without harm to the load or to the others; each waiter is resumed exactly once.
final class Flight<Value: Sendable>: Sendable {
    typealias Outcome = Result<CacheResult<Value>, any Error>
    private typealias Waiter = CheckedContinuation<CacheResult<Value>, any Error>

    private struct State {
        /// Nil until the load has ended.
        var outcome: Outcome?
        var waiters: [UInt64: Waiter] = [:]
        /// Waiters that were cancelled before they had got to wait.
        var leftEarly: Set<UInt64> = []
        var lastWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Waits for the outcome; throws `CancellationError` when this caller is cancelled.
    func wait() async throws -> CacheResult<Value> {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let early: Outcome? = state.withLock { state in
                    if let outcome = state.outcome { return outcome }
                    if state.leftEarly.remove(number) != nil { return .failure(CancellationError()) }
                    state.waiters[number] = waiter
                    return nil
                }
                if let early { waiter.resume(with: early) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                if let waiter = state.waiters.removeValue(forKey: number) { return waiter }
                if state.outcome == nil { state.leftEarly.insert(number) }
                return nil
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// The load has ended. What comes after the first outcome is ignored.
    func finish(_ outcome: Outcome) {
        let waiters = state.withLock { state -> [Waiter] in
            guard state.outcome == nil else { return [] }
            state.outcome = outcome
            defer {
                state.waiters = [:]
                state.leftEarly = []
            }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(with: outcome) }
    }
}
