import Recuerde
import RecuerdeTesting
import Synchronization

/// A remote tier in which something comes in between: once, before the next write.
final class InterposedTier: RemoteTier {
    private let tier: ScriptedRemoteTier
    private let interlude = Mutex<(@Sendable () async -> Void)?>(nil)

    init(_ tier: ScriptedRemoteTier) {
        self.tier = tier
    }

    func beforeWriting(_ body: @escaping @Sendable () async -> Void) {
        interlude.withLock { $0 = body }
    }

    var address: String { tier.address }

    func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        try await tier.read(names, with: details, timeout: timeout)
    }

    func write(
        _ writes: [RemoteWrite],
        timeout: Duration
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        let interlude = self.interlude.withLock { interlude in
            defer { interlude = nil }
            return interlude
        }
        await interlude?()
        return try await tier.write(writes, timeout: timeout)
    }

    func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
        try await tier.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
    }

    func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        try await tier.plant(names, timeToLive: timeToLive, timeout: timeout)
    }

    func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
        try await tier.marks(name, noting: clear, timeout: timeout)
    }

    func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        try await tier.sweep(names, stamp: stamp, format: format, timeout: timeout)
    }

    func time(timeout: Duration) async throws -> Stamp {
        try await tier.time(timeout: timeout)
    }
}
