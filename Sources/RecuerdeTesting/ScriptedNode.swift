public import Recuerde
import Synchronization

/// A scripted store as one node sees it: with a way to it of its own, which can be slow, lossy or cut.
///
/// Made by ``ScriptedRemoteTier/node(_:)``. What happens to each exchange is planned by ``plan(_:)`` and ``planNext(_:)``; a partition of this
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
    }

    /// What the node is called.
    public let name: String
    private let store: ScriptedRemoteTier
    private let state = Mutex(State())
    private var timeSource: any TimeSource { store.timeSource }

    init(name: String, store: ScriptedRemoteTier) {
        self.name = name
        self.store = store
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
        }
    }

    /// The process of this node is gone: nothing that it sends from now on arrives. What is under way already does.
    public func die() {
        state.withLock { $0.isDead = true }
    }

    /// How many exchanges set out, and how many of them have failed.
    public var counts: (exchanges: Int, failures: Int) {
        state.withLock { ($0.exchanges, $0.failures) }
    }

    // MARK: RemoteTier

    public func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        try await exchange(timeout) { try await $0.read(names, with: details, timeout: timeout) }
    }

    public func write(
        _ writes: [RemoteWrite],
        timeout: Duration
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        try await exchange(timeout, writing: writes.map(\.name)) { try await $0.write(writes, timeout: timeout) }
    }

    public func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
        try await exchange(timeout) {
            try await $0.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
        }
    }

    public func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        try await exchange(timeout) { try await $0.plant(names, timeToLive: timeToLive, timeout: timeout) }
    }

    public func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
        try await exchange(timeout) { try await $0.marks(name, noting: clear, timeout: timeout) }
    }

    public func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        try await exchange(timeout) {
            try await $0.sweep(names, stamp: stamp, format: format, timeout: timeout)
        }
    }

    public func time(timeout: Duration) async throws -> Stamp {
        try await exchange(timeout) { try await $0.time(timeout: timeout) }
    }

    // MARK: The way

    private typealias Operation<Answer> = @Sendable (ScriptedRemoteTier) async throws -> Answer

    private func exchange<Answer: Sendable>(
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
        var answer = try await send(after: plan.requestDelay, deadline: deadline, names, operation)
        if let pause = plan.repeatedAfter {
            answer = try await send(after: pause, deadline: deadline, names, operation)
        }
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
            return answer
        }
    }

    /// Carries a request to the store, where it waits while that is frozen. What has set out arrives, even if nobody waits any more.
    private func send<Answer: Sendable>(
        after delay: Duration,
        deadline: MonotonicInstant,
        _ names: [String],
        _ operation: @escaping Operation<Answer>
    ) async throws -> Answer {
        let arrival = arrival(of: names, notBefore: max(timeSource.now().advanced(by: delay), store.frozenUntil))
        if arrival <= timeSource.now() {
            await Task.yield()
            try Task.checkCancellation()
            return try await operation(store)
        }
        do {
            try await timeSource.sleep(until: min(arrival, deadline))
            guard arrival <= deadline else { throw Self.late }
        } catch {
            // In nobody's hand: it ends when it has arrived.
            Task { [timeSource, store] in
                try? await timeSource.sleep(until: arrival)
                _ = try? await operation(store)
            }
            throw error
        }
        return try await operation(store)
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
