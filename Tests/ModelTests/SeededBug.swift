@testable import Recuerde
import RecuerdeTesting
import Synchronization

/// A fault that is put in on purpose, one for each truth, to see that the checker finds it.
///
/// Each stands where the cache relies on something: its configuration, the tier that it is given, or how it is called. So none of
/// them costs the cache anything, and none can be switched on by accident.
enum SeededBug: CaseIterable, Sendable {
    /// 1: what is read lives an hour longer than it should.
    case prolongsLives
    /// 2: values of loads are stored whether or not their token still stands.
    case ignoresTokens
    /// 2: removals are acknowledged and not done.
    case losesRemovals
    /// 2: what is read while a notice of it comes is kept all the same.
    case keepsWhatWasOvertaken
    /// 2: a line goes on as the same one after a gap.
    case overlooksGaps
    /// 2: copies that nobody vouches for are believed for an hour.
    case ignoresTheBound
    /// 2: every notice of what the node itself has written is taken for its own.
    case takesAllForOwn
    /// 2: the record of a tag says what came last, even if that was stamped earlier.
    case lowersFloors
    /// 2: the record of a tag that is missing counts as one that makes nothing void.
    case believesMissingRecords
    /// 2: what a load brings is stamped as of its end, later than what was invalidated meanwhile.
    case stampsFillsLate
    /// 2: invalidations by tags are acknowledged and not done.
    case losesTagInvalidations
    /// 2: nobody heeds notices of records.
    case overhearsRecords
    /// 3: callers load by themselves.
    case loadsAlone
    /// 4: a load ends with the caller who happened to come first.
    case cancelsForAll
    /// 5: callers are told of the store's faults.
    case tellsFaults
    /// 5: exchanges take their time.
    case waitsLong
    /// 6: what waited in a journal replaces what is newer.
    case replaysRegardless
    /// 7: memory holds one entry more.
    case overfillsMemory
    /// 8: errors name the entry that they are about.
    case tellsNames
    /// 9: the prefixes of two caches are one.
    case sharesPrefixes
    /// 10: bytes that make no sense are taken for a value.
    case believesGarbage
    /// 1: what is read stands in an hour longer than it may.
    case prolongsStaleLives
    /// 2: expiries are acknowledged and not done.
    case losesExpiries
    /// 2: a clear that keeps stale values keeps them fresh.
    case keepsAllFresh
    /// 3: whoever finds a value that is to be loaded early loads it besides.
    case refreshesTwice
    /// 5: callers wait for a load to its end, whatever they say.
    case hasNoEndOfPatience
    /// 5: nor are they given a stale value before that.
    case hasNoSoftLimit
    /// 4: a load ends with the last who waits for it.
    case cutsOffLoads
    /// 11: to expire is to remove.
    case removesWhatExpires
    /// 12: a source that has failed has no pause.
    case knowsNoPause
    /// 2: a load may confirm what was removed.
    case handsWhatWasRemoved
    /// 2: a confirmed value loses its tags.
    case confirmsWithoutTags
    /// 3: a load of several keys asks nobody whether one of them is loaded already.
    case loadsAllAlone
    /// 12: loads for which nobody waits go on, however many there are.
    case crowdsTheBackground

    var truth: Int {
        switch self {
        case .prolongsLives: 1
        case .ignoresTokens, .losesRemovals, .keepsWhatWasOvertaken, .overlooksGaps, .ignoresTheBound, .takesAllForOwn,
            .lowersFloors, .believesMissingRecords, .stampsFillsLate, .losesTagInvalidations, .overhearsRecords:
            2
        case .loadsAlone: 3
        case .cancelsForAll: 4
        case .tellsFaults, .waitsLong: 5
        case .replaysRegardless: 6
        case .overfillsMemory: 7
        case .tellsNames: 8
        case .sharesPrefixes: 9
        case .believesGarbage: 10
        case .prolongsStaleLives: 1
        case .losesExpiries, .keepsAllFresh: 2
        case .refreshesTwice, .loadsAllAlone: 3
        case .handsWhatWasRemoved, .confirmsWithoutTags: 2
        case .cutsOffLoads: 4
        case .hasNoEndOfPatience, .hasNoSoftLimit: 5
        case .removesWhatExpires: 11
        case .knowsNoPause, .crowdsTheBackground: 12
        }
    }

    func apply(to configuration: inout CacheConfiguration) {
        if self == .knowsNoPause { configuration.defaultFailureThrottle = .zero }
        if self == .cutsOffLoads { configuration.maximumBackgroundLoads = 0 }
        if self == .crowdsTheBackground { configuration.maximumBackgroundLoads = 1_000 }
        if self == .tellsFaults { configuration.rethrowsRemoteErrors = true }
        if self == .ignoresTheBound { configuration.stalenessBound = .seconds(3_600) }
    }

    func tier(around tier: ScriptedNode, over store: ScriptedRemoteTier) -> any RemoteTier {
        switch self {
        case .prolongsLives, .ignoresTokens, .losesRemovals, .waitsLong, .replaysRegardless, .believesGarbage,
            .keepsWhatWasOvertaken, .overlooksGaps, .takesAllForOwn, .tellsNames, .prolongsStaleLives, .losesExpiries,
            .keepsAllFresh, .removesWhatExpires:
            FaultyTier(bug: self, tier: tier)
        default: tagTier(around: tier, over: store) ?? tier
        }
    }
}

/// A tier with a seeded bug.
private struct FaultyTier: RemoteTier {
    let bug: SeededBug
    let tier: ScriptedNode
    let ear = FaultyEar()

    func listen(_ listener: any InvalidationListener) {
        ear.hears(for: listener, bug)
        tier.listen(ear)
    }

