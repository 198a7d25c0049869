import NIOCore
import Synchronization

/// A caller that waits for the replies of one command, or of a pipeline of them.
///
/// The continuation leaves through exactly one of `receive`, `fail` and `cancel`, whichever comes first, from whatever
/// thread; the state under the lock decides. That is what makes the unchecked continuation safe, and it lets a
/// cancelled caller go on at once while its reply is still on its way: the late reply finds nobody and is dropped.
final class PendingReply: Sendable {
    typealias Single = UnsafeContinuation<RESPValue, any Error>
    typealias Many = UnsafeContinuation<[Result<RESPValue, RedisError>], any Error>

    private enum State {
        /// The caller has not begun to wait. Goes to `single`, `many` or, cancelled early, to `finished`.
        case created
        case single(Single)
        case many(Many, [Result<RESPValue, RedisError>])
        case finished
    }

    /// The name of the (first) command, for messages.
    let name: String
    /// How many replies belong to it.
    let replyCount: Int
    /// When it stops waiting, in nanoseconds of the monotonic clock.
    let deadline: Int64
    private let state = Mutex<State>(.created)

    init(name: String, replyCount: Int, deadline: Int64) {
        self.name = name
        self.replyCount = replyCount
        self.deadline = deadline
    }

    /// True once the caller has its answer; nothing needs to be sent for it any more.
    var isFinished: Bool {
        state.withLock { if case .finished = $0 { true } else { false } }
    }

    /// Begins to wait. False if the caller was cancelled before: then nothing must be sent.
    func attach(_ continuation: Single) -> Bool {
        state.withLock { state in
            guard case .created = state else { return false }
            state = .single(continuation)
            return true
        }
    }

    /// Begins to wait for all replies of a pipeline. False if the caller was cancelled before.
    func attach(_ continuation: Many) -> Bool {
        state.withLock { state in
            guard case .created = state else { return false }
            var results: [Result<RESPValue, RedisError>] = []
            results.reserveCapacity(replyCount)
            state = .many(continuation, results)
            return true
        }
    }

    /// Takes the next reply; returns how to resume the caller if it was the last one that it waits for.
    func receive(_ value: RESPValue) -> Completion? {
        state.withLock { state in
            switch state {
            case .single(let continuation):
                state = .finished
                return .single(continuation, .success(value))
            case .many(let continuation, var results):
                // Given up before the change, so that the array is changed in place.
                state = .finished
                results.append(value.serverError.map { .failure(RedisError(reply: $0)) } ?? .success(value))
                if results.count == replyCount { return .many(continuation, .success(results)) }
                state = .many(continuation, results)
                return nil
            case .created, .finished:
                return nil
            }
        }
    }

    /// Fails what has not been answered. A pipeline that the server may have seen keeps the replies it has got.
    func fail(_ error: @autoclosure () -> RedisError) -> Completion? {
        state.withLock { state in
            switch state {
            case .single(let continuation):
                state = .finished
                return .single(continuation, .failure(error()))
            case .many(let continuation, var results):
                state = .finished
                let error = error()
                guard error.mayHaveExecuted else { return .many(continuation, .failure(error)) }
                while results.count < replyCount { results.append(.failure(error)) }
                return .many(continuation, .success(results))
            case .created, .finished:
                return nil
            }
        }
    }

    /// The caller's task was cancelled.
    func cancel() {
        let completion: Completion? = state.withLock { state in
            defer { state = .finished }
            switch state {
            case .single(let continuation): return .single(continuation, .failure(CancellationError()))
            case .many(let continuation, _): return .many(continuation, .failure(CancellationError()))
            case .created, .finished: return nil
            }
        }
        completion?.resume()
    }
}

extension PendingReply {
    /// A caller and its answer, to be brought together outside of all locks.
    enum Completion {
        case single(Single, Result<RESPValue, any Error>)
        case many(Many, Result<[Result<RESPValue, RedisError>], any Error>)

        func resume() {
            switch self {
            case .single(let continuation, let result): continuation.resume(with: result)
            case .many(let continuation, let result): continuation.resume(with: result)
            }
        }
    }
}
