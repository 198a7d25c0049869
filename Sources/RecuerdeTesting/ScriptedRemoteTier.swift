public import Recuerde
import Synchronization

/// A remote tier in memory that keeps the contract of `RemoteTier`, and fails, hangs or delays as a test scripts it.
///
/// Several caches may share one: then they are the nodes of a cluster.
public final class ScriptedRemoteTier: RemoteTier {
    /// What happens to an exchange.
    public enum Behaviour: Sendable {
        /// It is carried out.
        case normal
        /// It is not carried out and throws.
        case fail(RemoteTierError)
        /// It throws when its timeout has passed; it is not carried out.
        case hang
        /// It is carried out, and then throws as if the answer had been lost.
        case loseAnswer(RemoteTierError)
    }

    /// An entry as it stands.
    public struct Record: Sendable {
        /// Its bytes, stamp included.
        public var bytes: [UInt8]
        /// Its stamp; zero under the plain format.
        public var stamp: Stamp
        /// When it is gone.
        public var expiry: MonotonicInstant
    }

    private struct Token {
        var text: String
        var planted: Stamp
        var expiry: MonotonicInstant
    }

    private struct State {
        var records: [String: Record] = [:]
        var tombstones: [String: Stamp] = [:]
        var tokens: [String: Token] = [:]
        var planted = 0
        var marks: [String: RemoteMarks] = [:]
        var behaviour = Behaviour.normal
        var isFull = false
        var frozenUntil = MonotonicInstant(nanoseconds: .min)
        var reads = 0
        var writes = 0
        var exchanges = 0
        var held: [CheckedContinuation<Void, Never>]?
        /// The connections that are told of changes, and what was read over each since it was last told.
        var tracked: [UInt64: Tracked] = [:]
        var lastConnection: UInt64 = 0

        /// A step over a connection looks at an entry.
        mutating func look(at name: String, over connection: UInt64?) {
            if let connection { tracked[connection]?.names.insert(name) }
        }

        /// An entry is another one now, or none: whoever has looked at it is told so, once.
        mutating func changed(_ name: String) {
            for connection in tracked.keys.sorted() where tracked[connection]?.names.remove(name) != nil {
                tracked[connection]?.tell([name])
            }
        }
    }

    /// A connection that is told of changes, as by client tracking. `tell` is called in the order of what happens, under the lock of
    /// the store; nil stands for all entries.
    struct Tracked {
        var names: Set<String> = []
        var tell: @Sendable ([String]?) -> Void
    }

    private let state = Mutex(State())
    let leaseBook = ScriptedLeases()
    let timeSource: any TimeSource
    /// How far the store's clock is ahead of the time source's.
    public let clockOffset: Duration

    /// Makes an empty tier.
    public init(timeSource: any TimeSource, clockOffset: Duration = .zero) {
        self.timeSource = timeSource
        self.clockOffset = clockOffset
    }

    public var address: String { "scripted" }

    // MARK: Script

    /// What happens to every exchange from now on.
    public func behave(_ behaviour: Behaviour) {
        state.withLock { $0.behaviour = behaviour }
    }

    /// Every exchange waits from now on, until ``release()``.
    public func hold() {
        state.withLock { $0.held = $0.held ?? [] }
    }

