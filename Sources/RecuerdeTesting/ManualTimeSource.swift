public import Recuerde
import Synchronization

/// A time source that stands still until a test moves it.
///
/// Both time lines move together with ``advance(by:)``; civil time alone can be set, as an operator would set a clock.
/// Sleepers are woken in the order of their deadlines, and those of one deadline in that in which they came.
public final class ManualTimeSource: TimeSource {
    private struct Sleeper {
        var deadline: MonotonicInstant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: MonotonicInstant
        var unixTime: UnixTime
        var sleepers: [UInt64: Sleeper] = [:]
        /// Sleepers that were cancelled before they had got to sleep.
        var wokenEarly: Set<UInt64> = []
        var lastNumber: UInt64 = 0
        /// Who waits for sleepers, and for how many.
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func takeReadyWatchers() -> [CheckedContinuation<Void, Never>] {
            let ready = watchers.filter { $0.count <= sleepers.count }
            watchers.removeAll { $0.count <= sleepers.count }
            return ready.map(\.continuation)
        }
    }

    private let state: Mutex<State>

    /// Makes a time source that shows 1 000 seconds on the monotonic line and `unixTime`, by default a Monday in 2026.
    public init(unixTime: UnixTime = UnixTime(microseconds: 1_784_550_000_000_000)) {
        state = Mutex(State(now: MonotonicInstant(nanoseconds: 1_000_000_000_000), unixTime: unixTime))
    }

    public func now() -> MonotonicInstant {
        state.withLock { $0.now }
    }

    public func unixTime() -> UnixTime {
        state.withLock { $0.unixTime }
    }

    public func sleep(until deadline: MonotonicInstant) async throws {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let (early, ready) = state.withLock {
                    state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
                    if state.wokenEarly.remove(number) != nil { return (.failure(CancellationError()), []) }
                    if deadline <= state.now { return (.success(()), []) }
                    state.sleepers[number] = Sleeper(deadline: deadline, continuation: continuation)
                    return (nil, state.takeReadyWatchers())
                }
                if let early { continuation.resume(with: early) }
                for watcher in ready { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                if let sleeper = state.sleepers.removeValue(forKey: number) { return sleeper }
                state.wokenEarly.insert(number)
                return nil
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves both time lines forward, and wakes whoever has slept long enough.
    public func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            state.unixTime = state.unixTime.advanced(by: duration)
            let now = state.now
            let due = state.sleepers.filter { $0.value.deadline <= now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
        }
        for (_, sleeper) in due { sleeper.continuation.resume() }
    }

    /// Sets civil time, and leaves the monotonic line alone.
    public func setUnixTime(_ unixTime: UnixTime) {
        state.withLock { $0.unixTime = unixTime }
    }

    /// How many sleep at present.
    public var sleepers: Int {
        state.withLock { $0.sleepers.count }
    }

    /// When the next of those that sleep wakes.
    public var nextDeadline: MonotonicInstant? {
        state.withLock { $0.sleepers.values.lazy.map(\.deadline).min() }
    }

    /// Returns when at least `count` sleep: then the clock can be advanced without missing one.
    public func waitForSleepers(atLeast count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
