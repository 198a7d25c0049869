import Synchronization

/// Wakes one who waits; a call that comes before the wait is not lost.
final class WakeSignal: Sendable {
    private struct State {
        var isSet = false
        var waiter: CheckedContinuation<Void, Never>?
        /// Which wait this is, so that no timer and no cancellation ends a later one.
        var number: UInt64 = 0
    }

    private let state = Mutex(State())

    func wake() {
        let waiter = state.withLock { state in
            let waiter = state.waiter.take()
            if waiter == nil { state.isSet = true }
            return waiter
        }
        waiter?.resume()
    }

    /// Waits until it is woken, or the deadline has come. One waits at a time.
    ///
    /// - Throws: `CancellationError`.
    func wait(until deadline: MonotonicInstant, watch: DeadlineWatch, timeSource: any TimeSource) async throws {
        let number = state.withLock { state in
            state.number &+= 1
            return state.number
        }
        let timer = watch.add(deadline: deadline, now: timeSource.now()) { self.end(number) }
        defer { watch.remove(timer) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
                let goesOn = state.withLock { state in
                    // Its time was up, or its task cancelled, before it had begun; or it was called already.
                    guard state.number == number, !state.isSet else {
                        state.isSet = false
                        return true
                    }
                    state.waiter = waiter
                    return false
                }
                if goesOn { waiter.resume() }
            }
        } onCancel: {
            end(number)
        }
        try Task.checkCancellation()
    }

    private func end(_ number: UInt64) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.number == number else { return nil }
            state.number &+= 1
            return state.waiter.take()
        }
        waiter?.resume()
    }
}
