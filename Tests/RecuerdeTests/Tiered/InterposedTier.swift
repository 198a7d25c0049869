import Recuerde
import RecuerdeTesting
import Synchronization

/// A remote tier in which something comes in between, once: before the next write, page of a clear or scan, or while the answer to a read
/// is under way; and that refuses some names, or all scans, or whose connection some names break.
final class InterposedTier: ForwardingTier {
    let base: any RemoteTier
    private let interlude = Mutex<(@Sendable () async -> Void)?>(nil)

    private let refused = Mutex<Set<String>>([])
    private let breaking = Mutex<(names: Set<String>, storesOnly: Bool, count: Int)>(([], false, 0))
    private let scans = Mutex<RemoteTierError?>(nil)
    private let stages = Mutex<[Stage: @Sendable () async -> Void]>([:])
    private let reading = Mutex<(name: String, body: @Sendable () async -> Void)?>(nil)

    /// Where something else than a write may be preceded by something.
    enum Stage: CaseIterable, Sendable {
        case time, marks, scan, page
    }

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
    func breakConnection(by names: Set<String>, storesOnly: Bool = false) {
        breaking.withLock { ($0.names, $0.storesOnly) = (names, storesOnly) }
    }

    /// What comes before the next exchange of that kind.
    func before(_ stage: Stage, _ body: @escaping @Sendable () async -> Void) {
        stages.withLock { $0[stage] = body }
    }

    private func comes(_ stage: Stage) async {
        await stages.withLock { $0.removeValue(forKey: stage) }?()
    }

    /// What happens once an entry has been read, and before the answer comes.
    func afterReading(_ name: String, _ body: @escaping @Sendable () async -> Void) {
        reading.withLock { $0 = (name, body) }
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
            let isBroken = writes.contains {
                breaking.names.contains($0.name) && (!breaking.storesOnly || $0.operation.isStore)
            }
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
        await comes(.scan)
        if let error = scans.withLock(\.self) { throw error }
        return try await base.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
    }

    func time(timeout: Duration) async throws -> Stamp {
        await comes(.time)
        return try await base.time(timeout: timeout)
    }

    func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
        await comes(.marks)
        return try await base.marks(name, noting: clear, timeout: timeout)
    }

    func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        await comes(.page)
        return try await base.sweep(names, stamp: stamp, format: format, timeout: timeout)
    }

    func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
        await comes(.page)
        return try await base.expire(names, stamp: stamp, timeout: timeout)
    }

    func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        let read = try await base.read(names, with: details, timeout: timeout)
        let body = reading.withLock { reading in
            guard let waiting = reading, names.contains(waiting.name) else {
                return nil as (@Sendable () async -> Void)?
            }
            reading = nil
            return waiting.body
        }
        await body?()
        return read
    }
}
