import Synchronization

/// One owner of one lease: asks for it, renews it for as long as it is wanted, and gives it back.
///
/// Whoever makes one calls ``release()`` in the end, on every path: until then it renews what it holds.
final class LeaseHolder: Sendable {
    private struct State: ~Copyable {
        var machine: LeaseStateMachine
        var timer: UInt64?
        var isReleased = false
    }

    let lease: LeaseName
    let store: any LeaseStore
    private let timeToLive: Duration
    /// Drawn anew for each, so that no other owner is ever taken for this one.
    private let owner: String
    private let gate: RemoteGate
    private let watch: DeadlineWatch
    private let timeSource: any TimeSource
    private let onLost: @Sendable () -> Void
    private let state: Mutex<State>

    /// The shortest time to live: below it, a pause of a busy process would be its end.
    static let shortest = Duration.milliseconds(100)

    /// - Parameter onLost: Called once where it has been held, and is not any more, or may not be.
    init(
        _ lease: LeaseName,
        in store: any LeaseStore,
        timeToLive: Duration,
        gate: RemoteGate,
        watch: DeadlineWatch,
        timeSource: any TimeSource,
        onLost: @escaping @Sendable () -> Void = {}
    ) {
        let timeToLive = max(Self.shortest, timeToLive)
        self.lease = lease
        self.store = store
        self.timeToLive = timeToLive
        self.owner = [UInt64.random(in: .min ... .max), .random(in: .min ... .max)]
            .map { String($0, radix: 36) }.joined(separator: "-")
        self.gate = gate
        self.watch = watch
        self.timeSource = timeSource
        self.onLost = onLost
        self.state = Mutex(State(machine: LeaseStateMachine(timeToLive: timeToLive)))
    }

    /// Asks for it, within what is left of a budget.
    ///
    /// - Throws: ``RemoteTierError`` where the store could not be asked; `CancellationError`.
    func acquire(_ budget: inout RemoteBudget) async throws -> LeaseAnswer {
        let started = timeSource.now()
        guard state.withLock({ $0.machine.asks(now: started) }) else { throw CancellationError() }
        let answer: LeaseAnswer
        do {
            answer = try await gate.perform(&budget) { _, timeout in
                try await store.acquire(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
            }
        } catch {
            state.withLock { $0.machine.unanswered(mayHaveSetOut: RemoteGate.mayHaveSetOut(error)) }
            throw error
        }
        switch answer {
        case .taken:
            let now = timeSource.now()
            follow(state.withLock { $0.machine.taken(now: now) })
        case .held:
            state.withLock { $0.machine.refused() }
        }
        return answer
    }

    /// Gives it back, if the store may hold it for this owner, and returns when that was answered or has taken too long. What is not given back
    /// ends by its time to live.
    ///
    /// - Returns: Whether it had been held all the while, as far as is known; true for one that never was.
    @discardableResult
    func release() async -> Bool {
        let now = timeSource.now()
        let (wasLost, tells, timer) = state.withLock { state in
            let wasLost = state.machine.isLost(now: now)
            state.isReleased = true
            return (wasLost, state.machine.released(), state.timer.take())
        }
        if let timer { watch.remove(timer) }
        guard tells else { return !wasLost }
        // In a task of its own, awaited here: nothing sets out from one that has been cancelled.
        let stood = await Task { await self.giveBack() }.value
        return stood && !wasLost
    }

    /// False where the store says that it was not this owner's.
    private func giveBack() async -> Bool {
        for _ in 0..<2 {
            do {
                return try await gate.perform { _, timeout in
                    try await store.release(lease, owner: owner, timeout: timeout)
                }
            } catch {
                // Another connection may do what one that broke has not.
                guard (error as? RemoteTierError)?.code == .interrupted else { return true }
            }
        }
        return true
    }

    // MARK: Renewal

    private func follow(_ next: LeaseStateMachine.Next) {
        switch next {
        case .nothing: break
        case .lost: onLost()
        case .renew(let instant):
            let timer = watch.add(deadline: instant, now: timeSource.now()) {
                // In nobody's hand: it ends with one exchange, and does nothing once the lease has been given back.
                Task { await self.renew() }
            }
            let isLate = state.withLock { state in
                if !state.isReleased { state.timer = timer }
                return state.isReleased
            }
            if isLate { watch.remove(timer) }
        }
    }

    private func renew() async {
        let sentAt = timeSource.now()
        switch state.withLock({ $0.machine.renewalDue(now: sentAt) }) {
        case .nothing: break
        case .lost: onLost()
        case .ask(let limit):
            let next: LeaseStateMachine.Next
            do {
                var budget = RemoteBudget(min(gate.deadline, limit))
                let stands = try await gate.perform(&budget) { _, timeout in
                    try await store.renew(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
                }
                let now = timeSource.now()
                next = state.withLock { $0.machine.renewed(stands, sentAt: sentAt, now: now) }
            } catch {
                let now = timeSource.now()
                next = state.withLock { $0.machine.renewalFailed(now: now) }
            }
            follow(next)
        }
    }
}