    /// Lets all go that wait.
    public func release() {
        let waiting = state.withLock { state in
            defer { state.held = nil }
            return state.held ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    /// How many wait at present.
    public var waiting: Int {
        state.withLock { $0.held?.count ?? 0 }
    }

    /// Whether there is no room for anything from now on. Then stores, tokens and marks are refused, as under `noeviction`: what a refused
    /// value would have replaced goes, and a removal is done without leaving its tombstone.
    public func setFull(_ isFull: Bool) {
        state.withLock { $0.isFull = isFull }
    }

    /// From now on nothing that a ``ScriptedNode`` sends is carried out for so long, as by a stopped process: it waits before the door.
    public func freeze(for duration: Duration) {
        let until = timeSource.now().advanced(by: duration)
        state.withLock { $0.frozenUntil = until }
    }

    /// Until when the store is frozen.
    var frozenUntil: MonotonicInstant {
        state.withLock { $0.frozenUntil }
    }

    /// The store as one more node sees it, with a way to it of its own.
    ///
    /// - Parameters:
    ///   - name: What the node is called.
    ///   - isTracked: Whether the node is told of changes of what it has read, as by client tracking.
    /// - Returns: The node's view.
    public func node(_ name: String, isTracked: Bool = false) -> ScriptedNode {
        ScriptedNode(name: name, store: self, isTracked: isTracked)
    }

    /// A connection that is told of changes from now on.
    func track(_ tell: @escaping @Sendable ([String]?) -> Void) -> UInt64 {
        state.withLock { state in
            state.lastConnection += 1
            state.tracked[state.lastConnection] = Tracked(tell: tell)
            return state.lastConnection
        }
    }

    /// That connection is gone.
    func untrack(_ connection: UInt64) {
        state.withLock { $0.tracked[connection] = nil }
    }

    /// What stands under a name, if it is not gone.
    public func record(_ name: String) -> Record? {
        let now = timeSource.now()
        return state.withLock { state in state.records[name].flatMap { now < $0.expiry ? $0 : nil } }
    }

    /// The names of all that is there.
    public var names: [String] {
        let now = timeSource.now()
        return state.withLock { state in state.records.filter { now < $0.value.expiry }.keys.sorted() }
    }

    /// Puts bytes there by hand, as another program would.
    public func plant(_ name: String, bytes: [UInt8], timeToLive: Duration = .seconds(3_600)) {
        let expiry = timeSource.now().advanced(by: timeToLive)
        state.withLock { state in
            state.records[name] = Record(bytes: bytes, stamp: Self.stamp(of: bytes), expiry: expiry)
            state.changed(name)
        }
    }

    /// Takes an entry away by hand, as an eviction would.
    public func evict(_ name: String) {
        state.withLock { state in
            if state.records.removeValue(forKey: name) != nil { state.changed(name) }
        }
    }

    /// Takes the tombstone of an entry and the token beside it away, as an eviction would.
    public func evictCompanion(_ name: String) {
        state.withLock { state in
            state.tombstones[name] = nil
            state.tokens[name] = nil
        }
    }

    /// Whether a token stands beside an entry.
    public func hasToken(_ name: String) -> Bool {
        let now = timeSource.now()
        return state.withLock { $0.tokens[name].map { now < $0.expiry } ?? false }
    }

    /// The marks of the caches that are kept here, by their names.
    public var marks: [String: RemoteMarks] {
        state.withLock { $0.marks }
    }

    /// Loses everything, as FLUSHALL does, or a restart without data.
    public func loseData() {
        leaseBook.loseData()
        state.withLock { state in
            state.records = [:]
            state.tombstones = [:]
            state.tokens = [:]
            state.marks = [:]
            for connection in state.tracked.keys.sorted() {
                state.tracked[connection]?.names = []
                state.tracked[connection]?.tell(nil)
            }
        }
    }

    /// How many entries were asked for, written or removed, and how many exchanges there were, failed ones included.
    public var counts: (reads: Int, writes: Int, exchanges: Int) {
        state.withLock { ($0.reads, $0.writes, $0.exchanges) }
    }

    // MARK: RemoteTier

    public func read(
        _ names: [String],
        with details: RemoteReadDetails,
        timeout: Duration
    ) async throws -> RemoteRead {
        try await read(names, with: details, timeout: timeout, over: nil)
    }

    func read(
        _ names: [String],
        with details: RemoteReadDetails,
        timeout: Duration,
        over connection: UInt64?
    ) async throws -> RemoteRead {
        try await exchange(timeout) { state, now, time in
            state.reads += names.count
            for name in names { state.look(at: name, over: connection) }
            let records = names.map { name in state.records[name].flatMap { now < $0.expiry ? $0 : nil } }
            return RemoteRead(
                entries: records.map { record in
                    guard details.contains(.headsOnly) else { return record?.bytes }
                    return record.map { Array($0.bytes.prefix(RemoteRead.headLength)) }
                },
                time: details.contains(.time) ? time : nil,
                timesToLive: details.contains(.timesToLive)
                    ? records.map { $0.map { now.duration(to: $0.expiry) } ?? .zero } : []
            )
        }
    }

    public func write(
        _ writes: [RemoteWrite],
        timeout: Duration
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        try await write(writes, timeout: timeout, over: nil)
    }

    func write(
        _ writes: [RemoteWrite],
        timeout: Duration,
        over connection: UInt64?
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        try await exchange(timeout) { state, now, time in
            state.writes += writes.count
            return writes.map { write in
                // Looked at before, so that the connection hears of its own writes, and after.
                state.look(at: write.name, over: connection)
                let outcome = Self.apply(write, to: &state, now: now, time: time)
                state.look(at: write.name, over: connection)
                return outcome
            }
        }
    }

    public func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
        try await exchange(timeout) { state, now, _ in
            // One wildcard, as the patterns of a cache have it.
            let parts = pattern.replacing("\\", with: "").split(separator: "*", omittingEmptySubsequences: false)
            let (head, tail) = (parts.first ?? "", parts.last ?? "")
            let companions = Set(state.tombstones.keys)
                .union(state.tokens.filter { now < $0.value.expiry }.keys)
                .map { "{\($0)}:t" }
            let names = (state.records.filter { now < $0.value.expiry }.keys + companions)
                .filter { $0.utf8.starts(with: head.utf8) && $0.utf8.reversed().starts(with: tail.utf8.reversed()) }
                .sorted()
            // As SCAN promises: what is there all the while is found, whatever else comes and goes.
            let rest = names.drop { name in cursor.map { name <= $0 } ?? false }
            let page = Array(rest.prefix(max(1, count)))
            return RemotePage(names: page, cursor: page.count < rest.count ? page.last : nil)
        }
    }

    public func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        try await exchange(timeout) { state, _, _ in
            var removed = 0
            for name in names {
                if format == .envelope, let token = state.tokens[name], token.planted <= stamp {
                    state.tokens[name] = nil
                }
                guard let record = state.records[name], format == .plain || record.stamp <= stamp else { continue }
                state.records[name] = nil
                state.changed(name)
                removed += 1
            }
            return removed
        }
    }

