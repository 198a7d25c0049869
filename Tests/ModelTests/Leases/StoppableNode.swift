import Recuerde
import RecuerdeTesting
import Synchronization

/// What everything that comes to a process passes: answers, timers, news, the ends of its loads. Closed while the process is stopped.
final class ProcessDoor: Sendable {
    private struct State {
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var later: [@Sendable () -> Void] = []
        var exchanges = 0
        var spent = Duration.zero
    }

    private let state = Mutex(State())

    var isClosed: Bool { state.withLock(\.isClosed) }
    /// How many exchanges of the process are under way.
    var exchanges: Int { state.withLock(\.exchanges) }
    /// How long all of them have taken.
    var spent: Duration { state.withLock(\.spent) }

    func close() {
        state.withLock { $0.isClosed = true }
    }

    func open() {
        let (waiting, later) = state.withLock { state in
            defer { (state.isClosed, state.waiting, state.later) = (false, [], []) }
            return (state.waiting, state.later)
        }
        for continuation in waiting { continuation.resume() }
        for body in later { body() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isClosed { state.waiting.append(continuation) }
                return !state.isClosed
            }
            if goesOn { continuation.resume() }
        }
    }

    /// Now, or when the process goes on.
    func perform(_ body: @escaping @Sendable () -> Void) {
        let isNow = state.withLock { state in
            if state.isClosed { state.later.append(body) }
            return !state.isClosed
        }
        if isNow { body() }
    }

    func setsOut() {
        state.withLock { $0.exchanges += 1 }
    }

    func comesBack(after duration: Duration) {
        state.withLock { state in
            state.exchanges -= 1
            state.spent += duration
        }
    }
}

/// The time of a process that can be stopped: it sleeps on until it goes on.
struct StoppableTime: TimeSource {
    let machine: MachineTime
    let door: ProcessDoor

    func now() -> MonotonicInstant { machine.now() }
    func unixTime() -> UnixTime { machine.unixTime() }

    func sleep(until deadline: MonotonicInstant) async throws {
        try await machine.sleep(until: deadline)
        await door.pass()
    }
}

/// The store as a process sees it that can be stopped; with a seeded bug, if there is one.
struct StoppableTier: RemoteTier {
    let node: ScriptedNode
    let store: ScriptedRemoteTier
    let door: ProcessDoor
    let time: ManualTimeSource
    let ledger: LeaseLedger
    let process: Int
    let bug: SeededLeaseBug?

    var address: String { node.address }

    func through<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        await door.pass()
        door.setsOut()
        let started = time.now()
        let outcome: Result<Answer, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        door.comesBack(after: started.duration(to: time.now()))
        await door.pass()
        return try outcome.get()
    }

    func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        try await through { try await node.read(names, with: details, timeout: timeout) }
    }

    func write(
        _ writes: [RemoteWrite],
        timeout: Duration
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        try await through { try await node.write(writes, timeout: timeout) }
    }

    func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
        try await through { try await node.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout) }
    }

    func plant(
        _ names: [String],
        timeToLive: Duration,
        timeout: Duration
    ) async throws -> [Result<RemoteToken, RemoteTierError>] {
        try await through { try await node.plant(names, timeToLive: timeToLive, timeout: timeout) }
    }

    func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
        try await through { try await node.marks(name, noting: clear, timeout: timeout) }
    }

    func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
        try await through { try await node.sweep(names, stamp: stamp, format: format, timeout: timeout) }
    }

    func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
        try await through { try await node.expire(names, stamp: stamp, timeout: timeout) }
    }

    func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        try await through { try await node.tags(steps, timeout: timeout) }
    }

    func time(timeout: Duration) async throws -> Stamp {
        try await through { try await node.time(timeout: timeout) }
    }
}
