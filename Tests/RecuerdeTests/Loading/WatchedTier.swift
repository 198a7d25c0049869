import Recuerde
import RecuerdeTesting
import Synchronization

/// A node's way to the store that tells what was read, and how long each exchange was allowed to take; and on which they may take time.
final class WatchedTier: ForwardingTier {
    private struct State {
        var names: [String] = []
        var timeouts: [Duration] = []
        var delay = Duration.zero
    }

    let base: any RemoteTier
    private let time: ManualTimeSource
    private let state = Mutex(State())

    init(_ base: any RemoteTier, time: ManualTimeSource) {
        self.base = base
        self.time = time
    }

    /// From now on each exchange takes so long; what was seen before is forgotten.
    func watch(taking delay: Duration = .zero) {
        state.withLock { $0 = State(delay: delay) }
    }

    /// The names that were read.
    var names: [String] { state.withLock(\.names) }
    /// What was left for each exchange.
    var timeouts: [Duration] { state.withLock(\.timeouts) }

    private func passes(_ names: [String], _ timeout: Duration) throws {
        let delay = state.withLock { state in
            state.names += names
            state.timeouts.append(timeout)
            return state.delay
        }
        if delay > .zero { time.advance(by: min(delay, timeout)) }
        if delay > timeout { throw RemoteTierError(.timedOut, "scripted to take longer") }
    }

    func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        try passes(names, timeout)
        return try await base.read(names, with: details, timeout: timeout)
    }

    func write(
        _ writes: [RemoteWrite],
        timeout: Duration
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        try passes([], timeout)
        return try await base.write(writes, timeout: timeout)
    }

    func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        try passes([], timeout)
        return try await base.plant(names, timeToLive: timeToLive, timeout: timeout)
    }

    func tags(_ steps: [RemoteTagStep], timeout: Duration) async throws -> [Result<RemoteTag, RemoteTierError>] {
        try passes([], timeout)
        return try await base.tags(steps, timeout: timeout)
    }
}
