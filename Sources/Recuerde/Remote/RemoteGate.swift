import Synchronization

/// Stands between the cache and its remote tier: keeps the caller's deadline, the breaker and the journal, and knows
/// whether the remote tier answers.
final class RemoteGate: Sendable {
    struct Status: Sendable {
        var isAvailable: Bool
        var since: UnixTime
        var lastError: String?
    }

    /// Writes of an entry that are under way, or were given up and may still be carried out.
    struct Fence {
        /// How many of them there are.
        var count = 0
        /// Until when the last of them is valid.
        var until = Stamp.zero
        /// The latest stamp that was made for the entry meanwhile.
        var latest = Stamp.zero
    }

    struct State {
        var breaker: CircuitBreaker
        var journal: RecoveryJournal
        var status: Status
        /// Whether the remote tier has ever answered, or failed to.
        var isKnown = false
        var fences: [String: Fence] = [:]
        /// At which number of fences those are thrown away that have had their time.
        var fencesToSweep = 1_024
        /// Until when a value that was given up without an answer may still be written there, and how far values of the journal are
        /// stamped ahead.
        var adriftUntil = Stamp.zero
        var isReplaying = false
        /// Clears that callers are carrying out: what they have noted is theirs to settle.
        var clearing = 0
        var nextReplay = MonotonicInstant(nanoseconds: .min)
        /// Whether the last that was seen of the remote tier is that nobody is there.
        var isGone = false
        /// What came of the last exchange that failed: why that waits for which nobody asks the remote tier.
        var lastReason = JournalReason.unavailable
        /// Whether the marks of this cache have ever been seen.
        var knowsMarks = false
        /// The epoch of marks that this node has made when it had never seen any.
        var firstEpoch: Stamp?
        /// Whether they have to be seen to: at first, and after an outage, in which the remote tier may have lost them.
        var wantsMarks = true
        /// When the remote tier last answered.
        var lastSign = MonotonicInstant(nanoseconds: .min)
    }

    let tier: any RemoteTier
    let clock: HybridClock
    let deadline: Duration
    /// How long a load may take, unless its call says otherwise; a day for one without an end.
    let defaultLoadTimeout: Duration
    /// After so long without an answer the upkeep asks for one.
    private let silence = Duration.seconds(2)
    let format: WireFormat
    let keySpace: KeySpace
    let pipeline: PayloadPipeline
    let memory: MemoryTier
    /// Hears of changes; nil where nobody does.
    let invalidation: Invalidation?
    let timeSource: any TimeSource
    let log: CacheLog
    let state: Mutex<State>
    /// Whether the journal holds anything, readable without the lock: reads ask at every hit.
    let hasIntents = Atomic(false)

    init(
        tier: any RemoteTier,
        configuration: CacheConfiguration,
        keySpace: KeySpace,
        memory: MemoryTier,
        invalidation: Invalidation?,
        clock: HybridClock,
        timeSource: any TimeSource,
        log: CacheLog
    ) {
        self.tier = tier
        self.invalidation = invalidation
        self.clock = clock
        self.deadline = configuration.remoteDeadline
        self.defaultLoadTimeout = configuration.defaultLoadTimeout ?? .seconds(86_400)
        self.format = configuration.format
        self.keySpace = keySpace
        self.pipeline = PayloadPipeline(configuration)
        self.memory = memory
        self.timeSource = timeSource
        self.log = log
        self.state = Mutex(
            State(
                breaker: CircuitBreaker(threshold: configuration.breakerThreshold, pause: configuration.breakerPause),
                journal: RecoveryJournal(
                    maximumIntents: configuration.journalMaximumIntents,
                    maximumBytes: configuration.journalMaximumBytes
                ),
                status: Status(isAvailable: false, since: timeSource.unixTime())
            )
        )
    }

    // MARK: State

    var status: Status {
        state.withLock { $0.status }
    }

    /// Whether a caller would be let through to the remote tier now.
    var admitsCallers: Bool {
        let now = timeSource.now()
        return state.withLock { $0.breaker.admits(now: now) }
    }

    var journal: (depth: Int, overflows: Int, reasons: [JournalReason: Int]) {
        state.withLock { ($0.journal.count, $0.journal.overflows, $0.journal.reasons) }
    }

    // MARK: Exchanges

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

