import Recuerde
import RecuerdeTesting
import Synchronization

/// A node's way to the store, in which the process is stopped while reads are under way: no answer of theirs is dealt with before their time is
/// over.
final class StoppedTier: RemoteTier {
    private struct State {
        var reads = 0
        var pause = Duration.zero
        var stops = 0
        var hasMoved = false
    }

    private let base: NoticeBoard.Node
    private let time: ManualTimeSource
    private let state = Mutex(State())
    private let gathering = Mutex<(expected: Int, waiting: [CheckedContinuation<Void, Never>])>((0, []))

    init(_ base: NoticeBoard.Node, time: ManualTimeSource) {
        self.base = base
        self.time = time
    }

    /// How many reads have found their time over.
    var stops: Int { state.withLock { $0.stops } }

    /// The next so many reads find their time over. Longer than a deadline, they are all under way when the process is stopped, so that time
    /// passes once for all; else each waits for as long.
    func stopDuringNextReads(_ count: Int, for pause: Duration) {
        state.withLock { $0 = State(reads: count, pause: pause) }
        gathering.withLock { $0 = (count, []) }
    }

    func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        let pause = state.withLock { state -> Duration? in
            guard state.reads > 0 else { return nil }
            state.reads -= 1
            state.stops += 1
            return state.pause
        }
        guard let pause else { return try await base.read(names, with: details, timeout: timeout) }
        if pause > timeout { await gather() }
        let moves = state.withLock { state in
            defer { state.hasMoved = pause > timeout }
            return !state.hasMoved
        }
        if moves { time.advance(by: pause) }
        throw RemoteTierError(.timedOut, "scripted to be stopped")
    }

    /// Waits for all that are to be under way.
    private func gather() async {
        await withCheckedContinuation { continuation in
            let all = gathering.withLock { gathering -> [CheckedContinuation<Void, Never>] in
                gathering.waiting.append(continuation)
                gathering.expected -= 1
                if gathering.expected > 0 { return [] }
                defer { gathering.waiting = [] }
                return gathering.waiting
            }
            for one in all { one.resume() }
        }
    }

    var address: String { base.address }

    func listen(_ listener: any InvalidationListener) { base.listen(listener) }

    func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? {
        base.witness(of: name, for: listener)
    }

    func write(_ writes: [RemoteWrite], timeout: Duration) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        try await base.write(writes, timeout: timeout)
    }

    func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
        try await base.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
    }

    func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        try await base.plant(names, timeToLive: timeToLive, timeout: timeout)
    }

    func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
        try await base.marks(name, noting: clear, timeout: timeout)
    }

    func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        try await base.sweep(names, stamp: stamp, format: format, timeout: timeout)
    }

    func time(timeout: Duration) async throws -> Stamp { try await base.time(timeout: timeout) }
}
