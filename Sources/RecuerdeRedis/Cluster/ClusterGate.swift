import NIOCore
import Synchronization

/// Where callers wait for a new topology, or for a moment, whichever comes first.
final class ClusterGate: Sendable {
    private struct State {
        var generation: UInt64 = 0
        var nextToken: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        /// Tokens of tasks that were cancelled before they began to wait.
        var cancelled: Set<UInt64> = []
    }

    private let state = Mutex(State())

    /// Changes with each topology. Read before one looks at the topology, so that none is missed between.
    var generation: UInt64 { state.withLock { $0.generation } }

    /// Waits until the generation is another, the moment has come or the task is cancelled.
    ///
    /// Whoever takes a continuation out of the dictionary resumes it, so that each is resumed once.
    func wait(after seen: UInt64, until moment: Int64, on eventLoop: any EventLoop) async {
        let token = state.withLock { state in
            state.nextToken += 1
            return state.nextToken
        }
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(clamping: moment))
        let timer = eventLoop.scheduleTask(deadline: deadline) { self.resume(token) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard state.generation == seen, state.cancelled.remove(token) == nil, ClusterGate.now() < moment
                    else { return false }
                    state.waiters[token] = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            cancel(token)
        }
        timer.cancel()
        state.withLock { _ = $0.cancelled.remove(token) }
    }

    /// Lets everyone go on.
    func open() {
        let waiters = state.withLock { state in
            state.generation += 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        for continuation in waiters.values { continuation.resume() }
    }

    var waiting: Int { state.withLock { $0.waiters.count } }

    private func resume(_ token: UInt64) {
        state.withLock { $0.waiters.removeValue(forKey: token) }?.resume()
    }

    private func cancel(_ token: UInt64) {
        let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
            if let continuation = state.waiters.removeValue(forKey: token) { return continuation }
            state.cancelled.insert(token)
            return nil
        }
        continuation?.resume()
    }

    private static func now() -> Int64 { ClientShared.now() }
}
