import Synchronization

/// One value that one task hands to another, which may wait for it.
final class Handoff<Value: Sendable>: Sendable {
    private enum State {
        /// Goes to any other.
        case empty
        /// Goes to over.
        case awaited(CheckedContinuation<Value, any Error>)
        /// Goes to over.
        case filled(Value)
        /// It was taken, or nobody wants it any more.
        case over
    }

    private let state = Mutex(State.empty)

    /// Whether the value was, or will be, taken; only the first is, and none once the other task has given up.
    @discardableResult
    func fill(_ value: Value) -> Bool {
        let (isTaken, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, any Error>?) in
            switch state {
            case .empty:
                state = .filled(value)
                return (true, nil)
            case .awaited(let continuation):
                state = .over
                return (true, continuation)
            case .filled, .over:
                return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return isTaken
    }

    /// The value. To be asked for once.
    ///
    /// - Throws: `CancellationError`.
    func value() async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let early = state.withLock { state -> Result<Value, any Error>? in
                    switch state {
                    case .empty:
                        state = .awaited(continuation)
                        return nil
                    case .filled(let value):
                        state = .over
                        return .success(value)
                    case .awaited, .over:
                        return .failure(CancellationError())
                    }
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
                defer { state = .over }
                return if case .awaited(let continuation) = state { continuation } else { nil }
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
