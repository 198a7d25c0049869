import Synchronization

/// Locks for whoever uses the cache.
extension Cache {
    /// Runs a body while this process holds a lock that all nodes with the same prefix share, and returns what it returns.
    ///
    /// ```swift
    /// try await cache.withLock("nightly:report", ttl: .seconds(30), wait: .seconds(5)) { token in
    ///     try await reports.write(report, fence: token.number)
    /// }
    /// ```
    ///
    /// The lock is renewed every third of its time to live for as long as the body runs, and released when it has ended, however it did. A holder that dies
    /// or is cut off loses it after `ttl`, and where Redis does not answer the release, it ends by then. Where it is lost while the body runs, the body's task is cancelled; the call returns once
    /// the body has ended, and throws ``CacheError/Code/lockLost`` whatever that has returned, since another may have been at work at the same time. What the body
    /// throws itself is thrown on, unless it is `CancellationError`. See ``FencingToken`` for what makes the work safe even then.
    ///
    /// Not for a body that asks for the same lock again: it would wait for itself until `wait` is over. Nobody is served in turn: of those who wait, the
    /// quickest is next. Costs two exchanges with Redis, and one for each renewal; who waits is woken by a message, and looks by itself only when the
    /// holder's time would be over.
    ///
    /// - Parameters:
    ///   - name: What the lock is called by; escaped and shortened as keys are, and apart from them.
    ///   - ttl: After how long without renewal it is lost; at least a tenth of a second.
    ///   - wait: The longest to wait for it. Zero: it is tried once.
    ///   - body: What is done under the lock. It gets a number with which the resource that it protects can tell holders apart.
    /// - Throws: What the body throws; ``CacheError``: `lockTimedOut` where others held it all the while; `lockLost`; `remoteFailed` where the remote tier
    ///   is away or refuses the lock, other than a load, which goes on without its lease; `unsupported` without a remote tier that has leases; `invalidKey`, `closed`;
    ///   `CancellationError`, where the caller was cancelled while it waited.
    public func withLock<Value: Sendable>(
        _ name: CacheKey,
        ttl: Duration = .seconds(10),
        wait: Duration = .zero,
        _ body: @escaping @Sendable (FencingToken) async throws -> Value
    ) async throws -> Value {
        try admit(name)
        guard let gate, let store = gate.tier.leases else {
            throw CacheError(
                .unsupported,
                "this cache has no remote tier that keeps locks; give it one, as by REDIS_URL, or use a lock of the process"
            )
        }
        let work = LockedWork<Value>()
        let holder = LeaseHolder(
            keySpace.lock(name),
            in: store,
            timeToLive: ttl,
            gate: gate,
            watch: deadlines,
            timeSource: timeSource
        ) { work.lockLost() }
        let token: FencingToken
        do {
            token = try await lock(holder, wait: wait)
        } catch {
            // The store may have given it all the same.
            await holder.release()
            throw error
        }
        let outcome = await work.run { try await body(token) }
        let stood = await holder.release()
        if case .failure(let error) = outcome, !(error is CancellationError) { throw error }
        guard stood, !work.isLost else {
            throw CacheError(
                .lockLost,
                "the lock was lost before the work under it had ended, so that another may have worked at the same time; see to it that "
                    + "the fencing token is checked, and choose a longer time to live"
            )
        }
        return try outcome.get()
    }

    private func lock(_ holder: LeaseHolder, wait: Duration) async throws -> FencingToken {
        let end = timeSource.now().advanced(by: max(.zero, wait))
        let signal = WakeSignal()
        var ear: LeaseEar?
        defer { ear?.end() }
        while true {
            try Task.checkCancellation()
            try admit()
            var budget = RemoteBudget(configuration.remoteDeadline)
            let answer: LeaseAnswer
            do {
                answer = try await holder.acquire(&budget)
            } catch {
                try Task.checkCancellation()
                noteRemoteFailure(error, operation: "lock", key: nil)
                throw CacheError(
                    .remoteFailed,
                    "the lock cannot be had, since the remote tier did not give it (\(RemoteGate.describe(error))); try again later"
                )
            }
            let now = timeSource.now()
            switch answer {
            case .taken(let number):
                return FencingToken(number: number)
            case .held(let remaining):
                guard now < end else {
                    throw CacheError(
                        .lockTimedOut,
                        "others held the lock for all of the \(max(.zero, wait)) that this call waits for it; try again later"
                    )
                }
                guard ear != nil else {
                    ear = holder.store.heed(holder.lease) { signal.wake() }
                    // It may have been released in between.
                    continue
                }
                let expiry = now.advanced(by: remaining).advanced(by: Self.leaseMargin)
                try await signal.wait(until: min(end, expiry), watch: deadlines, timeSource: timeSource)
            }
        }
    }
}

/// What is done under a lock: in a task of its own, which is cancelled with the caller's, and when the lock is lost.
private final class LockedWork<Value: Sendable>: Sendable {
    private struct State {
        var task: Task<Value, any Error>?
        var isLost = false
    }

    private let state = Mutex(State())

    /// Whether the lock was lost while it ran.
    var isLost: Bool { state.withLock(\.isLost) }

    /// Returns when it has ended, whether or not it heeds its cancellation: until then the lock is not to be given to another.
    func run(_ body: @escaping @Sendable () async throws -> Value) async -> Result<Value, any Error> {
        // Awaited below, on every path.
        let task = Task { try await body() }
        let isLost = state.withLock { state in
            state.task = task
            return state.isLost
        }
        if isLost { task.cancel() }
        return await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
    }

    func lockLost() {
        let task = state.withLock { state in
            state.isLost = true
            return state.task.take()
        }
        task?.cancel()
    }
}
