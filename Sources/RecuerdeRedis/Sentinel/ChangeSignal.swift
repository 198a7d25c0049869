import NIOCore
import Synchronization

/// Lets tasks wait until something changes, until a moment, or until they are cancelled, whichever comes first.
///
/// Changes are numbered, so that none is missed between looking and waiting.
final class ChangeSignal: Sendable {
    private struct State {
        var number: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
    }

    /// One wait. The continuation leaves through whichever of `attach` and `finish` comes second.
    private final class Waiter: Sendable {
        private enum State {
            case created
            case waiting(CheckedContinuation<Void, Never>)
            case finished
        }

        private let state = Mutex(State.created)

        func attach(_ continuation: CheckedContinuation<Void, Never>) {
            let resumes = state.withLock { state in
                guard case .created = state else { return true }
                state = .waiting(continuation)
                return false
            }
            if resumes { continuation.resume() }
        }

        func finish() {
            let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
                defer { state = .finished }
                if case .waiting(let continuation) = state { return continuation }
                return nil
            }
            continuation?.resume()
        }
    }

    private let state = Mutex(State())
    /// Its timers end the waits.
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// The number of the last change.
    var number: UInt64 { state.withLock { $0.number } }

    /// Something has changed: everyone who waits goes on.
    func change() {
        let waiters = state.withLock { state in
            state.number &+= 1
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters.values { waiter.finish() }
    }

    /// Returns once a change after the given one has come, at the given moment, or when the task is cancelled.
    func wait(after number: UInt64, until moment: Int64) async {
        let waiter = Waiter()
        let id: UInt64? = state.withLock { state in
            guard state.number == number else { return nil }
            state.nextWaiter &+= 1
            state.waiters[state.nextWaiter] = waiter
            return state.nextWaiter
        }
        guard let id else { return }
        let timer = eventLoop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(clamping: moment))) { waiter.finish() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter.attach($0) }
        } onCancel: {
            waiter.finish()
        }
        timer.cancel()
        _ = state.withLock { $0.waiters.removeValue(forKey: id) }
    }
}
