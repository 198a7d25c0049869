import Recuerde
import Synchronization

/// Places for calls at once: whoever finds none waits for one, in order, for a bounded time.
final class CallSlots: Sendable {
    enum Outcome: Sendable, Hashable {
        /// A place was taken; ``CallSlots/release()`` gives it back.
        case acquired
        /// None became free in time, or too many wait already.
        case busy
        /// The waiting task was cancelled.
        case cancelled
    }

    private enum Waiter {
        /// Its continuation is not here yet.
        case arriving
        case waiting(CheckedContinuation<Outcome, Never>)
        /// It was decided before its continuation arrived.
        case decided(Outcome)
    }

    private struct State {
        var free: Int
        var nextID: UInt64 = 0
        /// In the order of arrival, since identifiers grow.
        var waiters: [UInt64: Waiter] = [:]
        var order: [UInt64] = []
    }

    private let state: Mutex<State>
    private let maximumWaiting: Int
    private let timeSource: any TimeSource

    init(count: Int, maximumWaiting: Int, timeSource: any TimeSource) {
        state = Mutex(State(free: max(1, count)))
        self.maximumWaiting = max(0, maximumWaiting)
        self.timeSource = timeSource
    }

    /// Takes a place, waiting for one until `deadline`.
    func acquire(until deadline: MonotonicInstant) async -> Outcome {
        let admission: (outcome: Outcome?, id: UInt64) = state.withLock { state in
            if state.free > 0 {
                state.free -= 1
                return (.acquired, 0)
            }
            guard state.waiters.count < maximumWaiting else { return (.busy, 0) }
            state.nextID += 1
            state.waiters[state.nextID] = .arriving
            state.order.append(state.nextID)
            return (nil, state.nextID)
        }
        if let outcome = admission.outcome { return outcome }
        let id = admission.id
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard (try? await self.timeSource.sleep(until: deadline)) != nil else { return }
                self.decide(id, .busy)
            }
            let outcome = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in self.arrive(id, continuation) }
            } onCancel: {
                self.decide(id, .cancelled)
            }
            group.cancelAll()
            return outcome
        }
    }

    /// Gives a place back, to the first who waits.
    func release() {
        let resumed: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            while !state.order.isEmpty {
                let id = state.order.removeFirst()
                switch state.waiters[id] {
                case .waiting(let continuation):
                    state.waiters[id] = nil
                    return continuation
                case .arriving:
                    state.waiters[id] = .decided(.acquired)
                    return nil
                case .decided, nil:
                    continue
                }
            }
            state.free += 1
            return nil
        }
        resumed?.resume(returning: .acquired)
    }

    private func arrive(_ id: UInt64, _ continuation: CheckedContinuation<Outcome, Never>) {
        let outcome: Outcome? = state.withLock { state in
            if case .decided(let outcome) = state.waiters[id] {
                state.waiters[id] = nil
                return outcome
            }
            state.waiters[id] = .waiting(continuation)
            return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
    }

    private func decide(_ id: UInt64, _ outcome: Outcome) {
        let resumed: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            switch state.waiters[id] {
            case .waiting(let continuation):
                state.waiters[id] = nil
                state.order.removeAll { $0 == id }
                return continuation
            case .arriving:
                state.waiters[id] = .decided(outcome)
                state.order.removeAll { $0 == id }
                return nil
            case .decided, nil:
                return nil
            }
        }
        resumed?.resume(returning: outcome)
    }
}
