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
    typealias Hearer = @Sendable ([Result<RESPValue, RedisError>]) -> Void

    private enum State {
        /// The caller has not begun to wait. Goes to `single`, `many`, `told` or, cancelled early, to `finished`.
        case created
        case single(Single)
        case many(Many)
        /// Nobody waits, and somebody is told.
        case told(Hearer)
        case finished
    }

    private struct Storage {
        var state = State.created
        /// Of a pipeline: the replies that have come.
        var results: [Result<RESPValue, RedisError>] = []

        /// Takes replies; true if all have come.
        mutating func take(_ values: some Collection<RESPValue>, of count: Int) -> Bool {
            for value in values {
                if case .error(let error) = value {
                    results.append(.failure(RedisError(reply: error)))
                } else {
                    results.append(.success(value))
                }
            }
            return results.count >= count
        }

        /// Leaves nothing behind.
        mutating func finish() -> [Result<RESPValue, RedisError>] {
            state = .finished
            defer { results = [] }
            return results
        }
    }

    /// The name of the (first) command, for messages.
    let name: String
    /// How many replies belong to it.
    let replyCount: Int
    /// When it stops waiting, in nanoseconds of the monotonic clock.
    let deadline: Int64
    /// Its share of the bytes in flight; nil for small commands.
    private let hold: BytesInFlight.Hold?
    private let storage = Mutex(Storage())
    private let hasFinished = Atomic<Bool>(false)

    init(name: String, replyCount: Int, deadline: Int64, hold: BytesInFlight.Hold? = nil) {
        self.hold = hold
        self.name = name
        self.replyCount = replyCount
        self.deadline = deadline
    }

    /// True once the caller has its answer; nothing needs to be sent for it any more.
    ///
    /// Beside the state under the lock, because it is asked for every command that is written.
    var isFinished: Bool { hasFinished.load(ordering: .relaxed) }

    /// Begins to wait. False if the caller was cancelled before: then nothing must be sent.
    func attach(_ continuation: Single) -> Bool {
        storage.withLock { storage in
            guard case .created = storage.state else { return false }
            storage.state = .single(continuation)
            return true
        }
    }

    /// Begins to wait for all replies of a pipeline. False if the caller was cancelled before.
    func attach(_ continuation: Many) -> Bool {
        storage.withLock { storage in
            guard case .created = storage.state else { return false }
            storage.state = .many(continuation)
            storage.results.reserveCapacity(replyCount)
            return true
        }
    }

    /// Has somebody told of the replies, or of why there are none, where callers are resumed: on the connection's loop. For what
    /// the connection itself asks, which nobody cancels.
    func attach(_ hearer: @escaping Hearer) {
        storage.withLock { storage in
            guard case .created = storage.state else { return }
            storage.state = .told(hearer)
        }
    }

    /// Takes the next reply; returns how to resume the caller if it was the last one that it waits for.
    func receive(_ value: RESPValue) -> Completion? {
        receive(CollectionOfOne(value))
    }

    /// Takes the next replies; returns how to resume the caller if the last one that it waits for was among them.
    func receive(_ values: some Collection<RESPValue>) -> Completion? {
        storage.withLock { storage in
            switch storage.state {
            case .single(let continuation):
                guard let value = values.first else { return nil }
                storage.state = .finished
                hasFinished.store(true, ordering: .relaxed)
                return .single(continuation, .success(value))
            case .many(let continuation):
                guard storage.take(values, of: replyCount) else { return nil }
                hasFinished.store(true, ordering: .relaxed)
                return .many(continuation, .success(storage.finish()))
            case .told(let hearer):
                guard storage.take(values, of: replyCount) else { return nil }
                hasFinished.store(true, ordering: .relaxed)
                return .told(hearer, storage.finish())
            case .created, .finished:
                return nil
            }
        }
    }

    /// Fails what has not been answered. A pipeline that the server may have seen keeps the replies it has got.
    func fail(_ error: @autoclosure () -> RedisError) -> Completion? {
        storage.withLock { storage in
            switch storage.state {
            case .single(let continuation):
                storage.state = .finished
                hasFinished.store(true, ordering: .relaxed)
                return .single(continuation, .failure(error()))
            case .many(let continuation):
                hasFinished.store(true, ordering: .relaxed)
                var results = storage.finish()
                let error = error()
                guard error.mayHaveExecuted else { return .many(continuation, .failure(error)) }
                while results.count < replyCount { results.append(.failure(error)) }
                return .many(continuation, .success(results))
            case .told(let hearer):
                hasFinished.store(true, ordering: .relaxed)
                _ = storage.finish()
                let error = error()
                return .told(hearer, Array(repeating: .failure(error), count: replyCount))
            case .created, .finished:
                return nil
            }
        }
    }

    /// The caller's task was cancelled.
    func cancel() {
        hasFinished.store(true, ordering: .relaxed)
        let completion: Completion? = storage.withLock { storage in
            let state = storage.state
            _ = storage.finish()
            switch state {
            case .single(let continuation): return .single(continuation, .failure(CancellationError()))
            case .many(let continuation): return .many(continuation, .failure(CancellationError()))
            case .created, .told, .finished: return nil
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
        case told(Hearer, [Result<RESPValue, RedisError>])

        func resume() {
            switch self {
            case .single(let continuation, let result): continuation.resume(with: result)
            case .many(let continuation, let result): continuation.resume(with: result)
            case .told(let hearer, let results): hearer(results)
            }
        }
    }
}
