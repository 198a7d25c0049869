import Recuerde

/// What is broken on purpose, to prove the judge.
enum Flaw: String, CaseIterable, Sendable {
    /// Memory is asked first and never doubted.
    case unchecked
    /// Lines stand and are proved, and notices are thrown away.
    case deaf
    /// Loads are stored whether or not their token stands.
    case tokenless
    /// A write that its caller has given up may still be carried out at any time.
    case untimely

    /// The faults in which it may show, where it takes any.
    var shownBy: [Fault] {
        switch self {
        case .unchecked, .deaf, .tokenless: []
        case .untimely: [.muteness, .stopRedis, .sleep, .partition]
        }
    }
}

/// A tier that lets through what the real one would have refused, or hears less.
struct FlawedTier<Base: RemoteTier>: RemoteTier {
    let base: Base
    let flaw: Flaw
    let ears: Ears
    private static var never: Stamp { Stamp(microseconds: 1 << 53) }

    init(_ base: Base, _ flaw: Flaw) {
        self.base = base
        self.flaw = flaw
        ears = Ears()
    }

    func write(_ writes: [RemoteWrite], timeout: Duration) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        let changed = writes.map { write in
            var write = write
            switch (flaw, write.condition) {
            case (.tokenless, .ifToken(let stamp, _)): write.condition = .ifNewer(stamp)
            case (.untimely, .always(let floor, _)): write.condition = .always(floor: floor, validUntil: Self.never)
            default: break
            }
            return write
        }
        return try await base.write(changed, timeout: timeout)
    }

    func listen(_ listener: any InvalidationListener) {
        guard flaw == .deaf else { return base.listen(listener) }
        base.listen(ears.covering(listener))
    }

    func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? {
        base.witness(of: name, for: ears.cover(of: listener) ?? listener)
    }

    func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        try await base.read(names, with: details, timeout: timeout)
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

    func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        try await base.tags(steps, timeout: timeout)
    }

    func time(timeout: Duration) async throws -> Stamp { try await base.time(timeout: timeout) }

    var address: String { base.address }
}
