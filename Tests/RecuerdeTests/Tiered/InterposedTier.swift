import Recuerde
import RecuerdeTesting
import Synchronization

/// A remote tier in which something comes in between, once, before the next write; and that refuses some names, or all scans, or whose connection
/// some names break.
final class InterposedTier: ForwardingTier {
    let base: any RemoteTier
    private let interlude = Mutex<(@Sendable () async -> Void)?>(nil)

    private let refused = Mutex<Set<String>>([])
    private let breaking = Mutex<(names: Set<String>, count: Int)>(([], 0))
    private let scans = Mutex<RemoteTierError?>(nil)

    init(_ tier: ScriptedRemoteTier) {
        base = tier
    }

    func beforeWriting(_ body: @escaping @Sendable () async -> Void) {
        interlude.withLock { $0 = body }
    }

    /// Writes under these names are refused from now on, each by itself.
    func refuse(_ names: Set<String>) {
        refused.withLock { $0 = names }
    }

    /// A write with one of these names breaks the connection from now on, and with it whatever else is written at the same time.
    func breakConnection(by names: Set<String>) {
        breaking.withLock { $0.names = names }
    }

    /// How often the connection has been broken.
    var breaks: Int { breaking.withLock { $0.count } }

    /// What scans fail with from now on; nil for nothing.
    func failScans(_ error: RemoteTierError?) {
        scans.withLock { $0 = error }
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
        let isBroken = breaking.withLock { breaking in
            let isBroken = writes.contains { breaking.names.contains($0.name) }
            if isBroken { breaking.count += 1 }
            return isBroken
        }
        if isBroken { throw RemoteTierError(.interrupted, "scripted to break the connection") }
        let refused = self.refused.withLock { $0 }
        var taken = try await base.write(writes.filter { !refused.contains($0.name) }, timeout: timeout)[...]
        return writes.map { write in
            guard !refused.contains(write.name), let outcome = taken.popFirst() else {
                return .failure(RemoteTierError(.refused, "scripted to be refused"))
            }
            return outcome
        }
    }

    func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
        if let error = scans.withLock(\.self) { throw error }
        return try await base.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
    }
}
