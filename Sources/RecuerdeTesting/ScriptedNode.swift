public import Recuerde
import Synchronization

/// A scripted store as one node sees it: with a way to it of its own, which can be slow, lossy or cut.
///
/// Made by ``ScriptedRemoteTier/node(_:isTracked:)``. What happens to each exchange is planned by ``plan(_:)`` and ``planNext(_:)``; a partition of this
/// node alone is a plan whose fate is `requestLost` or `refused`. An exchange suspends on its way there and on its way back, so that
/// others come in between. Writes of one name arrive in the order in which they set out, as over one connection; all else may arrive in any.
public final class ScriptedNode: RemoteTier {
    private struct State {
        var plan = ScriptedExchange()
        var next: [ScriptedExchange] = []
        var isDead = false
        var exchanges = 0
        var failures = 0
        /// When the last write of each name arrives.
        var arrivals: [String: MonotonicInstant] = [:]
        weak var listener: (any InvalidationListener)?
        /// The connection that is told of changes, and the line that it is for the listener; nil while there is none.
        var connection: UInt64?
        var line: InvalidationLine?
        var notices: [Notice] = []
        var lastNotice = 0
        /// How many notices the listener has been told of each name, and of all.
        var told: [String: Int] = [:]
        var toldOfAll = 0
        var noticeDelay = Duration.zero
        var isSilent = false
    }

    /// What the store tells this node: that entries have changed; nil for all.
    private struct Notice {
        var number: Int
        var connection: UInt64
        var names: [String]?
    }

    /// What the node is called.
    public let name: String
    let store: ScriptedRemoteTier
    private let isTracked: Bool
    private let state = Mutex(State())
    /// Held while the listener is told something, so that it is told one thing after the other.
    private let telling = Mutex(())
    private var timeSource: any TimeSource { store.timeSource }

    init(name: String, store: ScriptedRemoteTier, isTracked: Bool) {
        self.name = name
        self.store = store
        self.isTracked = isTracked
    }

    public var address: String { "scripted, seen by \(name)" }

    // MARK: Script

    /// What becomes of every exchange from now on for which nothing else is planned.
    public func plan(_ exchange: ScriptedExchange) {
        state.withLock { $0.plan = exchange }
    }

    /// What becomes of the next exchanges, in order, after those that are planned already.
    public func planNext(_ exchanges: [ScriptedExchange]) {
        state.withLock { $0.next += exchanges }
    }

    /// From now on every exchange is answered at once.
    public func heal() {
        state.withLock { state in
            state.plan = ScriptedExchange()
            state.next = []
            state.noticeDelay = .zero
        }
        setSilent(false)
        openLine()
    }

    /// The process of this node is gone: nothing that it sends from now on arrives. What is under way already does.
    public func die() {
        let connection = state.withLock { state in
            state.isDead = true
            defer { state.connection = nil }
            return state.connection
        }
        if let connection { store.untrack(connection) }
    }

    /// How many exchanges set out, and how many of them have failed.
    public var counts: (exchanges: Int, failures: Int) {
        state.withLock { ($0.exchanges, $0.failures) }
    }

    // MARK: Notices

    /// How long each notice is under way from now on, unless an answer over the same connection takes it along.
    public func delayNotices(by delay: Duration) {
        state.withLock { $0.noticeDelay = delay }
    }

    /// Whether nothing is heard of the line from now on, neither notices nor proofs. What was told meanwhile comes when it is heard again, or
    /// with the next answer, unless the line breaks before.
    public func setSilent(_ isSilent: Bool) {
        let (last, connection) = state.withLock { state in
            state.isSilent = isSilent
            return (state.lastNotice, state.connection)
        }
        if !isSilent { tell(upTo: last, of: connection) }
    }

    /// The line breaks, and what was on its way over it is lost.
    public func breakLine() {
        let (listener, line, connection) = state.withLock { state in
            defer { (state.line, state.connection, state.notices) = (nil, nil, []) }
            return (state.listener, state.line, state.connection)
        }
        if let connection { store.untrack(connection) }
        telling.withLock { _ in
            if let line { listener?.closed(line) }
        }
    }

    /// A new line, if none stands.
    public func openLine() {
        guard isTracked, let listener = state.withLock({ $0.isDead || $0.connection != nil ? nil : $0.listener })
        else { return }
        let connection = store.track { [weak self] names in self?.hear(names) }
        telling.withLock { _ in
            let line = listener.opened(tellsOwnWrites: true)
            state.withLock { ($0.connection, $0.line) = (connection, line) }
        }
    }