    public func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
        try await exchange(timeout) { state, now, _ in
            var expired = 0
            for name in names {
                if let token = state.tokens[name], token.planted <= stamp { state.tokens[name] = nil }
                guard let record = state.records[name], record.stamp <= stamp, now < record.expiry,
                    record.bytes.count < 5 || record.bytes[4] & 0x80 == 0
                else { continue }
                Self.expire(name, in: &state)
                expired += 1
            }
            return expired
        }
    }

    public func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        try await exchange(timeout) { state, now, time in
            names.map { name in
                let record = state.records[name].flatMap { now < $0.expiry ? $0 : nil }
                let last = max(record?.stamp ?? .zero, state.tombstones[name] ?? .zero)
                let stamp = max(time, Stamp(microseconds: last.microseconds + 1))
                let expiry = now.advanced(by: timeToLive)
                if var token = state.tokens[name], now < token.expiry {
                    token.expiry = max(token.expiry, expiry)
                    state.tokens[name] = token
                    return .success(RemoteToken(text: token.text, stamp: stamp, time: time))
                }
                if state.isFull { return .failure(Self.full) }
                state.planted += 1
                let token = Token(text: "token \(state.planted)", planted: time, expiry: expiry)
                state.tokens[name] = token
                return .success(RemoteToken(text: token.text, stamp: stamp, time: time))
            }
        }
    }

    public func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
        try await exchange(timeout) { state, _, time in
            var marks = state.marks[name] ?? RemoteMarks(epoch: time, cleared: .zero, isNew: true)
            if let clear, clear > marks.cleared, clear.microseconds <= time.microseconds + 60_000_000, !state.isFull {
                marks.cleared = clear
            }
            let answer = marks
            // A full store says what it would have noted.
            if answer.isNew, state.isFull { return answer }
            marks.isNew = false
            state.marks[name] = marks
            return answer
        }
    }

    public func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        try await tags(steps, timeout: timeout, over: nil)
    }

    func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration,
        over connection: UInt64?
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        try await exchange(timeout) { state, now, time in
            steps.map { step in
                // Looked at before and after, as entries are that are written.
                state.look(at: step.name, over: connection)
                let outcome = Self.apply(step, to: &state, now: now, time: time)
                state.look(at: step.name, over: connection)
                return outcome
            }
        }
    }

    /// The record of a tag stands among the entries, under a name of its own.
    private static func apply(
        _ step: RemoteTagStep,
        to state: inout State,
        now: MonotonicInstant,
        time: Stamp
    ) -> Result<RemoteTag, RemoteTierError> {
        let limit = Stamp(microseconds: time.microseconds + 60_000_000)
        let record = state.records[step.name].flatMap { now < $0.expiry ? $0 : nil }
        let present = record.flatMap { RemoteTag.floors(of: $0.bytes) }
        var (expired, removed) = present ?? (.zero, .zero)
        var expiry = record?.expiry ?? now
        let needed = now.advanced(by: step.life)
        var isChanged = false
        if case .invalidate(_, _, let until) = step.operation, time > until {
            return .success(
                RemoteTag(
                    expired: expired,
                    removed: removed,
                    remaining: now.duration(to: expiry),
                    isChanged: false,
                    time: time,
                    isLate: true
                )
            )
        }
        if present == nil {
            expired = time
            switch step.operation {
            case .keep(let missing): expired = min(missing ?? time, time)
            case .invalidate(let stamp, _, _), .raise(let stamp, _): if stamp <= limit { expired = max(time, stamp) }
            }
            (removed, expiry, isChanged) = (expired, needed, true)
            // Loads may be under way for as long.
            if case .keep = step.operation {} else { expiry = max(needed, now.advanced(by: .seconds(86_400))) }
        } else {
            switch step.operation {
            case .keep: break
            case .invalidate(let stamp, let removes, _):
                let floor = Stamp(microseconds: max(time, expired).microseconds + 1)
                expired = stamp <= limit ? max(floor, stamp) : floor
                if removes { removed = expired }
                isChanged = true
            case .raise(let stamp, let removes):
                let floor = stamp <= limit ? stamp : time
                isChanged = floor > expired || (removes && floor > removed)
                expired = max(expired, floor)
                if removes { removed = max(removed, floor) }
            }
            if expiry < needed { (expiry, isChanged) = (needed, true) }
        }
        if isChanged {
            if state.isFull {
                if state.records.removeValue(forKey: step.name) != nil { state.changed(step.name) }
                if case .keep = step.operation { return .failure(full) }
                expiry = now
            } else {
                let bytes = RemoteTag.bytes(expired: expired, removed: removed)
                state.records[step.name] = Record(bytes: bytes, stamp: .zero, expiry: expiry)
                state.changed(step.name)
            }
        }
        return .success(
            RemoteTag(
                expired: expired,
                removed: removed,
                remaining: now.duration(to: expiry),
                isChanged: isChanged,
                time: time
            )
        )
    }

    public func time(timeout: Duration) async throws -> Stamp {
        try await exchange(timeout) { _, _, time in time }
    }

    private static func apply(
        _ write: RemoteWrite,
        to state: inout State,
        now: MonotonicInstant,
        time: Stamp
    ) -> Result<RemoteOutcome, RemoteTierError> {
        let present = state.records[write.name].flatMap { now < $0.expiry ? $0 : nil }
        let last = max(present?.stamp ?? .zero, state.tombstones[write.name] ?? .zero)
        var isUnchanged = false
        let stamp: Stamp
        switch write.condition {
        case .always(let floor, let validUntil):
            if write.format == .envelope, time > validUntil {
                return .success(RemoteOutcome(applied: false, existed: present != nil, stamp: time, isLate: true))
            }
            stamp =
                [time, Stamp(microseconds: last.microseconds + 1), Stamp(microseconds: floor.microseconds + 1)].max()
                ?? time
        case .ifNewer(let asked), .ifToken(let asked, _):
            // More than a minute ahead of the store's clock is a clock that is wrong.
            stamp = asked.microseconds > time.microseconds + 60_000_000 ? time : asked
            if write.format == .envelope, last >= stamp {
                if let present, present.stamp < stamp, write.operation == .remove {
                    // Expired later than this removal was made: it must not stand in.
                    state.records[write.name] = nil
                    state.changed(write.name)
                }
                return .success(RemoteOutcome(applied: false, existed: present != nil, stamp: last))
            }
            if write.format == .envelope, !hasItsToken(write, state, now) {
                return .success(RemoteOutcome(applied: false, existed: present != nil, stamp: last))
            }
        }
        switch write.operation {
        case .store where state.isFull:
            if state.records.removeValue(forKey: write.name) != nil { state.changed(write.name) }
            return .failure(full)
        case .store(var bytes, let timeToLive):
            if write.format == .envelope { bytes.replaceSubrange(8..<28, with: digits(of: stamp)) }
            state.records[write.name] = Record(
                bytes: bytes,
                stamp: write.format == .envelope ? stamp : .zero,
                expiry: now.advanced(by: timeToLive)
            )
            state.changed(write.name)
            if case .ifToken = write.condition { break }
            // Where something was removed, its mark stays, with the stamp of what has taken its place.
            if state.tombstones[write.name] != nil { state.tombstones[write.name] = stamp }
            state.tokens[write.name] = nil
        case .expire where write.format == .envelope && present.map { mark($0.bytes) != nil } == true:
            isUnchanged = present.map { mark($0.bytes) == $0.bytes } ?? false
            expire(write.name, in: &state)
            if !state.isFull { state.tombstones[write.name] = stamp }
            state.tokens[write.name] = nil
        case .remove, .expire:
            if state.records.removeValue(forKey: write.name) != nil, present != nil { state.changed(write.name) }
            if !state.isFull { state.tombstones[write.name] = stamp }
            state.tokens[write.name] = nil
        }
        return .success(
            RemoteOutcome(
                applied: true,
                existed: present != nil,
                stamp: write.format == .envelope ? stamp : .zero,
                isUnchanged: isUnchanged
            )
        )
    }

    /// Whether the token of a write stands, if it needs one.
    private static func hasItsToken(_ write: RemoteWrite, _ state: State, _ now: MonotonicInstant) -> Bool {
        guard case .ifToken(_, let text) = write.condition else { return true }
        return state.tokens[write.name].map { $0.text == text && now < $0.expiry } ?? false
    }

    /// An entry marked as expired where it stands; one that may not stand in goes. A full store has no room for the mark, and needs none
    /// for one that stands.
    private static func expire(_ name: String, in state: inout State) {
        if let bytes = state.records[name]?.bytes, bytes == mark(bytes) { return }
        guard let bytes = state.records[name].flatMap({ mark($0.bytes) }), !state.isFull else {
            state.records[name] = nil
            return state.changed(name)
        }
        state.records[name]?.bytes = bytes
        state.changed(name)
    }

    /// An envelope with the mark of the expired, as the script for Redis sets it; nil where it may not stand in.
    private static func mark(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= 52, bytes.starts(with: [0xCA, 0x52, 0x45, 2]), bytes[36..<44] != bytes[44..<52] else {
            return nil
        }
        var bytes = bytes
        bytes[4] |= 0x80
        return bytes
    }

    static let full = RemoteTierError(.refused, "scripted to be full", lacksRoom: true)

    private static func digits(of stamp: Stamp) -> [UInt8] {
        let text = String(stamp.microseconds)
        return Array((String(repeating: "0", count: 20 - text.count) + text).utf8)
    }

    private static func stamp(of bytes: [UInt8]) -> Stamp {
        guard bytes.count >= 28, bytes[0] == 0xCA else { return .zero }
        return Stamp(microseconds: Int64(String(decoding: bytes[8..<28], as: UTF8.self)) ?? 0)
    }

    /// An exchange about something else than entries.
    func exchange<Answer: Sendable>(
        _ timeout: Duration,
        about body: (MonotonicInstant, Stamp, _ isFull: Bool) throws -> Answer
    ) async throws -> Result<Answer, any Error> {
        try await exchange(timeout) { state, now, time in Result { try body(now, time, state.isFull) } }
    }

    private func exchange<Answer: Sendable>(
        _ timeout: Duration,
        _ body: (inout State, MonotonicInstant, Stamp) -> Answer
    ) async throws -> Answer {
        await waitIfHeld()
        let started = timeSource.now()
        let behaviour = state.withLock { state in
            state.exchanges += 1
            return state.behaviour
        }
        switch behaviour {
        case .normal:
            return carryOut(body)
        case .fail(let error):
            throw error
        case .loseAnswer(let error):
            _ = carryOut(body)
            throw error
        case .hang:
            try await timeSource.sleep(until: started.advanced(by: timeout))
            throw RemoteTierError(.timedOut, "scripted to hang")
        }
    }

    private func carryOut<Answer>(_ body: (inout State, MonotonicInstant, Stamp) -> Answer) -> Answer {
        let now = timeSource.now()
        let time = Stamp(microseconds: timeSource.unixTime().advanced(by: clockOffset).microseconds)
        return state.withLock { body(&$0, now, time) }
    }

    private func waitIfHeld() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                guard state.held != nil else { return true }
                state.held?.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
    }
}
