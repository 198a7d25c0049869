import Recuerde
import RecuerdeTesting
import Synchronization

/// A node's way to the store, in which the process is stopped while reads are under way: no answer of theirs is dealt with before their time is
/// over.
final class StoppedTier: ForwardingTier {
    private struct State {
        var reads = 0
        var pause = Duration.zero
        var stops = 0
        var hasMoved = false
    }

    let base: any RemoteTier
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
}
