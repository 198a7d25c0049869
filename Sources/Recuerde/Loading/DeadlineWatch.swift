import Synchronization

/// Ends what runs past its deadline, with one timer for all that run.
///
/// Not a sleeping task for each: the runtime keeps a sleep that was cancelled, and the task in it, until its time would have come. A
/// load that took a millisecond of its sixty seconds would leave most of a kilobyte behind for a minute.
final class DeadlineWatch: Sendable {
    typealias End = @Sendable () -> Void

    private struct State {
        var book = DeadlineBook<End>()
        var timer: Task<Void, Never>?
    }

    private let state = Mutex(State())
    private let timeSource: any TimeSource

    init(timeSource: any TimeSource) {
        self.timeSource = timeSource
    }

    /// How many are watched.
    var count: Int { state.withLock { $0.book.count } }
    /// Whether a timer runs.
    var hasTimer: Bool { state.withLock { $0.book.hasTimer } }

    /// Calls `end` once the deadline has come, unless ``remove(_:)`` comes first. It is called without a lock, by the timer's task.
    func add(deadline: MonotonicInstant, now: MonotonicInstant, end: @escaping End) -> UInt64 {
        let (number, old) = state.withLock { state -> (UInt64, Task<Void, Never>?) in
            let (number, start) = state.book.add(deadline: deadline, now: now, end: end)
            guard let start else { return (number, nil) }
            let old = state.timer
            state.timer = timer(start)
            return (number, old)
        }
        // Not under the lock: what a time source does when a sleep is cancelled is its own affair.
        old?.cancel()
        return number
    }

    /// What was watched under this number has ended.
    func remove(_ number: UInt64) {
        let gone = state.withLock { $0.book.remove(number) }
        // What the closure holds may end here, and not under the lock.
        withExtendedLifetime(gone) {}
    }

    /// Owned by this object, in `timer`: one at a time counts, and it ends at the first slice after which nothing is watched any more.
    /// Detached, so that it keeps no task-local value of the caller who happened to come first.
    private func timer(_ start: DeadlineBook<End>.Start) -> Task<Void, Never> {
        Task.detached { [self] in
            var wakesAt = start.until
            while (try? await timeSource.sleep(until: wakesAt)) != nil {
                let now = timeSource.now()
                let (due, next) = state.withLock { $0.book.wake(generation: start.generation, now: now) }
                for end in due { end() }
                guard let next else { return }
                wakesAt = next
            }
            state.withLock { $0.book.timerEnded(generation: start.generation) }
        }
    }
}
