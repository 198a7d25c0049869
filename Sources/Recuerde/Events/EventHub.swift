import Synchronization

/// Hands events to those who listen. Nothing is made of what happens as long as nobody does.
final class EventHub: Sendable {
    private struct State {
        var buffers: [EventBuffer] = []
        var isFinished = false
    }

    /// The bits of `watch`.
    private enum Watch {
        static let logs: UInt8 = 1
        static let listens: UInt8 = 2
    }

    /// Whether single operations are logged, or anybody listens: one load for both, since every hit in memory asks.
    private let watch: Atomic<UInt8>
    private let timeSource: (any TimeSource)?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - timeSource: What events are timed by; nil where nobody will listen.
    ///   - logsOperations: Whether single operations are logged.
    init(timeSource: (any TimeSource)? = nil, logsOperations: Bool = false) {
        self.timeSource = timeSource
        watch = Atomic(logsOperations ? Watch.logs : 0)
    }

    /// Whether a single operation is of interest to anybody.
    @inline(__always)
    var isWatched: Bool { watch.load(ordering: .relaxed) != 0 }

    /// Whether single operations are logged.
    var logsOperations: Bool { watch.load(ordering: .relaxed) & Watch.logs != 0 }

    /// Whether anybody listens.
    @inline(__always)
    var isHeard: Bool { watch.load(ordering: .relaxed) & Watch.listens != 0 }

    /// Tells all who listen. Suspends nobody, holds no lock while anything but a buffer's own is done, and is not to be called under one.
    @inline(__always)
    func emit(_ kind: CacheEvent.Kind, _ key: CacheKey? = nil, _ details: (inout CacheEvent) -> Void = { _ in }) {
        if isHeard { tell(kind, key, details) }
    }

    @inline(never)
    private func tell(_ kind: CacheEvent.Kind, _ key: CacheKey?, _ details: (inout CacheEvent) -> Void) {
        let buffers = state.withLock { $0.buffers }
        guard !buffers.isEmpty else { return }
        var event = CacheEvent(kind, key: key, time: timeSource?.unixTime() ?? UnixTime(microseconds: 0))
        details(&event)
        for buffer in buffers { buffer.push(event) }
    }

    /// A subscriber of what happens from now on.
    func subscribe(limit: Int) -> EventSubscription {
        let buffer = EventBuffer(limit: limit)
        let isFinished = state.withLock { state in
            if !state.isFinished {
                state.buffers.append(buffer)
                watch.bitwiseOr(Watch.listens, ordering: .relaxed)
            }
            return state.isFinished
        }
        if isFinished { buffer.finish() }
        return EventSubscription(buffer, hub: self)
    }

    func leave(_ buffer: EventBuffer) {
        state.withLock { state in
            state.buffers.removeAll { $0 === buffer }
            if state.buffers.isEmpty { watch.bitwiseAnd(~Watch.listens, ordering: .relaxed) }
        }
    }

    /// Nothing happens any more.
    func finish() {
        let buffers = state.withLock { state in
            state.isFinished = true
            watch.bitwiseAnd(~Watch.listens, ordering: .relaxed)
            defer { state.buffers = [] }
            return state.buffers
        }
        for buffer in buffers { buffer.finish() }
    }
}
