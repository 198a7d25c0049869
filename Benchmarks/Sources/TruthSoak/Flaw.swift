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
    /// Redis never learns of an invalidation of tags.
    case markless
    /// What is read of a tag never tells of an invalidation.
    case amnesic
    /// What an invalidation was to remove may stand in for loads.
    case lenient
    /// An invalidation of tags is acknowledged, and nothing is done.
    case feigned

    /// A lease that another holds is given all the same.
    case generous
    /// A lease is not renewed, and nobody is told that it was lost.
    case untold
    /// Fencing tokens fall.
    case falling
    /// Leases outlive their owners by a minute.
    case immortal
    /// Locks are refused now and then.
    case refusing

    /// Nothing may stand in for a load that fails.
    case fallbackless
    /// Callers wait for loads to their end.
    case patient
    /// A source that has failed is asked again at once.
    case hammering
    /// A source that has failed is left alone for two minutes.
    case sulking
    /// Values pass for fresh long after their time.
    case ageless

    /// The part of the soak that has to find it.
    var part: Part {
        switch self {
        case .unchecked, .deaf, .tokenless, .untimely, .markless, .amnesic, .lenient, .feigned: .values
        case .generous, .untold, .falling, .immortal, .refusing: .leases
        case .fallbackless, .patient, .hammering, .sulking, .ageless: .source
        }
    }

    /// The faults in which it may show, where it takes any.
    var shownBy: [Fault] {
        switch self {
        case .untimely: [.muteness, .stopRedis, .sleep, .partition]
        case .amnesic: [.killNode]
        default: []
        }
    }
}

/// What is proved apart from the rest, by processes of its own.
enum Part: String, CaseIterable, Sendable {
    /// What callers are given, while nodes and Redis fail.
    case values
    /// One load per cluster, and locks, while owners are killed and stopped.
    case leases
    /// A source that hangs, fails and comes back under many callers.
    case source
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
        var read = try await base.read(names, with: details, timeout: timeout)
        if flaw == .amnesic {
            // A record of a tag is named so, and holds two stamps of 20 digits (design.md, sections 6 and 7).
            for index in read.entries.indices where names[index].hasSuffix("}:g") && read.entries[index] != nil {
                read.entries[index] = Array(repeating: UInt8(ascii: "0"), count: 40)
            }
        }
        return read
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

    func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
        try await base.expire(names, stamp: stamp, timeout: timeout)
    }

    func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        try await base.sweep(names, stamp: stamp, format: format, timeout: timeout)
    }

    func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        let changed = steps.map { step in
            var step = step
            switch (flaw, step.operation) {
            case (.markless, .invalidate), (.markless, .raise): step.operation = .keep(missing: nil)
            case (.lenient, .invalidate(let stamp, _, let end)):
                step.operation = .invalidate(atLeast: stamp, removes: false, validUntil: end)
            case (.lenient, .raise(let stamp, _)): step.operation = .raise(to: stamp, removes: false)
            default: break
            }
            return step
        }
        return try await base.tags(changed, timeout: timeout)
    }

    var leases: (any LeaseStore)? {
        guard let leases = base.leases, flaw.part == .leases else { return base.leases }
        return FlawedLeases(base: leases, flaw: flaw)
    }

    func time(timeout: Duration) async throws -> Stamp { try await base.time(timeout: timeout) }

    var address: String { base.address }
}