    /// Whether notices of an entry are still under way.
    public func hasUntold(_ name: String) -> Bool {
        state.withLock { $0.notices.contains { $0.names?.contains(name) ?? true } }
    }

    /// How many notices have come of an entry so far, those of all entries included.
    ///
    /// - Parameter name: The entry's name.
    /// - Returns: How many.
    public func told(of name: String) -> Int {
        state.withLock { $0.told[name, default: 0] + $0.toldOfAll }
    }

    public func listen(_ listener: any InvalidationListener) {
        guard isTracked else { return }
        state.withLock { $0.listener = listener }
        openLine()
        let pace = listener.provingPace
        // Owned by this node: it ends when that is dead, or the listener gone.
        Task { [weak self, timeSource] in
            while true {
                try? await timeSource.sleep(until: timeSource.now().advanced(by: pace))
                guard let self, await self.prove(within: pace) else { return }
            }
        }
    }

    public func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? {
        state.withLock { state in state.connection == nil ? nil : state.line.map { RemoteWitness(line: $0) } }
    }

    /// Asks for a sign of life of the line; false where nobody wants one any more.
    private func prove(within timeout: Duration) async -> Bool {
        let (goesOn, connection, plan) = state.withLock { state in
            (!state.isDead && state.listener != nil, state.connection, state.plan)
        }
        guard goesOn else { return false }
        guard let connection, !state.withLock({ $0.isSilent }) else { return true }
        let asked = timeSource.now()
        guard
            (try? await carry(
                plan,
                deadline: asked.advanced(by: timeout),
                [],
                { store, _ in
                    try await store.time(timeout: timeout)
                }
            )) != nil
        else { return true }
        let heard = state.withLock { state in
            state.isSilent || state.connection != connection ? nil : state.line.map { (state.listener, $0) }
        }
        guard let (listener, line) = heard else { return true }
        telling.withLock { _ in listener?.proved(line, before: asked.duration(to: timeSource.now())) }
        return true
    }

    /// The store tells of changes. Called under its lock.
    private func hear(_ names: [String]?) {
        let (number, connection, delay) = state.withLock { state -> (Int, UInt64?, Duration) in
            guard let connection = state.connection else { return (0, nil, .zero) }
            state.lastNotice += 1
            state.notices.append(Notice(number: state.lastNotice, connection: connection, names: names))
            return (state.lastNotice, connection, state.noticeDelay)
        }
        guard let connection else { return }
        // In nobody's hand: it ends when the notice has come.
        Task {
            try? await self.pause(delay)
            if !self.state.withLock({ $0.isSilent }) { self.tell(upTo: number, of: connection) }
        }
    }

    /// The listener hears what has come up to this notice.
    private func tell(upTo number: Int, of connection: UInt64?) {
        guard connection != nil else { return }
        telling.withLock { _ in
            while true {
                let next = state.withLock { state -> (Notice, InvalidationLine, any InvalidationListener)? in
                    guard state.connection == connection, let first = state.notices.first, first.number <= number,
                        let line = state.line, let listener = state.listener
                    else { return nil }
                    for name in first.names ?? [] { state.told[name, default: 0] += 1 }
                    if first.names == nil { state.toldOfAll += 1 }
                    return (state.notices.removeFirst(), line, listener)
                }
                guard let (notice, line, listener) = next else { return }
                if let names = notice.names {
                    listener.changed(names, on: line)
                } else {
                    let line = listener.changedAll(line)
                    state.withLock { $0.line = line }
                }
            }
        }
    }

    // MARK: RemoteTier

