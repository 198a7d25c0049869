import Recuerde
import RecuerdeTesting
import Synchronization

/// A scripted remote tier that tells its nodes of changes, as client tracking does: each node once for each entry that it has read since, and of
/// its own writes of entries too.
final class NoticeBoard: Sendable {
    /// What becomes of notices for a node.
    enum Delivery: Sendable {
        case atOnce
        /// Kept until ``NoticeBoard/deliver(to:)``.
        case held
        /// Lost without anyone's noticing.
        case lost
    }

    private struct Listener {
        weak var listener: (any InvalidationListener)?
        var line: InvalidationLine?
        var tracked: Set<String> = []
        var delivery = Delivery.atOnce
        var held: [String] = []
        /// Whether notices of own writes come behind the answer, as of Redis 7.0, and later than it is dealt with.
        var ownComeLate = false
        var ownHeld: [String] = []

        var ear: (any InvalidationListener, InvalidationLine)? {
            guard let listener, let line else { return nil }
            return (listener, line)
        }
    }

    private let listeners = Mutex<[Int: Listener]>([:])
    private let remote: ScriptedRemoteTier

    init(_ remote: ScriptedRemoteTier) {
        self.remote = remote
    }

    /// The remote tier as one node sees it.
    func node(_ number: Int) -> Node {
        Node(number: number, board: self, remote: remote)
    }

    func setDelivery(_ delivery: Delivery, to node: Int) {
        listeners.withLock { $0[node]?.delivery = delivery }
    }

    /// Tells what was held.
    func deliver(to node: Int) {
        let (ear, names) = listeners.withLock { listeners in
            defer { listeners[node]?.held = [] }
            listeners[node]?.delivery = .atOnce
            return (listeners[node]?.ear, listeners[node]?.held ?? [])
        }
        if let (listener, line) = ear { listener.changed(names, on: line) }
    }

    /// Tells of changes over a line that does not stand yet.
    func tellWithoutLine(_ names: [String], to node: Int) {
        listeners.withLock { $0[node]?.listener }?.changed(names, on: nil)
    }

    func letOwnComeLate(to node: Int) {
        listeners.withLock { $0[node]?.ownComeLate = true }
    }

    /// Tells of own writes what was held.
    func deliverOwn(to node: Int) {
        let (ear, names) = listeners.withLock { listeners in
            defer { listeners[node]?.ownHeld = [] }
            return (listeners[node]?.ear, listeners[node]?.ownHeld ?? [])
        }
        if let (listener, line) = ear { listener.changed(names, on: line) }
    }

    fileprivate func changeByOwner(_ names: [String], node: Int) {
        let ear = listeners.withLock { listeners -> (any InvalidationListener, InvalidationLine)? in
            guard listeners[node]?.ownComeLate == true else { return listeners[node]?.ear }
            listeners[node]?.ownHeld += names
            return nil
        }
        if let (listener, line) = ear { listener.changed(names, on: line) }
    }

    /// The node's line breaks.
    func cut(_ node: Int) {
        let (listener, line) = listeners.withLock { listeners in
            defer {
                listeners[node]?.line = nil
                listeners[node]?.tracked = []
            }
            return (listeners[node]?.listener, listeners[node]?.line)
        }
        if let line { listener?.closed(line) }
    }

    /// A new line.
    func join(_ node: Int) {
        let line = listeners.withLock { $0[node]?.listener }?.opened(tellsOwnWrites: true)
        listeners.withLock { $0[node]?.line = line }
    }

    func prove(_ node: Int, before: Duration = .zero) {
        let (listener, line) = listeners.withLock { ($0[node]?.listener, $0[node]?.line) }
        if let line { listener?.proved(line, before: before) }
    }

    /// Everything is lost, and everyone is told so.
    func flush() {
        remote.loseData()
        let told = listeners.withLock { listeners in
            for number in listeners.keys { listeners[number]?.tracked = [] }
            return listeners
        }
        for (number, told) in told {
            guard let line = told.line else { continue }
            let next = told.listener?.changedAll(line)
            listeners.withLock { $0[number]?.line = next }
        }
    }

    /// Another program has changed entries.
    func change(_ names: [String], by node: Int? = nil, toAll: Bool = false) {
        let told = listeners.withLock { listeners in
            var told: [(any InvalidationListener, InvalidationLine, [String])] = []
            for number in listeners.keys where number != node {
                let concerned = names.filter { listeners[number]?.tracked.remove($0) != nil || toAll }
                guard !concerned.isEmpty, let (listener, line) = listeners[number]?.ear else { continue }
                switch listeners[number]?.delivery {
                case .atOnce: told.append((listener, line, concerned))
                case .held: listeners[number]?.held += concerned
                case .lost, nil: break
                }
            }
            return told
        }
        for (listener, line, names) in told { listener.changed(names, on: line) }
    }

    fileprivate func track(_ names: [String], for node: Int) {
        listeners.withLock { listeners in
            if listeners[node]?.line != nil { listeners[node]?.tracked.formUnion(names) }
        }
    }

    fileprivate func line(of node: Int) -> InvalidationLine? {
        listeners.withLock { $0[node]?.line }
    }

