import Synchronization

/// Runs a load against its deadline. At the deadline the load is cancelled and no longer waited for, whether or not it
/// heeds that.
enum LoadRace {
    static func run<Value: Sendable>(
        timeout: Duration?,
        timeSource: any TimeSource,
        watch: DeadlineWatch,
        load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // Nobody wants it any more: it must not begin.
        try Task.checkCancellation()
        guard let timeout else { return try await load() }
        guard timeout > .zero else { throw timedOut(timeout) }
        let now = timeSource.now()
        let race = Race<Value>()
        // A task of its own and no group: a group would wait for a load that does not heed its cancellation. It is told to
        // end with the race.
        let loading = Task { race.finish(await Result(catching: load)) }
        let number = watch.add(deadline: now.advanced(by: timeout), now: now) {
            race.finish(.failure(timedOut(timeout)))
        }
        defer {
            loading.cancel()
            watch.remove(number)
        }
        return try await withTaskCancellationHandler {
            try await race.outcome()
        } onCancel: {
            race.finish(.failure(CancellationError()))
        }
    }

    private static func timedOut(_ timeout: Duration) -> CacheError {
        CacheError(.loadTimedOut, "the load did not end within \(timeout) and was cancelled")
    }

    private final class Race<Value: Sendable>: Sendable {
        private enum State {
            /// Goes to waiting or finished.
            case running
            /// Goes to finished.
            case waiting(CheckedContinuation<Value, any Error>)
            case finished(Result<Value, any Error>)
        }

        private let state = Mutex(State.running)

        func outcome() async throws -> Value {
            try await withCheckedThrowingContinuation { continuation in
                let early = state.withLock { state -> Result<Value, any Error>? in
                    if case .finished(let outcome) = state { return outcome }
                    state = .waiting(continuation)
                    return nil
                }
                if let early { continuation.resume(with: early) }
            }
        }

        func finish(_ outcome: Result<Value, any Error>) {
            let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
                switch state {
                case .finished:
                    return nil
                case .running:
                    state = .finished(outcome)
                    return nil
                case .waiting(let continuation):
                    state = .finished(outcome)
                    return continuation
                }
            }
            waiter?.resume(with: outcome)
        }
    }
}

extension Result where Failure == any Error {
    /// The outcome of an operation.
    init(catching body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