    public func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        try await exchange(timeout) { try await $0.read(names, with: details, timeout: timeout, over: $1) }
    }

    public func write(
        _ writes: [RemoteWrite],
        timeout: Duration
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        try await exchange(timeout, writing: writes.map(\.name)) {
            try await $0.write(writes, timeout: timeout, over: $1)
        }
    }

    public func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
        try await exchange(timeout) { store, _ in
            try await store.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
        }
    }

    public func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        try await exchange(timeout) { store, _ in
            try await store.plant(names, timeToLive: timeToLive, timeout: timeout)
        }
    }

    public func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
        try await exchange(timeout) { store, _ in try await store.marks(name, noting: clear, timeout: timeout) }
    }

    public func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        try await exchange(timeout) { store, _ in
            try await store.sweep(names, stamp: stamp, format: format, timeout: timeout)
        }
    }

    public func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
        try await exchange(timeout) { store, _ in try await store.expire(names, stamp: stamp, timeout: timeout) }
    }

    public func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        try await exchange(timeout, writing: steps.map(\.name)) {
            try await $0.tags(steps, timeout: timeout, over: $1)
        }
    }

    public func time(timeout: Duration) async throws -> Stamp {
        try await exchange(timeout) { store, _ in try await store.time(timeout: timeout) }
    }

    // MARK: The way

    typealias Operation<Answer> = @Sendable (ScriptedRemoteTier, UInt64?) async throws -> Answer

    func exchange<Answer: Sendable>(
        _ timeout: Duration,
        writing names: [String] = [],
        _ operation: @escaping Operation<Answer>
    ) async throws -> Answer {
        let plan = state.withLock { state in
            state.exchanges += 1
            if state.isDead { return ScriptedExchange(.refused(Self.dead)) }
            return state.next.isEmpty ? state.plan : state.next.removeFirst()
        }
        do {
            return try await carry(plan, deadline: timeSource.now().advanced(by: timeout), names, operation)
        } catch {
            state.withLock { $0.failures += 1 }
            throw error
        }
    }

    private static let dead = RemoteTierError(.interrupted, "this node is dead")
    private static let late = RemoteTierError(.timedOut, "no answer in time")

    private func carry<Answer: Sendable>(
        _ plan: ScriptedExchange,
        deadline: MonotonicInstant,
        _ names: [String],
        _ operation: @escaping Operation<Answer>
    ) async throws -> Answer {
        switch plan.fate {
        case .refused(let error):
            await Task.yield()
            throw error
        case .requestLost:
            try await timeSource.sleep(until: deadline)
            throw Self.late
        case .answered, .answerLost, .answerReplaced:
            break
        }
        let connection = state.withLock { $0.connection }
        var answer = try await send(after: plan.requestDelay, deadline: deadline, names, over: connection, operation)
        if let pause = plan.repeatedAfter {
            answer = try await send(after: pause, deadline: deadline, names, over: connection, operation)
        }
        // What has happened before the answer is told before it.
        let told = state.withLock { $0.lastNotice }
        switch plan.fate {
        case .answerReplaced(let error):
            throw error
        case .answerLost:
            try await timeSource.sleep(until: deadline)
            throw Self.late
        case .answered, .requestLost, .refused:
            guard timeSource.now().advanced(by: plan.answerDelay) <= deadline else {
                try await timeSource.sleep(until: deadline)
                throw Self.late
            }
            try await pause(plan.answerDelay)
            tell(upTo: told, of: connection)
            return answer
        }
    }

    /// Carries a request to the store, where it waits while that is frozen. What has set out arrives, even if nobody waits any more.
    private func send<Answer: Sendable>(
        after delay: Duration,
        deadline: MonotonicInstant,
        _ names: [String],
        over connection: UInt64?,
        _ operation: @escaping Operation<Answer>
    ) async throws -> Answer {
        let arrival = arrival(of: names, notBefore: max(timeSource.now().advanced(by: delay), store.frozenUntil))
        if arrival <= timeSource.now() {
            await Task.yield()
            try Task.checkCancellation()
            return try await operation(store, connection)
        }
        do {
            try await timeSource.sleep(until: min(arrival, deadline))
            guard arrival <= deadline else { throw Self.late }
        } catch {
            // In nobody's hand: it ends when it has arrived.
            Task { [timeSource, store] in
                try? await timeSource.sleep(until: arrival)
                _ = try? await operation(store, connection)
            }
            throw error
        }
        return try await operation(store, connection)
    }

    /// When a request arrives that would do so at `moment`, if nothing were before it.
    private func arrival(of names: [String], notBefore moment: MonotonicInstant) -> MonotonicInstant {
        guard !names.isEmpty else { return moment }
        let now = timeSource.now()
        return state.withLock { state in
            var arrival = moment
            for name in names {
                guard let before = state.arrivals[name] else { continue }
                if before > now { arrival = max(arrival, before.advanced(by: .microseconds(1))) }
            }
            for name in names { state.arrivals[name] = arrival > now ? arrival : nil }
            return arrival
        }
    }

    private func pause(_ duration: Duration) async throws {
        if duration > .zero {
            try await timeSource.sleep(until: timeSource.now().advanced(by: duration))
        } else {
            await Task.yield()
        }
    }
}