    private func probePastBreaker() async {
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
        let (event, pending, replay) = state.withLock { state -> (Event?, Int, Bool) in
            // A straggler from before the outage does not tell that it is over.
            guard state.breaker.isCurrent(admission) else { return (nil, 0, false) }
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
            return (event, state.journal.count, replay)
        }
        switch event {
        case .initialized: log.initialized(address: tier.address)
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
        let (lost, first) = state.withLock { state in
            let wasAvailable = state.status.isAvailable
            guard state.breaker.isCurrent(admission) else { return (false, false) }
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
            return (transition == .opened && wasAvailable, first)
        }
        if first {
            log.initializationFailed(address: tier.address, error: cause.description)
        } else if lost {
            log.fallbackActive(address: tier.address, error: cause.description)
        }
    }

    func noteReason(_ error: any Error) {
        guard let reason = JournalReason(error) else { return }
        state.withLock { $0.lastReason = reason }
    }

    static func describe(_ error: any Error) -> String {
        (error as? RemoteTierError)?.description ?? "the remote tier failed unexpectedly"
    }

    // MARK: Journal

    /// Up to which stamp neither tier is to be believed about an entry, since a later intent waits. To be compared by ``HybridClock/told(_:)`` with
    /// what the remote tier has stamped.
    func overrules(_ name: String) -> Stamp? {
        guard hasIntents.load(ordering: .acquiring) else { return nil }
        return state.withLock { $0.journal.overrules(name) }
    }

    /// Whether anything waits that could overrule memory.
    var hasWaiting: Bool { hasIntents.load(ordering: .acquiring) }

    /// The same for memory, which reflects already what has collapsed into a clear.
    func overrulesMemory(_ name: String) -> Stamp? {
        guard hasIntents.load(ordering: .acquiring) else { return nil }
        return state.withLock { $0.journal.overrulesMemory(name) }
    }

    /// Notes what could not be brought to the remote tier; without an error, because of what came of the last exchange that failed. False
    /// where something waits that overrules it: then nothing will ever tell memory what has become of it.
    @discardableResult
    func note(
        _ operation: RemoteWrite.Operation,
        stamp: Stamp,
        expiry: MonotonicInstant?,
        isFill: Bool = false,
        for name: String,
        because error: (any Error)?
    ) -> Bool {
        let (dropped, isOverruled) = state.withLock { state in
            let intent = RecoveryJournal.Intent(
                operation: operation,
                stamp: stamp,
                expiry: expiry,
                isFill: isFill,
                wasGone: state.isGone,
                reason: error.flatMap(JournalReason.init) ?? state.lastReason
            )
            // Since another write of the entry was under way; what makes it void comes after it, and so does a clear.
            if stamp > clock.latest, operation.isStore { state.adriftUntil = max(state.adriftUntil, stamp) }
            let adriftUntil = state.adriftUntil
            let dropped = state.journal.note(intent, for: name) { max(clock.next(), adriftUntil.next) }
            hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
            return (dropped, state.journal.overrulesMemory(name).map { clock.told($0) > clock.told(stamp) } ?? false)
        }
        giveWay(dropped)
        return !isOverruled
    }

    /// Nothing brings these values of loads to Redis any more.
    func giveWay(_ dropped: [(name: String, stamp: Stamp)]) {
        for (name, stamp) in dropped {
            guard let text = keySpace.keyText(ofEntry: name) else { continue }
            memory.giveWay(CacheKey(escapedText: text), stamp: stamp)
        }
    }

    /// Returns whether stale values are kept: not if a clear waits that keeps none.
    @discardableResult
    func noteClear(_ stamp: Stamp, whateverStamp: Bool = false, keepingStale: Bool = false) -> Bool {
        state.withLock { state in
            state.journal.noteClear(stamp, whateverStamp: whateverStamp, keepingStale: keepingStale)
            hasIntents.store(true, ordering: .releasing)
            return state.journal.keepsStale
        }
    }

    /// A clear could not be carried out.
    func clearFailed(_ error: any Error) {
        let now = timeSource.now()
        state.withLock { state in
            let reason = JournalReason(error) ?? state.lastReason
            if reason == .refused {
                state.journal.clearRefused(now: now)
            } else {
                state.journal.clearWaits(reason: reason)
            }
        }
    }

    /// A stamp for an entry: later than any that was made here, than an intent that waits, and than a write of the entry that is under way, which takes its
    /// stamp only when it is carried out, as a frozen server may do after its caller has gone on.
    ///
    /// So it may lie ahead of the clock, by the deadline at most; what is stamped like that waits in the journal until its time has come.
    func nextStamp(for name: String) -> Stamp {
        let next = clock.next()
        return state.withLock { state in
            guard !state.fences.isEmpty || !state.journal.isEmpty else { return next }
            var stamp = max(next, state.journal.overrules(name)?.next ?? .zero)
            if let fence = state.fences[name] {
                stamp = max(stamp, max(fence.until, fence.latest).next)
                // Of two that were stamped alike, the answer to one would settle the other.
                state.fences[name]?.latest = stamp
            }
            return stamp
        }
    }

    /// A stamp for a clear: later than any that was made here, of another clear too, and than what was given up and may still be carried
    /// out; and whether its time has yet to come, since one of those is stamped ahead of the clock. Costs a walk over what waits.
    func nextClearStamp() -> (stamp: Stamp, isAhead: Bool) {
        let (adrift, latest) = state.withLock { state in
            (state.adriftUntil, max(state.journal.latest, state.fences.values.lazy.map(\.latest).max() ?? .zero))
        }
        let own = clock.next()
        let stamp = max(own, inRedisTime(adrift).next, inRedisTime(latest).next)
        return (stamp, stamp > own)
    }

    /// In Redis' time, should it have been told before that was known; zero for nothing.
    private func inRedisTime(_ stamp: Stamp) -> Stamp {
        stamp > .zero ? clock.told(stamp) : .zero
    }

    /// A value was sent and given up without an answer: until then it may still be written.
    func gaveUp(until stamp: Stamp) {
        state.withLock { $0.adriftUntil = max($0.adriftUntil, stamp) }
    }

    /// Whether an exchange that failed like this may have set out, and so may still be carried out.
    static func mayHaveSetOut(_ error: any Error) -> Bool {
        switch (error as? RemoteTierError)?.code {
        case .leftAlone, .overloaded, .refused, .absent, .unavailable, .authenticationFailed: false
        default: true
        }
    }

    /// Returns when no value is written any more that was given up without an answer, none of the journal is stamped ahead of the clock, and the time of
    /// `stamp` has come, if one is named: after as long as a write is valid, at most.
    func waitForStragglers(before stamp: Stamp?) async throws {
        var until = inRedisTime(state.withLock { $0.adriftUntil })
        if let stamp { until = max(until, clock.told(stamp)) }
        let ahead = until.microseconds - clock.present.microseconds
        guard until > .zero, ahead >= 0, format == .envelope else { return }
        // Of many that were made while one was under way each is stamped a microsecond later.
        let longest = deadline + .milliseconds(10)
        try await timeSource.sleep(until: timeSource.now().advanced(by: min(.microseconds(ahead + 1), longest)))
    }

    /// What a caller's write must be stamped later than: an intent of its entry that is replayed at this moment.
    func floorOfWrite(_ name: String) -> Stamp {
        overrules(name).map { min(clock.told($0), clock.latest) } ?? .zero
    }

    /// Writes of entries set out, and may be carried out until then. Amortised constant time for each.
    func fence(_ names: some Sequence<String>, until stamp: Stamp) {
        let present = clock.present
        state.withLock { state in
            for name in names {
                var fence = state.fences[name] ?? Fence()
                // What was given up long ago is not under way any more.
                if fence.until < present { fence.count = 0 }
                fence.count += 1
                fence.until = max(fence.until, stamp)
                state.fences[name] = fence
            }
            guard state.fences.count >= state.fencesToSweep else { return }
            state.fences = state.fences.filter { $0.value.until > present }
            state.fencesToSweep = max(1_024, state.fences.count * 2)
        }
    }

    /// One of them was answered. Where it was done, what waits for the entry up to `stamp` is void, in the same step: else that could be replayed after it. By
    /// the stamps of this process, which order what it did: an intent that came later stays.
    func unfence(_ name: String, settling stamp: Stamp? = nil) {
        state.withLock { state in
            if let stamp {
                state.journal.settle(name, upTo: stamp)
                hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
            }
            guard let count = state.fences[name]?.count else { return }
            if count > 1 { state.fences[name]?.count = count - 1 } else { state.fences[name] = nil }
        }
    }

    func settle(_ name: String, upTo stamp: Stamp) {
        guard hasIntents.load(ordering: .acquiring) else { return }
        state.withLock { state in
            state.journal.settle(name, upTo: stamp)
            hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
        }
    }

    /// A caller begins to carry out a clear itself.
    func beginClear() {
        state.withLock { $0.clearing += 1 }
    }

    /// That caller has done so, or has given up: then the journal's replay takes over.
    func endClear() {
        state.withLock { $0.clearing -= 1 }
    }

    /// A clear has been carried out in the remote tier; now memory lets go of what it stands for.
    func settleClear(upTo stamp: Stamp, keepingStale: Bool = false) {
        // A clear that stands for intents which were too many leaves memory as it is; only that these entries are on their
        // way to the remote tier is no longer true.
        let isCollapse = state.withLock { $0.journal.isCollapsed && $0.journal.pendingClear == stamp }
        if isCollapse {
            memory.acknowledgeAllUpTo(stamp)
        } else if keepingStale {
            memory.expireAllUpTo(stamp, isAcknowledged: true, told: clock.told)
        } else {
            memory.removeAllUpTo(stamp, told: clock.told)
        }
        state.withLock { state in
            state.journal.cleared(upTo: stamp)
            hasIntents.store(!state.journal.isEmpty, ordering: .releasing)
        }
    }

    /// Brings to Redis what waits for it, if it answers. Safe to call at any time.
    func replayIfNeeded() async {
        let now = timeSource.now()
        let start = state.withLock { state in
            guard !state.journal.isEmpty, !state.isReplaying, state.clearing == 0, now >= state.nextReplay else {
                return false
            }
            state.isReplaying = true
            return true
        }
        if start { await replay() }
    }

    /// Brings what waits to Redis before the process ends, again and again, until nothing is left or the task is
    /// cancelled. Heeds neither the breaker nor the pauses between replays: there is no later.
    func flush() async {
        while !Task.isCancelled, state.withLock({ !$0.journal.isEmpty }) {
            let start = state.withLock { state in
                defer { state.isReplaying = true }
                return !state.isReplaying
            }
            if start {
                // Closes the breaker, if Redis answers.
                await probePastBreaker()
                await replay(regardless: true)
            }
            if state.withLock({ $0.journal.isEmpty }) { return }
            let pause = timeSource.now().advanced(by: .milliseconds(20))
            guard (try? await timeSource.sleep(until: pause)) != nil else { return }
        }
    }
}
