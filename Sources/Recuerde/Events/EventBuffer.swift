import Synchronization

/// The events that one subscriber has not read yet, up to a bound; the oldest give way.
final class EventBuffer: Sendable {
    private struct Waiter {
        var number: UInt64
        var continuation: CheckedContinuation<CacheEvent?, Never>
    }

    private struct State {
        /// From `first` on; what is before it was read or dropped.
        var events: [CacheEvent] = []
        var first = 0
        /// Dropped since the reader was told last.
        var missed = 0
        var dropped = 0
        var isFinished = false
        /// There are some only while nothing is there to be read.
        var waiters: [Waiter] = []
        var lastNumber: UInt64 = 0

        /// Drops the oldest, and returns it: what an event holds may end with it, and not under the lock.
        mutating func drop() -> CacheEvent {
            missed += 1
            dropped += 1
            return takeFirst()
        }

        /// Nothing of an event stays behind that was read or dropped.
        private mutating func takeFirst() -> CacheEvent {
            let event = events[first]
            events[first] = CacheEvent(.missed, time: event.time)
            first += 1
            return event
        }

        mutating func take() -> CacheEvent? {
            guard first < events.count else { return nil }
            if missed > 0 {
                // In the place of those that are missing, which all were older.
                var event = CacheEvent(.missed, time: events[first].time)
                event.count = missed
                missed = 0
                return event
            }
            let event = takeFirst()
            compact(beyond: 0)
            return event
        }

        /// Lets go of what is before `first`: of all once nothing is left, else when that is as much as the bound, so that each costs one step.
        mutating func compact(beyond bound: Int) {
            if first == events.count {
                events.removeAll(keepingCapacity: true)
                first = 0
            } else if first > max(bound, 64), first * 2 >= events.count {
                events.removeFirst(first)
                first = 0
            }
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var dropped: Int { state.withLock { $0.dropped } }
    /// How many events it keeps, those included that were read or dropped a moment ago.
    var held: Int { state.withLock { $0.events.count } }
    /// How many wait for the next event.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Never waits: where there is no room, the oldest event gives way.
    func push(_ event: CacheEvent) {
        let (waiter, dropped) = state.withLock { state -> (Waiter?, CacheEvent?) in
            guard !state.isFinished else { return (nil, nil) }
            if !state.waiters.isEmpty { return (state.waiters.removeFirst(), nil) }
            state.events.append(event)
            guard state.events.count - state.first > limit else { return (nil, nil) }
            let dropped = state.drop()
            state.compact(beyond: limit)
            return (nil, dropped)
        }
        withExtendedLifetime(dropped) {}
        waiter?.continuation.resume(returning: event)
    }

    /// What is there can still be read.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    func next() async -> CacheEvent? {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (event, waits) = state.withLock { state -> (CacheEvent?, Bool) in
                    // Looked at under the lock: whoever is cancelled after this is found among the waiters.
                    if Task.isCancelled { return (nil, false) }
                    if let event = state.take() { return (event, false) }
                    if state.isFinished { return (nil, false) }
                    state.waiters.append(Waiter(number: number, continuation: continuation))
                    return (nil, true)
                }
                if !waits { continuation.resume(returning: event) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: nil)
        }
    }
}