    fileprivate func add(_ listener: any InvalidationListener, as node: Int) {
        listeners.withLock { $0[node] = Listener(listener: listener) }
        join(node)
    }

    /// One node's view.
    final class Node: RemoteTier, LeaseStore {
        private let number: Int
        private let board: NoticeBoard
        private let remote: ScriptedRemoteTier
        private let interlude = Mutex<(@Sendable () async -> Void)?>(nil)
        private let fault = Mutex<RemoteTierError?>(nil)

        fileprivate init(number: Int, board: NoticeBoard, remote: ScriptedRemoteTier) {
            self.number = number
            self.board = board
            self.remote = remote
        }

        /// What happens once, when the next exchange has been carried out and its answer is under way.
        func beforeNextAnswer(_ body: @escaping @Sendable () async -> Void) {
            interlude.withLock { $0 = body }
        }

        /// What this node's exchanges fail with from now on, while others reach the store; nil for nothing.
        func cutOff(_ error: RemoteTierError? = RemoteTierError(.unavailable, "scripted to be cut off")) {
            fault.withLock { $0 = error }
        }

        private func reach() throws {
            if let error = fault.withLock(\.self) { throw error }
        }

        private func answer() async {
            let body = interlude.withLock { interlude in
                defer { interlude = nil }
                return interlude
            }
            await body?()
        }

        var address: String { remote.address }

        func listen(_ listener: any InvalidationListener) {
            board.add(listener, as: number)
        }

        func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? {
            board.line(of: number).map { RemoteWitness(line: $0) }
        }

        func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
            try reach()
            board.track(names, for: number)
            let read = try await remote.read(names, with: details, timeout: timeout)
            await answer()
            return read
        }

        func write(
            _ writes: [RemoteWrite],
            timeout: Duration
        ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
            try reach()
            let outcomes = try await remote.write(writes, timeout: timeout)
            board.track(writes.map(\.name), for: number)
            for (write, outcome) in zip(writes, outcomes) {
                guard let outcome = try? outcome.get() else { continue }
                // One that is not done may have taken away what was expired since.
                guard outcome.applied || (outcome.existed && remote.record(write.name) == nil), !outcome.isUnchanged
                else {
                    continue
                }
                board.change([write.name], by: number)
                if write.format == .envelope, outcome.existed || write.operation.isStore {
                    board.changeByOwner([write.name], node: number)
                }
            }
            await answer()
            return outcomes
        }

        func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
            try reach()
            return try await remote.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
        }

        func plant(
            _ names: [String],
            timeToLive: Duration,
            timeout: Duration
        ) async throws -> [Result<RemoteToken, RemoteTierError>] {
            try reach()
            return try await remote.plant(names, timeToLive: timeToLive, timeout: timeout)
        }

        func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
            try reach()
            return try await remote.marks(name, noting: clear, timeout: timeout)
        }

        func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
            try reach()
            let there = names.filter { remote.record($0) != nil }
            let count = try await remote.sweep(names, stamp: stamp, format: format, timeout: timeout)
            // The node that sweeps hears of it as the others do.
            board.change(there.filter { remote.record($0) == nil })
            return count
        }

        func expire(_ names: [String], stamp: Stamp, timeout: Duration) async throws -> Int {
            try reach()
            let before = names.map { remote.record($0)?.bytes }
            if names.count == 1 { board.track(names, for: number) }
            let count = try await remote.expire(names, stamp: stamp, timeout: timeout)
            board.change(zip(names, before).filter { remote.record($0)?.bytes != $1 }.map(\.0))
            // One alone is looked at once more.
            if names.count == 1 { board.track(names, for: number) }
            return count
        }

        func tags(
            _ steps: [RemoteTagStep],
            timeout: Duration
        ) async throws -> [Result<RemoteTag, RemoteTierError>] {
            try reach()
            board.track(steps.map(\.name), for: number)
            let outcomes = try await remote.tags(steps, timeout: timeout)
            for (step, outcome) in zip(steps, outcomes) {
                guard let tag = try? outcome.get(), tag.isChanged else { continue }
                board.change([step.name], by: number)
                board.changeByOwner([step.name], node: number)
            }
            await answer()
            return outcomes
        }

        func time(timeout: Duration) async throws -> Stamp {
            try reach()
            let time = try await remote.time(timeout: timeout)
            await answer()
            return time
        }

        // MARK: Leases

        var leases: (any LeaseStore)? { remote.leases == nil ? nil : self }

        func acquire(
            _ lease: LeaseName,
            owner: String,
            timeToLive: Duration,
            timeout: Duration
        ) async throws -> LeaseAnswer {
            try reach()
            return try await remote.acquire(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
        }

        func renew(
            _ lease: LeaseName,
            owner: String,
            timeToLive: Duration,
            timeout: Duration
        ) async throws -> Bool {
            try reach()
            return try await remote.renew(lease, owner: owner, timeToLive: timeToLive, timeout: timeout)
        }

        func release(_ lease: LeaseName, owner: String, timeout: Duration) async throws -> Bool {
            try reach()
            return try await remote.release(lease, owner: owner, timeout: timeout)
        }

        func heed(_ lease: LeaseName, _ wake: @escaping @Sendable () -> Void) -> LeaseEar {
            remote.heed(lease, wake)
        }
    }
}
