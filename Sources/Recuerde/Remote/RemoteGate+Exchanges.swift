import Synchronization

/// Exchanges with the remote tier, and what they tell of it.
extension RemoteGate {
    /// Carries out one exchange with the remote tier, within what is left of the caller's budget.
    ///
    /// - Throws: ``RemoteTierError``, or `CancellationError`.
    func perform<Answer: Sendable>(
        _ budget: inout RemoteBudget,
        _ operation: (any RemoteTier, Duration) async throws -> Answer
    ) async throws -> Answer {
        let started = timeSource.now()
        guard let admission = state.withLock({ $0.breaker.admit(now: started) }) else {
            throw RemoteTierError(.leftAlone, "the remote tier is known to be down and is left alone for a while")
        }
        guard budget.remaining > .zero else {
            state.withLock { $0.breaker.abandoned(admission, now: started) }
            throw RemoteTierError(.timedOut, "nothing is left of the time that this call may wait for the remote tier")
        }
        do {
            let answer = try await operation(tier, budget.remaining)
            budget.spend(started.duration(to: timeSource.now()))
            succeeded(admission)
            return answer
        } catch {
            let now = timeSource.now()
            budget.spend(started.duration(to: now))
            throw failed(error, admission: admission, started: started, now: now)
        }
    }

    /// One exchange with a budget of its own.
    func perform<Answer: Sendable>(
        _ operation: (any RemoteTier, Duration) async throws -> Answer
    ) async throws -> Answer {
        var budget = RemoteBudget(deadline)
        return try await perform(&budget, operation)
    }

    /// Asks whether the remote tier answers, and sets the clock by it.
    @discardableResult
    func probe() async throws -> Duration {
        let started = timeSource.now()
        var budget = RemoteBudget(deadline)
        try await probe(&budget)
        return started.duration(to: timeSource.now())
    }

    /// The same within what is left of a caller's budget.
    func probe(_ budget: inout RemoteBudget) async throws {
        let asked = timeSource.now()
        let time = try await perform(&budget) { tier, timeout in try await tier.time(timeout: timeout) }
        clock.calibrate(remoteTime: time, since: asked)
    }

    /// Asks for the upkeep, which no caller waits for: while the breaker is open, and else after a silence, so that what
    /// health says holds without any traffic.
    func probeIfUnsure() async {
        let now = timeSource.now()
        let isSure = state.withLock { state in
            state.breaker.isClosed && state.isKnown && now < state.lastSign.advanced(by: silence)
        }
        if !isSure { await probePastBreaker() }
        await makeMarks()
    }

    func probePastBreaker() async {
        let admission = state.withLock { $0.breaker.pass }
        let started = timeSource.now()
        do {
            let time = try await tier.time(timeout: deadline)
            clock.calibrate(remoteTime: time, since: started)
            succeeded(admission)
        } catch {
            _ = failed(error, admission: admission, started: started, now: timeSource.now())
        }
    }

    private func succeeded(_ admission: CircuitBreaker.Admission?) {
        let now = timeSource.now()
        let unixTime = timeSource.unixTime()
        let (event, transition, pending, replay) = state.withLock {
            state -> (Event?, CircuitBreaker.Transition?, Int, Bool) in
            // A straggler from before the outage does not tell that it is over.
            guard state.breaker.isCurrent(admission) else { return (nil, nil, 0, false) }
            let transition = state.breaker.succeeded(admission)
            state.lastSign = now
            state.isGone = false
            var event: Event?
            if !state.isKnown {
                event = .initialized
            } else if transition == .closed || !state.status.isAvailable {
                event = .recovered
                state.wantsMarks = true
            }
            if !state.status.isAvailable { state.status = Status(isAvailable: true, since: unixTime) }
            state.isKnown = true
            let replay =
                !state.journal.isEmpty && !state.isReplaying && state.clearing == 0 && now >= state.nextReplay
            if replay { state.isReplaying = true }
            return (event, transition, state.journal.count, replay)
        }
        log.breaker(transition)
        switch event {
        case .initialized: log.initialized(address: tier.address, pending: pending)
        case .recovered: log.recovered(address: tier.address, pending: pending)
        case nil: break
        }
        if replay {
            // Owned by the gate: `isReplaying` admits one at a time, and it ends with the journal or the first failure.
            Task { await self.replay() }
        }
    }

    private enum Event {
        case initialized, recovered
    }

    private func failed(
        _ error: any Error,
        admission: CircuitBreaker.Admission?,
        started: MonotonicInstant,
        now: MonotonicInstant
    ) -> any Error {
        func abandon() {
            guard let admission else { return }
            state.withLock { $0.breaker.abandoned(admission, now: now) }
        }
        if error is CancellationError {
            abandon()
            return error
        }
        let cause = error as? RemoteTierError ?? RemoteTierError(.unavailable, "the remote tier failed unexpectedly")
        noteReason(cause)
        switch cause.code {
        case .refused:
            succeeded(admission)
        case .overloaded, .interrupted:
            abandon()
        case .timedOut where started.duration(to: now) > deadline * 2:
            // No exchange takes so long (``RemoteTier``): this process did not run, stopped or starved, and the answers may lie before its
            // door. To take Redis for away would let memory serve what nobody vouches for, with Redis there to be asked.
            abandon()
        default:
            noteFailure(cause, admission: admission, certain: cause.code != .timedOut, now: now)
        }
        return cause
    }

    private func noteFailure(
        _ cause: RemoteTierError,
        admission: CircuitBreaker.Admission?,
        certain: Bool,
        now: MonotonicInstant
    ) {
        let unixTime = timeSource.unixTime()
        let (transition, lost, first) = state.withLock { state -> (CircuitBreaker.Transition?, Bool, Bool) in
            let wasAvailable = state.status.isAvailable
            guard state.breaker.isCurrent(admission) else { return (nil, false, false) }
            let transition = state.breaker.failed(admission, certain: certain, now: now)
            state.isGone = cause.code == .absent
            state.status.lastError = cause.description
            if transition == .opened, state.status.isAvailable {
                state.status.isAvailable = false
                state.status.since = unixTime
            }
            // The first word on a remote tier that has never answered is that it could not be reached at start.
            let first = !state.isKnown
            state.isKnown = true
            return (transition, transition == .opened && wasAvailable, first)
        }
        log.breaker(transition)
        if first {
            log.initializationFailed(address: tier.address, error: cause)
        } else if lost {
            log.fallbackActive(address: tier.address, error: cause)
        }
    }

    func noteReason(_ error: any Error) {
        guard let reason = JournalReason(error) else { return }
        state.withLock { $0.lastReason = reason }
    }

    static func describe(_ error: any Error) -> String {
        (error as? RemoteTierError)?.description ?? "the remote tier failed unexpectedly"
    }
}