    func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? {
        tier.witness(of: name, for: listener)
    }

    var address: String { tier.address }

    func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        ear.begins(names, isWrite: false)
        defer { ear.ends(names) }
        var read: RemoteRead
        do {
            read = try await tier.read(names, with: details, timeout: long(timeout))
        } catch let error as RemoteTierError where bug == .tellsNames {
            throw RemoteTierError(error.code, "reading \(names) failed: \(error.message)")
        }
        read.entries = read.entries.map { bytes in
            guard let bytes else { return nil }
            guard var envelope = Envelope(decoding: bytes[...]) else {
                return bug == .believesGarbage ? Self.invented : bytes
            }
            guard bug == .prolongsLives || bug == .prolongsStaleLives else { return bytes }
            envelope.metadata.physicalExpiry = envelope.metadata.physicalExpiry.advanced(by: .seconds(3_600))
            guard bug == .prolongsLives else { return envelope.encoded() }
            envelope.metadata.logicalExpiry = envelope.metadata.logicalExpiry.advanced(by: .seconds(3_600))
            return envelope.encoded()
        }
        return read
    }

    private static let invented: [UInt8]? = {
        let present = ManualTimeSource().unixTime()
        let metadata = EntryMetadata(
            stamp: Stamp(microseconds: present.microseconds),
            createdAt: present,
            logicalExpiry: present.advanced(by: .seconds(36_000)),
            physicalExpiry: present.advanced(by: .seconds(36_000))
        )
        let payload: [UInt8] = Array("-1".utf8)
        return Envelope(metadata: metadata, fingerprint: TypeFingerprint(of: Int.self), payload: payload[...]).encoded()
    }()

    func write(
        _ writes: [RemoteWrite],
        timeout: Duration
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        ear.begins(writes.map(\.name), isWrite: true)
        defer { ear.ends([]) }
        let always = RemoteWrite.Condition.always(floor: .zero, validUntil: Stamp(microseconds: .max))
        var changed = writes
        for index in changed.indices {
            switch changed[index].condition {
            case .ifToken where bug == .ignoresTokens: changed[index].condition = always
            case .ifToken where bug == .replaysRegardless, .ifNewer where bug == .replaysRegardless:
                changed[index].condition = always
            default: break
            }
        }
        for index in changed.indices where bug == .removesWhatExpires && changed[index].operation == .expire {
            changed[index].operation = .remove
        }
        guard bug == .losesRemovals || bug == .losesExpiries else {
            return try await tier.write(changed, timeout: long(timeout))
        }
        let lost: RemoteWrite.Operation = bug == .losesRemovals ? .remove : .expire
        var outcomes: [Result<RemoteOutcome, RemoteTierError>] = []
        for write in changed {
            if write.operation == lost {
                let time = try await tier.time(timeout: timeout)
                outcomes.append(.success(RemoteOutcome(applied: true, existed: true, stamp: time)))
            } else {
                outcomes += try await tier.write([write], timeout: timeout)
            }
        }
        return outcomes
    }

    private func long(_ timeout: Duration) -> Duration { bug == .waitsLong ? timeout * 2 : timeout }

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

    func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
        bug == .keepsAllFresh ? 0 : try await tier.expire(names, stamp: stamp, timeout: timeout)
    }

    func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        try await tier.tags(steps, timeout: timeout)
    }

    func time(timeout: Duration) async throws -> Stamp {
        try await tier.time(timeout: timeout)
    }
}

/// An ear with a seeded bug, between a tier and the cache that listens.
private final class FaultyEar: InvalidationListener {
    private struct State {
        weak var listener: (any InvalidationListener)?
        var bug: SeededBug?
        var line: InvalidationLine?
        /// Names that are being read.
        var underWay: [String] = []
        /// Names that were written since the last proof.
        var own: Set<String> = []
    }

    private let state = Mutex(State())
    private var listener: (any InvalidationListener)? { state.withLock { $0.listener } }

    var provingPace: Duration { listener?.provingPace ?? .seconds(1) }

    func hears(for listener: any InvalidationListener, _ bug: SeededBug) {
        state.withLock { ($0.listener, $0.bug) = (listener, bug) }
    }

    func begins(_ names: [String], isWrite: Bool) {
        state.withLock { state in
            if isWrite { state.own.formUnion(names) } else { state.underWay += names }
        }
    }

    func ends(_ names: [String]) {
        state.withLock { state in
            for name in names {
                if let place = state.underWay.firstIndex(of: name) { state.underWay.remove(at: place) }
            }
        }
    }

    func opened(tellsOwnWrites: Bool) -> InvalidationLine? {
        let (bug, line) = state.withLock { ($0.bug, $0.line) }
        if bug == .overlooksGaps, let line { return line }
        let opened = listener?.opened(tellsOwnWrites: tellsOwnWrites)
        state.withLock { $0.line = opened }
        return opened
    }

    func proved(_ line: InvalidationLine, before: Duration) {
        state.withLock { $0.own = [] }
        listener?.proved(line, before: before)
    }

    func closed(_ line: InvalidationLine) {
        if state.withLock({ $0.bug == .overlooksGaps }) { return }
        listener?.closed(line)
    }

    func changed(_ names: [String], on line: InvalidationLine?) {
        let heard = state.withLock { state in
            names.filter { name in
                switch state.bug {
                case .keepsWhatWasOvertaken: !state.underWay.contains(name)
                case .takesAllForOwn: !state.own.contains(name)
                default: true
                }
            }
        }
        if !heard.isEmpty { listener?.changed(heard, on: line) }
    }

    func changedAll(_ line: InvalidationLine) -> InvalidationLine? {
        let next = listener?.changedAll(line)
        state.withLock { $0.line = next }
        return next
    }
}
